from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from mitigations.models import BreakGlass, Mitigation, Team
from mitigations.policies.lifecycle import FINAL, IN_FORCE, Status
from tests.making import NOW, break_glass_for, make_exchange, make_mitigation, make_pairing
from tests.people import Cast, make_person
from tests.views.pages import Element, Page

NOVEMBER = "/reports/?period=2026-11"
LENGTHS = (0, 59, 60, 299, 300, 899, 900, 3599, 3600, 14_400, 86_400, 200_000)


@pytest.fixture
def ana(signed_in) -> Client:
    return signed_in("ana")


@pytest.fixture
def full(cast: Cast) -> None:
    """Every status, both ends of the month, every length, two pairings, three people of whom two are in teams."""
    rob, ines = make_person("rob", ["requester"]), make_person("ines", ["requester"])
    Team.objects.create(name="Hosting").members.set([cast.dana, rob])
    Team.objects.create(name="Shop").members.set([rob])
    people = (cast.dana, rob, ines)
    others = make_pairing(platform_id="258", method_id="780")
    others.platform.name = "Edge Flowspec"
    others.platform.save()
    pairings = (make_pairing(), others)
    for number, status in enumerate([*Status, *[Status.ENDED] * 27]):
        at = NOW + timedelta(hours=7 * (number % 20))
        _make(number, status, at, requested_by=people[number % 3], pairing=pairings[number % 2])
    _make(60, Status.ENDED, datetime(2026, 11, 1, tzinfo=UTC))
    _make(61, Status.ENDED, datetime(2026, 11, 30, 23, 59, 59, 999_999, tzinfo=UTC))
    _make(62, Status.ENDED, datetime(2026, 10, 31, 23, 59, 59, 999_999, tzinfo=UTC))
    _make(63, Status.ENDED, datetime(2026, 12, 1, tzinfo=UTC))
    for each in Mitigation.objects.filter(status=Status.ENDED)[:3]:
        break_glass_for(each)


def _make(number: int, status: Status, at: datetime, **values: object) -> Mitigation:
    length = timedelta(seconds=LENGTHS[number % len(LENGTHS)])
    row = {"target": f"198.51.100.{number}/32", "at": at, **values}
    if status in {*IN_FORCE, Status.STOPPED, Status.ENDED}:
        row |= {"approved_at": at + length, "claimed_at": at + 2 * length}
    if status in {Status.ACTIVE, Status.STOPPED, Status.ENDED}:
        row |= {"started_at": at + 2 * length}
    if status in FINAL:
        row["closed_at"] = at + 2 * length + timedelta(hours=1)
    return make_mitigation(status, **row)


def numbers(page: Page) -> Iterator[tuple[str, int]]:
    """Every link to a list, and the number that stands there."""
    for link in page.main.all("a"):
        address = link.attributes["href"]
        if address.startswith("/mitigations/?"):
            yield address, int(re.sub(r"\D", "", _number(link)))


def _number(link: Element) -> str:
    """In the words of a column; in the row of a bar; else its own text."""
    label = link.attributes.get("aria-label")
    if label is not None:
        return label.rpartition(":")[2]
    row = link.parent.parent if link.parent is not None and link.parent.tag == "th" else None
    return row.all("td", class_="figure")[0].text if row else link.text


def count_of(client: Client, address: str) -> int:
    """How many rows the list has, page after page."""
    page = Page(client.get(address))
    assert page.status == 200, page.alarms
    rows = len(page.all("tbody")[0].all("tr")) if page.all("tbody") else 0
    onward = page.all("a", rel="next")
    return rows + (count_of(client, "/mitigations/" + onward[0].attributes["href"]) if onward else 0)


class TestTheListBehind:
    @pytest.mark.usefixtures("full")
    @pytest.mark.parametrize("period", ["2026-11", "2026-W48", "2026-11-23"])
    def test_has_exactly_as_many_rows_as_the_number_says(self, period: str, ana: Client) -> None:
        told = dict(numbers(Page(ana.get(f"/reports/?period={period}"))))
        assert len(told) > 25
        assert {address: count_of(ana, address) for address in told} == told

    @pytest.mark.usefixtures("full")
    def test_is_led_to_from_the_charts_of_every_kind(self, ana: Client) -> None:
        filters = {
            name for address, _ in numbers(Page(ana.get(NOVEMBER))) for name in re.findall(r"[?&](\w+)=", address)
        }
        assert filters == {
            "since", "until", "status", "by", "team", "approved_by", "platform", "method", "took", "glass", "live_at",
        }  # fmt: skip


class TestFigures:
    def test_are_of_what_was_asked_for_in_the_period(self, ana: Client, full: None) -> None:
        tiles = Page(ana.get(NOVEMBER)).all("dl", class_="figures")[0]
        asked = Mitigation.objects.filter(requested_at__year=2026, requested_at__month=11).count()
        assert (asked, tiles.all("dd")[0].text) == (40, "40")

    def test_tell_the_share_that_went_wrong_of_those_to_be_sent(self, ana: Client) -> None:
        for status in (Status.ENDED, Status.ENDED, Status.REFUSED, Status.UNKNOWN, Status.REJECTED):
            make_mitigation(status)
        assert "2 refused or unknown 50 % of those to be sent" in _tiles(Page(ana.get(NOVEMBER)))

    def test_count_what_was_in_force_at_the_end_whenever_it_was_asked_for(self, signed_in) -> None:
        before = NOW - timedelta(days=40)
        make_mitigation(Status.ACTIVE, at=before, minutes=0)
        make_mitigation(Status.ENDED, at=before, started_at=before, closed_at=datetime(2026, 12, 1, tzinfo=UTC))
        make_mitigation(Status.ENDED, at=before, started_at=before, closed_at=datetime(2026, 11, 30, tzinfo=UTC))
        make_mitigation(Status.ACTIVE, at=datetime(2026, 12, 1, tzinfo=UTC))
        with time_machine.travel(datetime(2027, 1, 5, tzinfo=UTC)):
            assert "2 in force at the end" in _tiles(Page(signed_in("ana").get(NOVEMBER)))

    def test_tell_how_long_approvals_took(self, ana: Client) -> None:
        for number, minutes in enumerate((1, 2, 3, 4, 100)):
            late = NOW + timedelta(minutes=minutes)
            make_mitigation(Status.ENDED, target=f"192.0.2.{number}/32", approved_at=late)
        spread = Page(ana.get(NOVEMBER)).all("dl", class_="spread")[0].text
        assert spread == "half within 3 min nine in ten within 1 h 40 min longest 1 h 40 min"

    def test_leave_out_what_nobody_had_to_approve(self, ana: Client) -> None:
        make_mitigation(Status.ENDED, approvals_needed=0)
        break_glass_for(make_mitigation(Status.ENDED))
        assert "None went through it." in Page(ana.get(NOVEMBER)).all("section", class_="timing")[0].text

    def test_say_that_there_is_nothing_to_count(self, ana: Client) -> None:
        assert Page(ana.get(NOVEMBER)).said("p", class_="empty") == ["Nothing was asked for in this time."]


def _tiles(page: Page) -> str:
    """Each number with its words after it, as they are seen."""
    return ", ".join(f"{tile.all('dd')[0].text} {tile.all('dt')[0].text}" for tile in page.all("dl")[0].all("div"))


class TestThePeriod:
    @pytest.fixture(autouse=True)
    def _now(self) -> Iterator[None]:
        with time_machine.travel(NOW, tick=False):
            yield

    def test_is_this_month_unless_another_is_named(self, ana: Client) -> None:
        assert Page(ana.get("/reports/")).heading == "Reports: November 2026"

    @pytest.mark.parametrize(
        ("query", "heading"),
        [
            ("kind=week&on=2026-11-25", "Reports: week 48 of 2026, 23 to 29 November"),
            ("kind=day&on=2026-11-25", "Reports: 25 November 2026"),
            ("on=2026-11-25", "Reports: November 2026"),
            ("period=2026-W48&kind=day&on=2025-01-01", "Reports: week 48 of 2026, 23 to 29 November"),
        ],
    )
    def test_is_told_by_the_address(self, query: str, heading: str, ana: Client) -> None:
        assert Page(ana.get(f"/reports/?{query}")).heading == heading

    @pytest.mark.parametrize("query", ["period=2026-13", "period=fish", "kind=year", "on=fish", "on=0001-01-01"])
    def test_that_is_none_is_told_and_this_month_is_shown(self, query: str, ana: Client) -> None:
        page = Page(ana.get(f"/reports/?{query}"))
        assert (page.status, page.heading, len(page.alarms)) == (422, "Reports: November 2026", 1)

    def test_leads_to_the_earlier_and_never_beyond_now(self, ana: Client) -> None:
        links = Page(ana.get("/reports/")).links
        assert links["‹ October 2026"] == "?period=2026-10"
        assert "December 2026 ›" not in links
        assert Page(ana.get("/reports/?period=2026-10")).links["November 2026 ›"] == "?period=2026-11"

    def test_stays_where_it_was_when_its_kind_changes(self, ana: Client) -> None:
        assert Page(ana.get("/reports/?period=2026-10")).links["Week"] == "?period=2026-W40"
        assert Page(ana.get("/reports/")).links["Day"] == "?period=2026-11-23"


class TestTheReportForTheFile:
    ADDRESS = "/audit/report/?period=2026-11"

    def part(self, client: Client, heading: str) -> Element:
        sections = Page(client.get(self.ADDRESS)).all("section")
        return next(each for each in sections if each.all("h2") and each.all("h2")[0].text == heading)

    def test_is_offered_to_auditors_alone(self, signed_in) -> None:
        offered = {who: "Report for the file …" in Page(signed_in(who).get(NOVEMBER)).links for who in ("ana", "max")}
        assert offered == {"ana": True, "max": False}

    def test_tells_how_long_each_step_took_and_by_whom(self, ana: Client) -> None:
        made = make_mitigation(
            Status.ENDED,
            approved_at=NOW + timedelta(minutes=4),
            claimed_at=NOW + timedelta(minutes=4, seconds=2),
            started_at=NOW + timedelta(minutes=5),
            closed_at=NOW + timedelta(minutes=65),
        )
        make_exchange(made, duration_ms=1250)
        row = self.part(ana, "Mitigations").all("tbody")[0].text
        for words in (made.reference, "by dana", "4 min by lee", "2 s", "1.3 s", "1 h", "ended"):
            assert words in row

    def test_says_how_many_there_are_when_it_lists_the_newest_only(self, ana: Client, monkeypatch) -> None:
        monkeypatch.setattr("mitigations.selectors.report_rows.LISTED", 2)
        made = [make_mitigation(Status.ENDED, at=NOW + timedelta(minutes=number)) for number in range(3)]
        part = self.part(ana, "Mitigations")
        assert "There are 3; the newest 2 are listed." in part.text
        assert [row.all("a")[0].text for row in part.all("tbody")[0].all("tr")] == [
            each.reference for each in reversed(made[1:])
        ]

    def test_tells_what_was_refused_and_why(self, ana: Client) -> None:
        make_mitigation(Status.REFUSED, status_note="Kentik said no (400).")
        make_mitigation(Status.REJECTED, status_note="Wrong host.")
        make_mitigation(Status.EXPIRED, status_note="Nobody decided in time.")
        part = self.part(ana, "Refused and rejected").text
        assert "Kentik said no (400)." in part
        assert "Wrong host." in part
        assert "Nobody decided" not in part

    def test_tells_what_is_open_also_from_before(self, ana: Client) -> None:
        old = make_mitigation(Status.ACTIVE, at=NOW - timedelta(days=60), minutes=0)
        make_mitigation(at=datetime(2026, 12, 1, tzinfo=UTC))
        rows = self.part(ana, "Still open").all("tbody")[0].all("tr")
        assert [row.all("a")[0].text for row in rows] == [old.reference]

    def test_tells_of_broken_glass_and_its_review(self, ana: Client, cast: Cast) -> None:
        broken, reviewed = make_mitigation(Status.ACTIVE), make_mitigation(Status.ACTIVE)
        break_glass_for(broken)
        glass = break_glass_for(reviewed)
        review = {"reviewed_by": cast.kim, "reviewed_at": NOW, "justified": False, "review_note": "I was awake."}
        BreakGlass.objects.filter(pk=glass.pk).update(**review)
        rows = [row.text for row in self.part(ana, "Broken glass").all("tbody")[0].all("tr")]
        assert "Not justified , kim" in rows[0]
        assert "I was awake." in rows[0]
        assert "Not reviewed yet" in rows[1]

    @pytest.mark.usefixtures("transactional_db")
    def test_tells_what_changed_of_the_plan(self, signed_in) -> None:
        with time_machine.travel(NOW - timedelta(days=30), tick=False):
            signed_in("max").post("/policy/teams/new/", {"name": "Earlier"})
        with time_machine.travel(NOW, tick=False):
            signed_in("max").post("/policy/teams/new/", {"name": "Shop"})
        with time_machine.travel(NOW, tick=False):
            part = self.part(signed_in("ana"), "Changes of rules, plan, catalogue and people").text
        assert "max saved the approving team “Shop”; 0 alarms raised" in part
        assert "Earlier" not in part

    def test_says_that_nobody_has_signed_off(self, ana: Client) -> None:
        assert self.part(ana, "Sign-offs").all("p")[0].text == "Not signed off."
