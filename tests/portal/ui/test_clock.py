"""Times as one person reads them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import zones
from portal.ui import clock
from tests.making import NOW

MOMENTS = st.integers(0, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC))
ZONES = st.sampled_from(zones.offered()).map(ZoneInfo)


def told(at: datetime, zone: str, *, twelve_hours: bool = False) -> str:
    with clock.read_in(ZoneInfo(zone), twelve_hours=twelve_hours):
        return clock.own(at)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "2026-11-23 03:00:00 UTC"),
        ("Asia/Kolkata", "2026-11-23 08:30:00 IST"),
        ("America/St_Johns", "2026-11-22 23:30:00 NST"),
        ("Asia/Kathmandu", "2026-11-23 08:45:00 UTC+05:45"),
        ("America/Sao_Paulo", "2026-11-23 00:00:00 UTC-03:00"),
    ],
)
def test_a_time_is_told_in_the_readers_zone(zone: str, words: str) -> None:
    assert told(NOW, zone) == words


@pytest.mark.parametrize(
    ("hour", "words"), [(0, "12:00:00 am"), (1, "1:00:00 am"), (12, "12:00:00 pm"), (13, "1:00:00 pm")]
)
def test_a_day_may_have_twelve_hours(hour: int, words: str) -> None:
    assert told(NOW.replace(hour=hour), "UTC", twelve_hours=True) == f"2026-11-23 {words} UTC"


def test_the_hour_that_comes_twice_in_autumn_is_told_apart() -> None:
    first = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)
    both = [told(at, "America/St_Johns") for at in (first, first + timedelta(hours=1))]
    assert both == ["2026-11-01 01:30:00 NDT", "2026-11-01 01:30:00 NST"]


def test_the_hour_that_is_left_out_in_spring_is_never_told() -> None:
    last = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)
    both = [told(at, "Europe/Berlin") for at in (last, last + timedelta(seconds=1))]
    assert both == ["2026-03-29 01:59:59 CET", "2026-03-29 03:00:00 CEST"]


def test_utc_is_utc_wherever_a_time_comes_from() -> None:
    assert clock.utc(NOW.astimezone(timezone(timedelta(hours=9)))) == "2026-11-23 03:00:00 UTC"


def test_a_time_is_told_once_where_the_readers_is_utc() -> None:
    with clock.read_in(ZoneInfo("UTC"), twelve_hours=False):
        assert clock.both(NOW) == "2026-11-23 03:00:00 UTC"


def test_the_sites_zone_is_that_of_whoever_has_chosen_none(settings) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"
    with clock.read_in(None, twelve_hours=False):
        assert (clock.zone(), clock.own(NOW)) == ("Asia/Kolkata", "2026-11-23 08:30:00 IST")


def test_one_reader_leaves_nothing_to_the_next() -> None:
    with pytest.raises(ZeroDivisionError), clock.read_in(ZoneInfo("Asia/Kolkata"), twelve_hours=True):
        raise ZeroDivisionError
    assert clock.own(NOW) == "2026-11-23 03:00:00 UTC"


@given(at=MOMENTS, zone=ZONES, twelve_hours=st.booleans())
def test_what_a_machine_reads_never_depends_on_the_reader(at: datetime, zone: ZoneInfo, twelve_hours: bool) -> None:
    plain = (clock.utc(at), clock.machine(at))
    with clock.read_in(zone, twelve_hours=twelve_hours):
        assert (clock.utc(at), clock.machine(at)) == plain


@given(at=MOMENTS, zone=ZONES)
def test_what_a_person_reads_is_the_time_of_their_wall(at: datetime, zone: ZoneInfo) -> None:
    words = told(at, zone.key)
    assert words.startswith(at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S "))
    assert re.fullmatch(r"[A-Z]{1,5}|UTC[+-]\d\d:\d\d", words.split()[-1])


ROOT = Path(__file__).parents[3]
# Days, which are the same everywhere: of a follow-up, and those of UTC by which a period is to be signed.
DAYS = {'item.follow_up_on|date:"Y-m-d"', 'each.due|utc|date:"l, j F"', 'due|utc|date:"l, j F"'}
ASKS_FOR_THE_ZONE = re.compile(r"localtime|localdate|current_timezone|make_aware|make_naive|Trunc|Extract|__date")


def test_no_template_writes_a_time_but_by_the_tags() -> None:
    text = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    assert set(re.findall(r"{{ ([^}]*\|(?:date|time|localtime)\b[^}]*) }}", text)) <= DAYS


def test_nothing_but_pages_asks_for_the_readers_zone() -> None:
    modules = [path for floor in ("audit", "accounts", "mitigations") for path in (ROOT / floor).rglob("*.py")]
    asking = [path.name for path in modules if ASKS_FOR_THE_ZONE.search(path.read_text())]
    assert asking == []
