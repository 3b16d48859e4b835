from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mitigations.models import Mitigation, Pairing
from mitigations.policies.lifecycle import Status
from mitigations.policies.rules import WiderThan
from mitigations.selectors.rules import Judgement
from mitigations.services import together
from tests.making import NOW, make_mitigation, make_pairing, make_protected, make_rule, make_rulebook
from tests.people import Cast, make_person
from tests.views.facts import deeds, everything, everything_but_the_log
from tests.views.many import MANY, THREE, ask_many, pasted, press
from tests.views.pages import Page


@pytest.fixture
def pairing(cast: Cast) -> Pairing:
    return make_pairing()


@pytest.fixture
def dana(signed_in) -> Client:
    return signed_in("dana")


def summary(answer: Any) -> str:
    return Page(answer).main.all("section", class_="judged")[0].all("h2")[0].text


def pressable(answer: Any) -> list[str]:
    """The named buttons, without the one for Enter."""
    buttons = [each for each in Page(answer).main.all("button") if each.attributes.get("name") != "lasts"]
    return [each.text for each in buttons if "hidden" not in each.classes]


def hosts(count: int) -> list[str]:
    return [f"{net}.{last}" for net in ("203.0.113", "198.51.100") for last in range(256)][:count]


class TestThePage:
    def test_asks_for_targets_and_terms_and_offers_to_check_them(self, dana: Client, pairing: Pairing) -> None:
        answer = dana.get(MANY)
        assert set(Page(answer).typed) == {*pasted(pairing), "file"}
        assert pressable(answer) == ["Check"]

    def test_is_linked_from_asking_for_one(self, dana: Client, pairing: Pairing) -> None:
        assert Page(dana.get("/mitigations/new/")).links["Many at once"] == MANY

    @pytest.mark.parametrize("name", ["lee", "kim", "ana", "max", "eve"])
    def test_is_for_requesters_and_remembers_who_tried(self, name: str, signed_in, pairing: Pairing) -> None:
        before = everything_but_the_log()
        assert press(signed_in(name), pairing, *THREE, button="ask").status_code == 403
        assert everything_but_the_log() == before
        assert deeds() == [(name, "mitigation.asked", "refused")]


class TestChecking:
    def test_changes_nothing(self, dana: Client, pairing: Pairing) -> None:
        before = everything()
        assert press(dana, pairing, *THREE).status_code == 200
        assert everything() == before

    def test_says_in_one_line_how_it_stands(self, dana: Client, pairing: Pairing, cast: Cast) -> None:
        make_protected("203.0.113.3/32", owner=cast.max, severity="review")
        answer = press(dana, pairing, *THREE, "203.0.113.3", "fish")
        assert summary(answer) == "5 targets: 3 clear, 1 to look at closely, 1 cannot be asked for"

    def test_lists_the_clear_ones_without_a_word(self, dana: Client, pairing: Pairing) -> None:
        (clear,) = Page(press(dana, pairing, *THREE)).main.all("details", class_="clear")
        assert clear.text == "3 clear 203.0.113.1/32 203.0.113.2/32 2001:db8::/64"

    def test_says_once_who_must_agree(self, dana: Client, pairing: Pairing) -> None:
        page = Page(press(dana, pairing, *THREE))
        assert page.said("p", class_="rule") == ["Each: Needs 1 approval by somebody else."]

    def test_says_for_how_many_where_the_rules_differ(self, dana: Client, pairing: Pairing) -> None:
        make_rulebook(make_rule("it is wide", WiderThan(ipv4=31, ipv6=127)))
        page = Page(press(dana, pairing, *THREE))
        assert page.said("p", class_="rule")[:2] == [
            "2: Needs 1 approval by somebody else.",
            "1: Needs 2 approvals, because it is wide (rule 1).",
        ]

    def test_says_once_what_speaks_against_several(self, dana: Client, pairing: Pairing, cast: Cast) -> None:
        make_protected("203.0.113.0/24", owner=cast.max, severity="review")
        (group,) = Page(press(dana, pairing, "203.0.113.1", "", "203.0.113.2")).main.all("ul", class_="piled")
        assert "Each touches 203.0.113.0/24, which is protected" in group.text
        assert "203.0.113.1/32 line 1 203.0.113.2/32 line 3" in group.text

    def test_tells_of_overlaps_within_the_list(self, dana: Client, pairing: Pairing) -> None:
        answer = press(dana, pairing, "203.0.113.0/28", "203.0.113.7")
        assert summary(answer) == "2 targets: 2 to look at closely"
        assert "It overlaps 203.0.113.7/32, which is asked for together with it." in Page(answer).main.text

    def test_tells_of_what_stands_twice(self, dana: Client, pairing: Pairing) -> None:
        answer = press(dana, pairing, "203.0.113.7", "203.0.113.7/32")
        assert "203.0.113.7/32 stands in line 1 already." in Page(answer).main.text

    def test_links_to_the_one_that_holds_a_target(self, dana: Client, pairing: Pairing) -> None:
        other = make_mitigation(Status.ACTIVE, target="203.0.113.1/32")
        assert Page(press(dana, pairing, *THREE)).links[other.reference] == f"/mitigations/{other.reference}/"

    def test_offers_to_ask_for_as_many_as_there_are(self, dana: Client, pairing: Pairing) -> None:
        assert pressable(press(dana, pairing, *THREE)) == ["Check again", "Ask for all 3"]

    def test_tells_beforehand_that_nobody_could_agree(self, pairing: Pairing) -> None:
        make_rulebook(make_rule("it is huge", approvals=5))
        client = Client()
        client.force_login(make_person("rob", ["requester"]))
        page = Page(press(client, pairing, *THREE))
        assert "nobody could agree to it" in page.main.text
        assert "disabled" in page.main.all("button", name="ask")[0].attributes

    def test_without_a_reason_still_shows_the_lines(self, dana: Client, pairing: Pairing) -> None:
        answer = press(dana, pairing, *THREE, reason="")
        assert (answer.status_code, summary(answer)) == (422, "3 targets: 3 clear")
        assert "This field is required." in Page(answer).alarms[0]


class TestWhatWasTyped:
    @pytest.mark.parametrize(
        ("lines", "changes"),
        [
            (("203.0.113.1", "fish"), {}),
            ((), {}),
            (("# nothing yet",), {}),
            (THREE, {"reason": ""}),
            (THREE, {"pairing": ""}),
            (THREE, {"minutes_before_auto_stop": "-1"}),
            (THREE, {"comment": "x" * 201}),
            (("10.0.0.1", "203.0.113.1"), {}),
            (tuple(hosts(501)), {}),
        ],
    )
    @pytest.mark.parametrize("button", ["", "ask"])
    def test_stands_there_again_after_every_refusal(
        self, button: str, lines: tuple[str, ...], changes: dict[str, str], dana: Client, pairing: Pairing
    ) -> None:
        answer = press(dana, pairing, *lines, button=button, **changes)
        assert Page(answer).typed == {**pasted(pairing, *lines, **changes), "file": ""}
        assert not Mitigation.objects.exists()

    def test_of_501_targets_is_told_in_one_sentence(self, dana: Client, pairing: Pairing) -> None:
        answer = press(dana, pairing, *hosts(501), button="ask")
        assert answer.status_code == 422
        assert "These are 501 targets, and at most 500 can be asked for at once." in Page(answer).alarms[0]

    def test_becomes_no_part_of_the_page(self, dana: Client, pairing: Pairing) -> None:
        text = "</textarea><script>alert(1)</script>"
        answer = press(dana, pairing, text, "203.0.113.1")
        assert "<script>alert" not in answer.content.decode()
        assert Page(answer).typed["targets"] == f"{text}\n203.0.113.1"


class TestAFile:
    def upload(self, client: Client, pairing: Pairing, content: bytes, name: str = "targets.txt", **typed: str) -> Any:
        file = SimpleUploadedFile(name, content)
        return client.post(MANY, {**pasted(pairing), **typed, "file": file})

    def test_is_shown_as_if_it_had_been_pasted(self, dana: Client, pairing: Pairing) -> None:
        answer = self.upload(dana, pairing, b"203.0.113.1\n203.0.113.2 # shop\n")
        assert Page(answer).typed["targets"] == "203.0.113.1\n203.0.113.2 # shop\n"
        assert summary(answer) == "2 targets: 2 clear"

    def test_of_csv_gives_its_first_column(self, dana: Client, pairing: Pairing) -> None:
        answer = self.upload(dana, pairing, b"ip_cidr,note\r\n203.0.113.1,shop\r\n", "targets.csv")
        assert Page(answer).typed["targets"].split() == ["203.0.113.1"]

    def test_can_be_asked_for_at_once(self, dana: Client, pairing: Pairing) -> None:
        self.upload(dana, pairing, b"203.0.113.1\n203.0.113.2\n", ask="1")
        assert [each.target for each in Mitigation.objects.order_by("pk")] == ["203.0.113.1/32", "203.0.113.2/32"]

    def test_is_kept_when_something_else_is_missing(self, dana: Client, pairing: Pairing) -> None:
        answer = self.upload(dana, pairing, b"203.0.113.1", reason="")
        assert (answer.status_code, Page(answer).typed["targets"]) == (422, "203.0.113.1")

    @pytest.mark.parametrize(
        ("content", "name", "told"),
        [
            ("203.0.113.1 # Büro".encode("latin-1"), "targets.txt", "The file is not UTF-8 text."),
            (b'203.0.113.1,"open', "targets.csv", "This is no CSV, in line 1"),
            (b"", "targets.txt", "There is not a single target in it."),
            (b"#" * 1_000_001, "targets.txt", "The file is larger than 1 MB."),
        ],
    )
    def test_that_cannot_be_read_is_told_and_the_rest_stays_typed(
        self, content: bytes, name: str, told: str, dana: Client, pairing: Pairing
    ) -> None:
        answer = self.upload(dana, pairing, content, name)
        assert (answer.status_code, told in Page(answer).alarms[0]) == (422, True)
        assert Page(answer).typed == {**pasted(pairing), "file": ""}

    def test_beside_pasted_targets_is_told_and_those_stay(self, dana: Client, pairing: Pairing) -> None:
        answer = self.upload(dana, pairing, b"203.0.113.1", targets="203.0.113.2")
        assert "not both" in Page(answer).alarms[0]
        assert Page(answer).typed["targets"] == "203.0.113.2"


class TestMending:
    def test_is_offered_for_a_line_with_host_bits(self, dana: Client, pairing: Pairing) -> None:
        page = Page(press(dana, pairing, "203.0.113.1", "203.0.113.7/28"))
        assert [(each.text, each.attributes["value"]) for each in page.main.all("button", name="mend")] == [
            ("203.0.113.0/28", "2 203.0.113.7/28 203.0.113.0/28"),
            ("203.0.113.7/32", "2 203.0.113.7/28 203.0.113.7/32"),
        ]

    def test_puts_that_line_right_and_keeps_all_else(self, dana: Client, pairing: Pairing) -> None:
        lines = ("203.0.113.1 # a", "203.0.113.7/28 # b")
        answer = press(dana, pairing, *lines, button="mend=2 203.0.113.7/28 203.0.113.7/32")
        mended = ("203.0.113.1 # a", "203.0.113.7/32 # b")
        assert Page(answer).typed == {**pasted(pairing, *mended), "file": ""}
        assert summary(answer) == "2 targets: 2 clear"

    def test_asks_for_nothing(self, dana: Client, pairing: Pairing) -> None:
        before = everything()
        press(dana, pairing, "203.0.113.7/28", button="mend=1 203.0.113.7/28 203.0.113.7/32")
        assert everything() == before

    @pytest.mark.parametrize("value", ["fish", "1", "1 x", "99999999999 a b", "x a b", "1 203.0.113.7/28 "])
    def test_of_anything_else_breaks_nothing(self, value: str, dana: Client, pairing: Pairing) -> None:
        assert press(dana, pairing, "203.0.113.1", button=f"mend={value}").status_code == 200


class TestLeavingOut:
    def test_is_offered_with_what_it_does(self, dana: Client, pairing: Pairing) -> None:
        assert pressable(press(dana, pairing, *THREE, "fish", "10.0.0.1")) == ["Check again", "Leave out 2, keep 3"]

    def test_drops_the_wrong_and_the_blocked_lines_and_nothing_else(self, dana: Client, pairing: Pairing) -> None:
        answer = press(dana, pairing, "# shop", "203.0.113.1", "fish # fish", "10.0.0.1", button="drop")
        assert Page(answer).typed == {**pasted(pairing, "# shop", "203.0.113.1"), "file": ""}
        assert pressable(answer) == ["Check again", "Ask for it"]

    def test_is_not_offered_where_nothing_would_be_left(self, dana: Client, pairing: Pairing) -> None:
        assert pressable(press(dana, pairing, "fish", "10.0.0.1")) == ["Check again"]

    def test_asks_for_nothing(self, dana: Client, pairing: Pairing) -> None:
        before = everything()
        press(dana, pairing, *THREE, "fish", button="drop")
        assert everything() == before


class TestAsking:
    def test_makes_one_request_for_each_on_the_same_terms(self, dana: Client, pairing: Pairing) -> None:
        made = ask_many(dana, pairing, *THREE)
        assert [each.target for each in made] == ["203.0.113.1/32", "203.0.113.2/32", "2001:db8::/64"]
        assert {(each.minutes, each.comment, each.reason, each.ticket, each.requested_at) for each in made} == {
            (90, "UDP flood", "The shop is down since 02:50.", "INC-1", NOW)
        }

    def test_leads_to_all_of_them_and_says_so(self, dana: Client, pairing: Pairing) -> None:
        answer = press(dana, pairing, *THREE, button="ask")
        lead, *_, last = Mitigation.objects.order_by("pk")
        assert answer.headers["Location"] == f"/mitigations/{lead.reference}/together/"
        assert Page(dana.get(answer.headers["Location"])).notices == [
            f"You asked for 3: {lead.reference} to {last.reference}."
        ]

    @pytest.mark.parametrize("wrong", ["fish", "10.0.0.1", "203.0.113.9", "203.0.113.1/32"])
    def test_with_one_line_that_cannot_be_asked_for_asks_for_none(
        self, wrong: str, dana: Client, pairing: Pairing, cast: Cast
    ) -> None:
        make_protected("203.0.113.9/32", owner=cast.max)
        before = everything()
        answer = press(dana, pairing, *THREE, wrong, button="ask")
        assert (answer.status_code, everything()) == (422, before)
        assert "Nothing was asked for." in Page(answer).main.all("p", role="alert")[0].text

    def test_that_is_refused_at_the_last_moment_shows_it_beside_its_line(
        self, dana: Client, pairing: Pairing, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask_all = together.ask_all

        def protected_meanwhile(**values: Any) -> list[Mitigation]:
            make_protected("203.0.113.2/32", owner=cast.max)
            return ask_all(**values)

        monkeypatch.setattr(together, "ask_all", protected_meanwhile)
        answer = press(dana, pairing, *THREE, button="ask")
        assert (answer.status_code, summary(answer)) == (422, "3 targets: 2 clear, 1 cannot be asked for")
        assert Page(answer).alarms == []
        assert deeds() == [("dana", "mitigation.asked-together", "refused")]

    def test_of_one_is_one_request(self, dana: Client, pairing: Pairing) -> None:
        (made,) = ask_many(dana, pairing, "203.0.113.1")
        assert Page(dana.get(f"/mitigations/{made.reference}/together/")).heading == "1 asked for"


class TestADoubleClick:
    def test_makes_nothing_twice(self, dana: Client, pairing: Pairing) -> None:
        ask_many(dana, pairing, *THREE)
        before = everything_but_the_log()
        press(dana, pairing, *THREE, button="ask")
        assert everything_but_the_log() == before

    def test_leads_to_what_the_first_press_made(self, dana: Client, pairing: Pairing) -> None:
        lead, *_, last = ask_many(dana, pairing, *THREE)
        answer = press(dana, pairing, *THREE, button="ask")
        page = Page(dana.get(answer.headers["Location"]))
        assert page.notices[-1] == f"You asked for these 3 already: {lead.reference} to {last.reference}."

    def test_that_was_under_way_already_leads_there_too(
        self, dana: Client, pairing: Pairing, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        judged = press(dana, pairing, *THREE).context["judged"]
        lead, *_ = ask_many(dana, pairing, *THREE)

        def as_judged_before(wanted: object, **values: object) -> list[Judgement]:
            return [row.judgement for row in judged.rows]

        monkeypatch.setattr(together, "judge_all", as_judged_before)
        answer = press(dana, pairing, *THREE, button="ask")
        assert answer.headers["Location"] == f"/mitigations/{lead.reference}/together/"

    def test_is_none_on_other_terms(self, dana: Client, pairing: Pairing) -> None:
        ask_many(dana, pairing, *THREE)
        answer = press(dana, pairing, *THREE, button="ask", minutes_before_auto_stop="30")
        assert (answer.status_code, summary(answer)) == (422, "3 targets: 3 cannot be asked for")

    def test_is_none_by_somebody_else(self, dana: Client, pairing: Pairing) -> None:
        ask_many(dana, pairing, *THREE)
        client = Client()
        client.force_login(make_person("rob", ["requester"]))
        assert press(client, pairing, *THREE, button="ask").status_code == 422

    def test_is_none_with_one_more(self, dana: Client, pairing: Pairing) -> None:
        ask_many(dana, pairing, *THREE)
        assert press(dana, pairing, *THREE, "203.0.113.4", button="ask").status_code == 422


class TestQueries:
    def count(self, client: Client, pairing: Pairing, lines: list[str], button: str = "") -> int:
        with CaptureQueriesContext(connection) as captured:
            assert press(client, pairing, *lines, button=button).status_code in {200, 302}
        return len(captured)

    def test_checking_500_takes_as_many_as_checking_3(self, dana: Client, pairing: Pairing) -> None:
        few = self.count(dana, pairing, hosts(3))
        assert self.count(dana, pairing, hosts(500)) == few

    def test_asking_takes_the_row_and_its_event_for_each(self, dana: Client, pairing: Pairing) -> None:
        few = self.count(dana, pairing, hosts(10)[:3], "ask")
        more = self.count(dana, pairing, [f"192.0.2.{last}" for last in range(23)], "ask")
        assert more - few == 20 * 2

    def test_asking_for_500_makes_500(self, dana: Client, pairing: Pairing) -> None:
        press(dana, pairing, *hosts(500), button="ask")
        assert Mitigation.objects.count() == 500


def test_a_form_without_anything_is_told_what_is_missing(dana: Client, pairing: Pairing) -> None:
    answer = dana.post(MANY, {"ask": "1"})
    assert set(answer.context["form"].errors) == {"__all__", "pairing", "reason"}
