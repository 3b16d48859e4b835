from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mitigations.models import Decision, Mitigation, Pairing, Team
from mitigations.policies.lifecycle import Status
from mitigations.policies.rules import WiderThan
from tests.making import make_mitigation, make_pairing, make_protected, make_rule, make_rulebook
from tests.people import Cast, browser_of, make_person
from tests.views.facts import deeds, everything, everything_but_the_log
from tests.views.many import THREE, ask_many
from tests.views.pages import Element, Page


@pytest.fixture
def lee(signed_in) -> Client:
    return signed_in("lee")


@pytest.fixture
def dana(signed_in) -> Client:
    return signed_in("dana")


@pytest.fixture
def pairing(cast: Cast) -> Pairing:
    return make_pairing()


@pytest.fixture
def three(dana: Client, pairing: Pairing) -> list[Mitigation]:
    return ask_many(dana, pairing, *THREE)


def place(made: list[Mitigation], deed: str = "decide/") -> str:
    return f"/mitigations/{made[0].reference}/together/{deed}"


def decide(client: Client, made: list[Mitigation], verdict: str = "approve", *, on: Any = None, **typed: str) -> Any:
    """On all of them, or on those that are named."""
    references = [each.reference for each in made] if on is None else on
    return client.post(place(made), {"references": references, "verdict": verdict, **typed})


def statuses(made: list[Mitigation]) -> list[str]:
    return [Mitigation.objects.get(pk=each.pk).status for each in made]


def boxes(page: Page) -> list[Element]:
    return page.main.all("input", type="checkbox")


def ticked(answer: Any) -> list[str]:
    return [box.attributes["value"] for box in boxes(Page(answer)) if "checked" in box.attributes]


def references(made: list[Mitigation]) -> list[str]:
    return [each.reference for each in made]


class TestThePageToDecide:
    def test_says_once_what_is_asked_for_and_who_must_agree(self, lee: Client, three: list[Mitigation]) -> None:
        page = Page(lee.get(place(three)))
        assert page.heading == "Decide on 3"
        assert page.said("p", class_="rule") == ["Each: Needs 1 approval by somebody else."]
        assert "drops all traffic to the target, for 1 h 30 min" in page.main.all("p", class_="lead")[0].text

    def test_has_ticked_those_of_which_nothing_is_to_be_said(self, lee: Client, three: list[Mitigation]) -> None:
        assert ticked(lee.get(place(three))) == references(three)

    def test_has_not_ticked_what_is_to_be_looked_at(self, lee: Client, dana: Client, pairing: Pairing) -> None:
        one, wide, inside = ask_many(dana, pairing, "203.0.113.1", "198.51.100.0/28", "198.51.100.7")
        answer = lee.get(place([one]))
        assert ticked(answer) == [one.reference]
        assert Page(answer).said("h2") == ["2 to look at closely", "1 clear"]
        assert [box.attributes["value"] for box in boxes(Page(answer))] == references([wide, inside, one])

    def test_takes_no_overlap_within_the_list_for_news(self, lee: Client, dana: Client, pairing: Pairing) -> None:
        made = ask_many(dana, pairing, "198.51.100.0/28", "198.51.100.7")
        assert Page(lee.get(place(made))).main.all(class_="changed") == []

    def test_has_not_ticked_what_is_blocked_by_now(self, lee: Client, three: list[Mitigation], cast: Cast) -> None:
        make_protected("203.0.113.2/32", owner=cast.max)
        answer = lee.get(place(three))
        assert ticked(answer) == references([three[0], three[2]])
        assert Page(answer).said("h2")[0] == "1 blocked by now"

    def test_tells_once_what_has_changed_for_several(self, lee: Client, three: list[Mitigation], cast: Cast) -> None:
        make_protected("203.0.113.0/24", owner=cast.max, severity="review")
        (changed,) = Page(lee.get(place(three))).main.all("li", class_="finding-review")
        assert changed.text.startswith("Look closely, new since it was asked for: Each touches 203.0.113.0/24")

    def test_says_for_how_many_where_the_rules_differ(self, lee: Client, dana: Client, pairing: Pairing) -> None:
        make_rulebook(make_rule("it is wide", WiderThan(ipv4=31, ipv6=127)))
        page = Page(lee.get(place(ask_many(dana, pairing, *THREE))))
        assert page.said("p", class_="rule")[:2] == [
            "2: Needs 1 approval by somebody else.",
            "1: Needs 2 approvals, because it is wide (rule 1).",
        ]

    def test_of_one_that_was_asked_for_alone_is_the_same_page(self, lee: Client, cast: Cast) -> None:
        assert Page(lee.get(place([make_mitigation()]))).heading == "Decide on 1"

    def test_says_when_nothing_waits_any_more(self, lee: Client, three: list[Mitigation]) -> None:
        decide(lee, three)
        assert "None of them waits for you any more." in Page(lee.get(place(three))).main.text

    @pytest.mark.parametrize("reference", ["MIT-99999", "MIT-0"])
    def test_of_nothing_is_not_found(self, reference: str, lee: Client) -> None:
        assert lee.get(f"/mitigations/{reference}/together/decide/").status_code == 404


class TestTicking:
    @pytest.mark.parametrize(("tick", "count"), [("all", 3), ("clear", 1), ("none", 0), ("fish", 0)])
    def test_takes_one_press(
        self, tick: str, count: int, lee: Client, dana: Client, pairing: Pairing, cast: Cast
    ) -> None:
        made = ask_many(dana, pairing, "203.0.113.1", "198.51.100.0/28", "198.51.100.7")
        assert len(ticked(lee.post(place(made), {"tick": tick}))) == count

    def test_keeps_the_note_and_decides_nothing(self, lee: Client, three: list[Mitigation]) -> None:
        before = everything()
        answer = lee.post(place(three), {"tick": "none", "note": "Seen."})
        assert Page(answer).typed == {"note": "Seen."}
        assert everything() == before


class TestDeciding:
    def test_on_all_approves_each_with_the_note(self, lee: Client, three: list[Mitigation]) -> None:
        answer = decide(lee, three, note="Seen it too.")
        assert (answer.headers["Location"], statuses(three)) == ("/approvals/", [Status.APPROVED] * 3)
        assert set(Decision.objects.values_list("decided_by__username", "note")) == {("lee", "Seen it too.")}

    def test_leaves_an_event_for_each(self, lee: Client, three: list[Mitigation]) -> None:
        decide(lee, three)
        assert deeds()[-3:] == [("lee", "mitigation.approved", "done")] * 3

    def test_says_how_many(self, lee: Client, three: list[Mitigation]) -> None:
        decide(lee, three)
        assert Page(lee.get("/approvals/")).notices == ["You approved 3 of 3."]

    def test_on_some_leaves_the_others(self, lee: Client, three: list[Mitigation]) -> None:
        decide(lee, three, on=references(three[1:2]))
        assert statuses(three) == [Status.PENDING, Status.APPROVED, Status.PENDING]

    def test_leaves_the_others_to_be_decided_on_next(self, lee: Client, three: list[Mitigation]) -> None:
        decide(lee, three, on=references(three[:2]))
        decide(lee, three, "reject", on=references(three[2:]), note="Too wide.")
        assert statuses(three) == [Status.APPROVED, Status.APPROVED, Status.REJECTED]

    def test_rejects_with_the_reason(self, lee: Client, three: list[Mitigation]) -> None:
        decide(lee, three, "reject", note="Wrong shop.")
        assert set(Mitigation.objects.values_list("status", "status_note")) == {(Status.REJECTED, "Wrong shop.")}

    def test_with_none_ticked_decides_nothing_and_says_so(self, lee: Client, three: list[Mitigation]) -> None:
        before = everything()
        answer = decide(lee, three, on=[], note="Seen.")
        assert (answer.status_code, everything()) == (422, before)
        assert "Tick those that you mean." in Page(answer).alarms[0]
        assert Page(answer).typed == {"note": "Seen."}

    def test_rejecting_without_a_note_keeps_what_was_ticked(self, lee: Client, three: list[Mitigation]) -> None:
        answer = decide(lee, three, "reject", on=references(three[1:]))
        assert (answer.status_code, ticked(answer)) == (422, references(three[1:]))
        assert "Say why" in Page(answer).alarms[0]
        assert statuses(three) == [Status.PENDING] * 3

    def test_without_a_button_decides_nothing(self, lee: Client, three: list[Mitigation]) -> None:
        before = everything()
        answer = lee.post(place(three), {"references": references(three[:1]), "note": "Seen."})
        assert (answer.status_code, everything(), ticked(answer)) == (422, before, references(three[:1]))

    def test_needs_the_csrf_token(self, cast: Cast, three: list[Mitigation]) -> None:
        client = browser_of(cast.lee, enforce_csrf_checks=True)
        assert decide(client, three).status_code == 403
        assert not Decision.objects.exists()


class TestWhatCannotBeDecided:
    @pytest.fixture
    def withdrawn(self, dana: Client, three: list[Mitigation]) -> Mitigation:
        dana.post(f"/mitigations/{three[1].reference}/withdraw/")
        return three[1]

    def test_because_it_was_withdrawn_keeps_no_other_from_it(
        self, lee: Client, three: list[Mitigation], withdrawn: Mitigation
    ) -> None:
        decide(lee, three)
        assert statuses(three) == [Status.APPROVED, Status.WITHDRAWN, Status.APPROVED]

    def test_is_told_with_why_and_a_link(self, lee: Client, three: list[Mitigation], withdrawn: Mitigation) -> None:
        answer = decide(lee, three)
        page = Page(answer)
        assert (answer.status_code, page.notices) == (409, ["You approved 2 of 3."])
        assert page.alarms == [f"1 was not decided {withdrawn.reference} : This mitigation was withdrawn."]
        assert page.links[withdrawn.reference] == f"/mitigations/{withdrawn.reference}/"

    def test_because_it_is_blocked_by_now_stays_ticked(self, lee: Client, three: list[Mitigation], cast: Cast) -> None:
        make_protected("203.0.113.2/32", owner=cast.max)
        answer = decide(lee, three, note="Go.")
        assert (ticked(answer), Page(answer).typed["note"]) == (references(three[1:2]), "Go.")
        assert statuses(three) == [Status.APPROVED, Status.PENDING, Status.APPROVED]

    def test_because_it_changed_while_lee_looked_is_shown_anew(
        self, lee: Client, three: list[Mitigation], cast: Cast
    ) -> None:
        (shown,) = Page(lee.get(place(three))).main.all("input", name="shown")
        make_protected("203.0.113.2/32", owner=cast.max, severity="review")
        answer = decide(lee, three, shown=shown.attributes["value"])
        assert "Something about it changed while you were looking." in Page(answer).alarms[0]
        assert statuses(three) == [Status.APPROVED, Status.PENDING, Status.APPROVED]

    @pytest.mark.parametrize("shown", ["fish", "MIT-1", "MIT-x y MIT-2", " ".join(["MIT-1 a"] * 2000)])
    def test_is_not_found_by_words_that_mean_nothing(self, shown: str, lee: Client, three: list[Mitigation]) -> None:
        assert decide(lee, three, "reject", note="No.", shown=shown).status_code == 302

    def test_because_somebody_else_was_first_is_told_so(self, lee: Client, signed_in, three: list[Mitigation]) -> None:
        decide(signed_in("kim"), three, on=references(three[:1]))
        assert "It was already approved by kim." in Page(decide(lee, three)).alarms[0]
        assert statuses(three) == [Status.APPROVED] * 3

    def test_twice_is_told_in_one_sentence(self, lee: Client, three: list[Mitigation]) -> None:
        decide(lee, three)
        lee.get("/approvals/")
        assert decide(lee, three).status_code == 302
        assert Page(lee.get("/approvals/")).notices == ["You had decided on 3 of 3 already."]
        assert Decision.objects.count() == 3

    @pytest.mark.parametrize("made_up", ["MIT-99999", "fish", "MIT-1'--", ""])
    def test_because_it_is_made_up_decides_nothing(self, made_up: str, lee: Client, three: list[Mitigation]) -> None:
        before = everything()
        answer = decide(lee, three, on=[*references(three), made_up])
        assert (answer.status_code, everything()) == (422, before)
        assert ticked(answer) == references(three)

    def test_because_it_is_of_another_group_decides_nothing(self, lee: Client, three: list[Mitigation]) -> None:
        other = make_mitigation(target="198.51.100.9/32")
        answer = decide(lee, three, on=[three[0].reference, other.reference])
        assert answer.status_code == 422
        assert f"{other.reference} is none of these." in Page(answer).alarms[0]
        assert not Decision.objects.exists()

    def test_because_it_is_ones_own_is_neither_shown_nor_done(self, pairing: Pairing) -> None:
        client = browser_of(make_person("both", ["requester", "approver"]))
        own = ask_many(client, pairing, *THREE)
        assert boxes(Page(client.get(place(own)))) == []
        assert "Nobody may approve their own request." in Page(decide(client, own)).alarms[0]
        assert statuses(own) == [Status.PENDING] * 3

    def test_because_another_team_must_approve_is_neither_shown_nor_done(
        self, lee: Client, dana: Client, pairing: Pairing, cast: Cast
    ) -> None:
        team = Team.objects.create(name="Edge")
        team.members.add(cast.kim)
        make_rulebook(make_rule("it is the edge", approvals=1, team=team.pk))
        made = ask_many(dana, pairing, *THREE)
        assert boxes(Page(lee.get(place(made)))) == []
        assert "Only approvals by Edge count" in Page(decide(lee, made)).alarms[0]
        assert statuses(made) == [Status.PENDING] * 3


@pytest.mark.parametrize("name", ["dana", "ana", "max", "eve"])
def test_nobody_but_approvers_decides(name: str, signed_in, three: list[Mitigation]) -> None:
    before = everything_but_the_log()
    assert decide(signed_in(name), three, note="Me.").status_code == 403
    assert everything_but_the_log() == before
    assert deeds()[-1] == (name, "mitigation.approved", "refused")


@pytest.mark.parametrize("deed", ["", "decide/"])
def test_looking_changes_nothing(deed: str, lee: Client, three: list[Mitigation]) -> None:
    before = everything()
    assert lee.get(place(three, deed), {"verdict": "approve", "tick": "all"}).status_code == 200
    assert everything() == before


class TestAllOfThem:
    def test_are_shown_from_any_of_them(self, dana: Client, three: list[Mitigation]) -> None:
        assert Page(dana.get(f"/mitigations/{three[0].reference}/together/")).said("td", data_label="Target") == [
            "203.0.113.1/32",
            "203.0.113.2/32",
            "2001:db8::/64",
        ]

    def test_are_counted_by_how_they_stand(self, lee: Client, three: list[Mitigation]) -> None:
        decide(lee, three, "reject", on=references(three[:1]), note="No.")
        (counts,) = Page(lee.get(place(three, ""))).main.all("ul", class_="counts")
        assert counts.text == "2 pending 1 rejected"

    def test_lead_an_approver_to_what_still_waits(self, lee: Client, three: list[Mitigation]) -> None:
        decide(lee, three, on=references(three[:1]))
        assert Page(lee.get(place(three, ""))).links["Decide on 2 …"] == place(three)

    def test_offer_nothing_to_decide_to_others(self, dana: Client, three: list[Mitigation]) -> None:
        assert Page(dana.get(place(three, ""))).buttons == []

    def test_are_hidden_from_whoever_has_no_role(self, signed_in, three: list[Mitigation]) -> None:
        assert signed_in("eve").get(place(three, "")).status_code == 403


class TestApprovals:
    def test_show_those_of_one_request_as_one(self, lee: Client, three: list[Mitigation]) -> None:
        (card,) = Page(lee.get("/approvals/")).main.all("article")
        assert card.all("h2")[0].text == f"3 targets, asked for at once {three[0].reference}"
        assert Page(lee.get("/approvals/")).links["Decide on 3 …"] == place(three)

    def test_show_how_many_there_are_and_only_the_first(self, lee: Client, dana: Client, pairing: Pairing) -> None:
        ask_many(dana, pairing, *(f"203.0.113.{last}" for last in range(120)))
        (card,) = Page(lee.get("/approvals/")).main.all("article")
        assert len(card.all("li")) == 8
        assert "The first 8 of 120." in card.text

    def test_show_others_beside_a_large_one(self, lee: Client, dana: Client, pairing: Pairing) -> None:
        ask_many(dana, pairing, *(f"203.0.113.{last}" for last in range(120)))
        other = make_mitigation(target="198.51.100.9/32")
        assert other.reference in Page(lee.get("/approvals/")).main.text

    def test_show_the_last_one_that_waits_alone(self, lee: Client, three: list[Mitigation]) -> None:
        decide(lee, three, on=references(three[:2]))
        assert "Approve …" in Page(lee.get("/approvals/")).links


def test_the_page_takes_as_many_queries_for_many_as_for_few(lee: Client, dana: Client, pairing: Pairing) -> None:
    def queries(made: list[Mitigation], deed: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            lee.get(place(made, deed))
        return len(captured)

    few = ask_many(dana, pairing, *THREE)
    many = ask_many(dana, pairing, *(f"198.51.100.{last}" for last in range(200)))
    for deed in ("", "decide/"):
        assert queries(many, deed) == queries(few, deed)
