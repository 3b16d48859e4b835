"""What happened here before, as people read it: on its own page, on a mitigation's, before asking and approving."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from django.test import Client

from mitigations.models import Decision, Mitigation
from mitigations.policies.lifecycle import Status
from tests.making import NOW, break_glass_for, make_mitigation, make_pairing
from tests.people import Cast, make_person
from tests.showing import make_sighting
from tests.views.pages import Page

HOST, NET = "203.0.113.7/32", "203.0.113.0/24"
AT = f"/targets/{HOST}/"


@pytest.fixture
def ana(signed_in) -> Client:
    return signed_in("ana")


def ended(target: str = HOST, *, days_ago: float = 4, hours: int = 2, **values: Any) -> Mitigation:
    """It ran for two hours and ended so many days ago, unless the test says otherwise."""
    over = NOW - timedelta(days=days_ago)
    began = over - timedelta(hours=hours)
    return make_mitigation(Status.ENDED, target=target, at=began, started_at=began, closed_at=over, **values)


def rows(page: Page) -> list[str]:
    return [row.text for table in page.all("table", class_="history") for row in table.all("tbody")[0].all("tr")]


def told(page: Page) -> str:
    return " ".join(each.text for each in page.all("p", class_="before"))


class TestTheAddress:
    @pytest.mark.parametrize(
        ("written", "leads_to"),
        [
            ("203.0.113.7", AT),
            ("2001:DB8:0:0::7", "/targets/2001:db8::7/128/"),
            ("2001:DB8::/48", "/targets/2001:db8::/48/"),
            (" 203.0.113.7/32 ", AT),
        ],
    )
    def test_is_one_however_it_is_written(self, written: str, leads_to: str, ana: Client) -> None:
        answer = ana.get(f"/targets/{written}/?only=same")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{leads_to}?only=same")
        assert ana.get(answer.headers["Location"]).status_code == 200

    @pytest.mark.parametrize(
        ("written", "sentence"),
        [
            ("fish", "“fish” is not an IP address or prefix."),
            ("203.0.113.7/99", "/99 is too long"),
            ("%00", "is not an IP address or prefix."),
            ("../../audit", "is not an IP address or prefix."),
            ("::ffff:203.0.113.7", "Write it as 203.0.113.7."),
        ],
    )
    def test_of_what_is_no_prefix_says_so(self, written: str, sentence: str, ana: Client) -> None:
        answer = ana.get(f"/targets/{written}/")
        assert answer.status_code == 404
        assert sentence in Page(answer).main.text

    def test_with_bits_outside_offers_both_that_may_be_meant(self, ana: Client) -> None:
        links = Page(ana.get("/targets/203.0.113.7/24/")).links
        assert (links[NET], links[HOST]) == (f"/targets/{NET}/", AT)

    @pytest.mark.parametrize("query", ["before=fish", "after=-1", "before=0", "only=fish"])
    def test_with_garbage_behind_it_is_told(self, query: str, ana: Client) -> None:
        ended()
        page = Page(ana.get(f"{AT}?{query}"))
        assert (page.status, len(page.alarms), rows(page)) == (422, 1, [])

    @pytest.mark.parametrize("written", [HOST, "203.0.113.7", "fish"])
    def test_is_for_nobody_without_a_role(self, written: str, signed_in) -> None:
        mitigation = ended(reason="The shop is down.")
        answer = signed_in("eve").get(f"/targets/{written}/")
        assert answer.status_code == 403
        assert mitigation.reason not in answer.content.decode()


class TestThePage:
    def test_tells_of_each_what_why_who_how_long_and_how_it_ended(self, ana: Client) -> None:
        mitigation = ended(NET, reason="Flood on the shop.", ticket="INC-7", status_note="Its auto-stop time passed.")
        page = Page(ana.get(AT))
        (row,) = rows(page)
        for words in (
            f"{NET} {mitigation.reference} wider",
            "Flood on the shop. dana",
            "4 d 2 h ago · INC-7",
            "Edge RTBH · Drop everything lee approved",
            "2 h from 4 d 2 h ago",
            "ended 4 d ago Its auto-stop time passed.",
        ):
            assert words in row
        assert page.links[mitigation.reference] == f"/mitigations/{mitigation.reference}/"

    @pytest.mark.parametrize(
        ("status", "values", "words"),
        [
            (Status.ACTIVE, {"at": NOW - timedelta(minutes=20)}, "20 min so far"),
            (Status.UNKNOWN, {}, "perhaps"),
            (Status.PENDING, {}, "not yet"),
            (Status.EXPIRED, {}, "nobody decided never"),
            (Status.REJECTED, {"approvals_needed": 0}, "nobody had to agree never"),
        ],
    )
    def test_tells_what_did_not_run_to_its_end(self, status: Status, values: dict, words: str, ana: Client) -> None:
        make_mitigation(status, target=HOST, **values)
        assert words in rows(Page(ana.get(AT)))[0]

    def test_tells_who_rejected_and_who_broke_the_glass(self, ana: Client, cast: Cast) -> None:
        no = make_mitigation(Status.REJECTED, target=HOST)
        Decision.objects.create(mitigation=no, verdict="reject", note="No.", decided_by=cast.kim, decided_at=NOW)
        break_glass_for(make_mitigation(Status.REFUSED, target=HOST))
        newest, oldest = rows(Page(ana.get(AT)))
        assert "dana broke the glass" in newest
        assert "kim rejected" in oldest

    def test_begins_with_one_sentence(self, ana: Client) -> None:
        for days_ago in (40, 20, 4):
            ended(days_ago=days_ago)
        make_mitigation(Status.EXPIRED, target=NET, requested_by=make_person("rob", ["requester"]))
        make_mitigation(Status.PENDING, target=HOST)
        assert Page(ana.get(AT)).said("p", class_="lead")[0] == (
            "5 mitigations since 14 October 2026 , 1 of which never ran; 1 is open; mostly asked for by dana"
            "; the last one ended 4 d ago ."
        )

    def test_says_so_when_it_sums_up_the_newest_only(self, ana: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("mitigations.selectors.history.LOOKED_AT", 2)
        for _ in range(3):
            ended()
        assert "More than 2 mitigations. Of the newest 2, all since" in Page(ana.get(AT)).main.text

    def test_can_be_of_this_very_prefix_only(self, ana: Client) -> None:
        wide, host = ended(NET), ended()
        both, alone = Page(ana.get(AT)), Page(ana.get(f"{AT}?only=same"))
        assert {wide.reference, host.reference} <= both.links.keys()
        assert wide.reference not in alone.links
        assert alone.links["With what overlaps"] == AT
        assert "1 mitigation since" in alone.main.text

    def test_pages_through_all_once_and_keeps_the_filter(self, ana: Client) -> None:
        made = [ended().reference for _ in range(27)][::-1]
        ended(NET)
        pages, address = [], f"{AT}?only=same"
        while address:
            page = Page(ana.get(address))
            pages.append([row.split()[1] for row in rows(page)])
            onward = page.all("a", rel="next")
            address = AT + onward[0].attributes["href"] if onward else ""
            ended(NET)
        assert [len(each) for each in pages] == [25, 2]
        assert [*chain.from_iterable(pages)] == made

    def test_says_so_where_nothing_happened(self, ana: Client) -> None:
        ended("198.51.100.7/32")
        page = Page(ana.get(AT))
        assert "Nobody has asked for a mitigation here yet." in page.main.text
        assert rows(page) == []

    def test_lists_what_was_started_elsewhere_by_itself(self, ana: Client) -> None:
        make_pairing()
        over = {"occupies": False, "label": "Cleared", "appearance": "ended"}
        make_sighting(target=NET, comment="By the night shift", seen_at=NOW - timedelta(days=2), **over)
        make_sighting(target="198.51.100.7/32", comment="Somewhere else")
        text = Page(ana.get(AT)).main.text
        for words in ("Started elsewhere", "Cleared", "last shown 2 d ago", "By the night shift", "Edge RTBH"):
            assert words in text
        assert "Somewhere else" not in text

    def test_escapes_what_people_typed(self, ana: Client) -> None:
        ended(reason="<script>alert(1)</script>", status_note="<b>no</b>")
        text = ana.get(AT).content.decode()
        assert "<script>alert" not in text
        assert "<b>no" not in text


class TestOnTheMitigationsPage:
    def page(self, client: Client, mitigation: Mitigation) -> Page:
        return Page(client.get(f"/mitigations/{mitigation.reference}/"))

    def test_the_newest_five_others_stand_with_a_link_to_all(self, ana: Client) -> None:
        made = [ended(NET if number % 2 else HOST) for number in range(7)]
        page = self.page(ana, make_mitigation(target=HOST))
        assert "What happened here before" in page.said("h2")
        assert [row.split()[1] for row in rows(page)] == [each.reference for each in made[:1:-1]]
        assert page.links["All that happened here"] == AT

    def test_what_came_later_is_not_called_before(self, ana: Client) -> None:
        first, second = ended(), ended()
        assert "What else happened here" in self.page(ana, first).said("h2")
        assert "What happened here before" in self.page(ana, second).said("h2")

    def test_nothing_else_is_said_to_be_nothing(self, ana: Client) -> None:
        assert "Nothing else was asked for on this target." in self.page(ana, make_mitigation()).main.text


LINE = (
    "Mitigated 3 times before , 2 of these as this very prefix; last by dana 4 d 2 h ago , because “The shop is down.” "
    "What happened here before"
)


class TestInOneLine:
    @pytest.fixture(autouse=True)
    def past(self, cast: Cast) -> None:
        ended(NET, days_ago=30, requested_by=make_person("rob", ["requester"]))
        ended(days_ago=20)
        ended(days_ago=4, reason="The shop is down.")

    def previewed(self, client: Client, **typed: Any) -> str:
        answer = client.post("/mitigations/new/", {"ip_cidr": HOST, **typed}, headers={"HX-Request": "true"})
        return told(Page(answer))

    def approving(self, client: Client, **values: Any) -> Page:
        mitigation = make_mitigation(target=HOST, **values)
        return Page(client.get(f"/mitigations/{mitigation.reference}/approve/"))

    def test_whoever_asks_reads_it_as_soon_as_there_is_a_target(self, signed_in) -> None:
        assert self.previewed(signed_in("dana")) == LINE

    def test_whoever_asks_reads_it_beside_the_guardrails_too(self, signed_in) -> None:
        assert self.previewed(signed_in("dana"), pairing=make_pairing().pk) == LINE

    def test_whoever_approves_reads_it_without_the_one_at_hand(self, signed_in) -> None:
        page = self.approving(signed_in("lee"))
        assert told(page) == LINE
        assert page.links["What happened here before"] == AT

    def test_what_was_for_another_prefix_is_told_so(self, signed_in) -> None:
        line = self.previewed(signed_in("dana"), ip_cidr="203.0.113.8/32")
        assert line.startswith(f"Mitigated once before , never as this very prefix; last as {NET} by rob")

    def test_what_was_only_asked_for_is_not_called_mitigated(self, signed_in) -> None:
        make_mitigation(Status.REJECTED, target="198.51.100.9/32")
        line = self.previewed(signed_in("dana"), ip_cidr="198.51.100.9/32")
        assert line.startswith("Asked for once before, and never in force so far ; last by dana")

    def test_nothing_is_said_where_nothing_happened(self, signed_in) -> None:
        assert self.previewed(signed_in("dana"), ip_cidr="2001:db8::7") == ""
