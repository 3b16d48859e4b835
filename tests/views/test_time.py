"""Times as one person reads them, and what stays in UTC whoever reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from accounts.signing_in import record_sign_in
from audit.models import Event, Export
from mitigations.models import Mitigation
from mitigations.policies.lifecycle import Status
from mitigations.services import events, telling
from portal.ui import clock
from tests.making import NOW, make_event, make_exchange, make_mitigation
from tests.people import Cast, acting
from tests.services.auditing.exports import opened
from tests.views.pages import Page

ZONES = ("Asia/Kolkata", "America/St_Johns")
# In St. John's, clocks go back at 04:30 UTC that day: 01:30 comes twice.
AUTUMN = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)

ReadIn = Callable[[str, str], Client]


@pytest.fixture
def read_in(cast: Cast, signed_in) -> ReadIn:
    """`read_in("ana", "Asia/Kolkata")` is ana's browser, once she has chosen that zone."""

    def read_in(name: str, zone: str, **taste: Any) -> Client:
        User.objects.filter(username=name).update(time_zone=zone, **taste)
        return signed_in(name)

    return read_in


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def told(client: Client, address: str) -> list[tuple[str, str, str]]:
    """The times of a page: what is read, what stands on hover, and what a machine reads."""
    times = Page(client.get(address)).main.all("time")
    return [(time.text, time.attributes["title"], time.attributes["datetime"]) for time in times]


def without_secrets(client: Client, address: str) -> str:
    """The content of a page, but for the tokens of its forms."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", client.get(address).content.decode())


class TestOnPages:
    def test_an_exact_time_is_the_readers_with_utc_on_hover(self, read_in: ReadIn, cast: Cast) -> None:
        record_sign_in(by=acting(cast.dana), at=NOW)
        assert told(read_in("ana", "Asia/Kolkata"), "/audit/") == [
            ("2026-11-23 08:30:00 IST", "2026-11-23 03:00:00 UTC", "2026-11-23T03:00:00+00:00")
        ]

    def test_a_relative_time_has_both_on_hover(self, read_in: ReadIn) -> None:
        make_mitigation(at=NOW - timedelta(minutes=3))
        hover = "2026-11-22 23:27:00 NST, 2026-11-23 02:57:00 UTC"
        times = told(read_in("dana", "America/St_Johns"), "/mitigations/")
        assert ("3 min ago", hover, "2026-11-23T02:57:00+00:00") in times

    def test_a_countdown_has_both_on_hover(self, read_in: ReadIn) -> None:
        make_mitigation(Status.ACTIVE)
        hover = "2026-11-23 09:30:00 IST, 2026-11-23 04:00:00 UTC"
        times = told(read_in("dana", "Asia/Kolkata"), "/mitigations/")
        assert ("1 h left", hover, "2026-11-23T04:00:00+00:00") in times

    def test_a_day_may_have_twelve_hours(self, read_in: ReadIn, cast: Cast) -> None:
        record_sign_in(by=acting(cast.dana), at=NOW)
        ana = read_in("ana", "Asia/Kolkata", twelve_hours=True)
        assert told(ana, "/audit/")[0][:2] == ("2026-11-23 8:30:00 am IST", "2026-11-23 03:00:00 UTC")

    def test_the_day_of_a_target_is_the_readers(self, read_in: ReadIn) -> None:
        mitigation = make_mitigation(at=NOW - timedelta(hours=1, minutes=30))
        address = f"/targets/{mitigation.target}/"
        assert told(read_in("dana", "America/St_Johns"), address)[0][0] == "22 November 2026"
        assert told(read_in("dana", "Asia/Kolkata"), address)[0][0] == "23 November 2026"

    def test_the_hour_that_comes_twice_is_told_apart(self, read_in: ReadIn, cast: Cast) -> None:
        for hours in (0, 1):
            record_sign_in(by=acting(cast.dana), at=AUTUMN + timedelta(hours=hours))
        second, first = told(read_in("ana", "America/St_Johns"), "/audit/")
        assert (first[0], second[0]) == ("2026-11-01 01:30:00 NDT", "2026-11-01 01:30:00 NST")
        assert (first[1], second[1]) == ("2026-11-01 04:00:00 UTC", "2026-11-01 05:00:00 UTC")

    def test_somebody_who_has_chosen_none_reads_the_sites(self, signed_in, cast: Cast, settings) -> None:
        settings.TIME_ZONE = "Asia/Kolkata"
        record_sign_in(by=acting(cast.dana), at=NOW)
        assert told(signed_in("ana"), "/audit/")[0][0] == "2026-11-23 08:30:00 IST"

    def test_a_zone_that_is_gone_from_the_machine_is_the_sites(self, read_in: ReadIn, cast: Cast) -> None:
        record_sign_in(by=acting(cast.dana), at=NOW)
        assert told(read_in("ana", "Europe/Atlantis"), "/audit/")[0][0] == "2026-11-23 03:00:00 UTC"

    def test_one_readers_zone_is_not_the_next_ones(self, read_in: ReadIn, signed_in, cast: Cast) -> None:
        record_sign_in(by=acting(cast.dana), at=NOW)
        ana = read_in("ana", "Asia/Kolkata", twelve_hours=True)
        ana.get("/audit/")
        User.objects.update(time_zone="", twelve_hours=False)
        assert told(ana, "/audit/")[0][0] == "2026-11-23 03:00:00 UTC"

    def test_the_log_names_the_zone(self, read_in: ReadIn) -> None:
        assert "Times are those of Asia/Kolkata" in Page(read_in("ana", "Asia/Kolkata").get("/audit/")).main.text

    def test_the_admin_names_the_zone(self, read_in: ReadIn) -> None:
        mitigation = make_mitigation()
        address = f"/admin/mitigations/mitigation/{mitigation.pk}/change/"
        page = Page(read_in("max", "Asia/Kolkata").get(address))
        assert "times of Asia/Kolkata" in page.text
        assert "Nov. 23, 2026, 8:30 a.m." in page.text


@pytest.mark.parametrize("zone", ZONES)
class TestInUtcWhoeverReads:
    def test_what_filters_say(self, zone: str, read_in: ReadIn) -> None:
        early, late = (make_mitigation(at=AUTUMN + timedelta(minutes=minutes)) for minutes in (29, 30))
        page = Page(read_in("dana", zone).get("/mitigations/?since=2026-11-01T04:30"))
        assert late.reference in page.links
        assert early.reference not in page.links
        assert page.typed["since"] == "2026-11-01T04:30"

    def test_what_the_filters_of_the_log_say(self, zone: str, read_in: ReadIn, cast: Cast) -> None:
        for minutes in (29, 30, 31):
            record_sign_in(by=acting(cast.dana), at=AUTUMN + timedelta(minutes=minutes))
        page = Page(read_in("ana", zone).get("/audit/?since=2026-11-01+04:30&until=2026-11-01+04:30"))
        assert [row.all("td")[0].text for row in page.all("tr") if row.all("td")] == ["2"]

    def test_the_days_that_reports_count(self, zone: str, read_in: ReadIn) -> None:
        for hour in (0, 23):
            make_mitigation(at=datetime(2026, 11, 1, hour, 30, tzinfo=UTC))
        make_mitigation(at=datetime(2026, 10, 31, 23, 30, tzinfo=UTC))
        read_in("ana", zone)
        counted = [Page(read_in("ana", each).get("/reports/?period=2026-11-01")).main.text for each in ("UTC", zone)]
        assert counted[0] == counted[1]
        assert "in this time of UTC" in counted[0]

    def test_the_report_for_the_file(self, zone: str, read_in: ReadIn, cast: Cast) -> None:
        make_mitigation(Status.ACTIVE)
        make_event(events.WITHDRAWN, make_mitigation())
        address = "/audit/report/?period=2026-11"
        plain = Page(read_in("ana", "UTC").get(address)).main.text
        assert Page(read_in("ana", zone).get(address)).main.text == plain
        assert "Every time in it is in UTC" in plain

    def test_the_periods(self, zone: str, read_in: ReadIn, cast: Cast) -> None:
        for at in (AUTUMN - timedelta(hours=5), AUTUMN, datetime(2026, 11, 1, 23, 59, tzinfo=UTC)):
            record_sign_in(by=acting(cast.dana), at=at)
        page = Page(read_in("ana", zone).get("/audit/periods/2026-11-01/"))
        assert "events, 2 to 3" in page.main.text

    @pytest.mark.parametrize("what", ["events", "exchanges", "mitigations"])
    def test_what_is_exported(self, what: str, zone: str, read_in: ReadIn) -> None:
        make_exchange(make_mitigation(Status.ACTIVE, at=AUTUMN), at=AUTUMN)
        make_event(events.WITHDRAWN, make_mitigation(at=AUTUMN), at=AUTUMN)
        first, second = (_exported(read_in("ana", each), what) for each in ("UTC", zone))
        # The first export is an event, which the second one has as well.
        assert second.startswith(first)
        assert "2026-11-01T04:00:00" in first

    def test_the_record_of_a_deed(self, zone: str, read_in: ReadIn) -> None:
        mitigation = make_mitigation()
        read_in("dana", zone).post(f"/mitigations/{mitigation.reference}/withdraw/")
        event = Event.objects.get(deed=events.WITHDRAWN)
        assert '"at":"2026-11-23T03:00:00.000000+00:00"' in event.body
        assert Mitigation.objects.get().closed_at == NOW

    def test_what_messages_say(self, zone: str, read_in: ReadIn) -> None:
        mitigation = make_mitigation(Status.ACTIVE)
        make_event(events.ENDING, mitigation)
        with clock.read_in(ZoneInfo(zone), twelve_hours=True):
            said = telling.telling(Event.objects.latest("number"), portal_url="")
        assert said is not None
        assert "2026-11-23 04:00 UTC" in said.message.text


def _exported(client: Client, what: str) -> str:
    """The rows, as CSV."""
    client.post("/audit/export/", {"what": what, "format": "csv"})
    answer = client.post(f"/audit/export/{Export.objects.latest('pk').pk}/download/")
    package = opened(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    return package.read(f"{what}.csv").decode()
