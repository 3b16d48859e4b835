from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies.periods import Kind, Period, containing, parse

AT = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
minutes = st.integers(min_value=0, max_value=999 * 365 * 24 * 60)
zones = st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))])
moments = st.builds(
    lambda count, zone: (datetime(2000, 1, 3, tzinfo=UTC) + timedelta(minutes=count)).astimezone(zone), minutes, zones
)
kinds = st.sampled_from(Kind)


@given(kinds, moments)
def test_periods_of_one_kind_tile_time(kind: Kind, at: datetime) -> None:
    period = containing(kind, at)
    assert at in period
    assert period.earlier().end == period.start
    assert period.later().start == period.end
    assert period.later().earlier() == period == period.earlier().later()


@given(kinds, moments)
def test_a_moment_lies_in_no_other_period_of_its_kind(kind: Kind, at: datetime) -> None:
    period = containing(kind, at)
    assert at not in period.earlier()
    assert at not in period.later()
    assert containing(kind, period.start) == containing(kind, period.end - timedelta(microseconds=1)) == period


@given(kinds, moments)
def test_its_name_reads_back_as_itself(kind: Kind, at: datetime) -> None:
    period = containing(kind, at)
    assert parse(str(period)) == period


@given(kinds, moments)
def test_its_slices_tile_it(kind: Kind, at: datetime) -> None:
    period = containing(kind, at)
    slices = period.slices()
    assert (slices[0][0], slices[-1][1]) == (period.start, period.end)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(slices))


@given(st.text(max_size=12))
def test_any_other_text_names_none(text: str) -> None:
    found = parse(text)
    assert found is None or str(found) == text


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        (Kind.DAY, "2026-11-25", "25 November 2026"),
        (Kind.WEEK, "2026-W48", "week 48 of 2026, 23 to 29 November"),
        (Kind.MONTH, "2026-11", "November 2026"),
    ],
)
def test_it_has_a_name_and_words(kind: Kind, name: str, words: str) -> None:
    period = containing(kind, AT)
    assert (str(period), period.words) == (name, words)


def test_a_week_may_belong_to_the_year_before() -> None:
    assert str(containing(Kind.WEEK, datetime(2027, 1, 3, tzinfo=UTC))) == "2026-W53"
    assert containing(Kind.WEEK, datetime(2027, 1, 3, tzinfo=UTC)).words == "week 53 of 2026, 28 December to 3 January"


def test_the_clock_is_utc_wherever_whoever_asks_is() -> None:
    late = datetime(2026, 12, 1, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    assert str(containing(Kind.MONTH, late)) == "2026-11"


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-02-30", "2026-W54", "2025-W53", "1999-12", "3000-01", "2026-11 ", "٢٠٢٦-11"]
)
def test_what_is_no_period_is_none(text: str) -> None:
    assert parse(text) is None


def test_a_day_has_24_slices_and_a_month_its_days() -> None:
    assert len(containing(Kind.DAY, AT).slices()) == 24
    assert len(containing(Kind.WEEK, AT).slices()) == 7
    assert len(containing(Kind.MONTH, datetime(2028, 2, 5, tzinfo=UTC)).slices()) == 29


def test_two_of_the_same_are_equal() -> None:
    assert len({containing(Kind.DAY, AT), containing(Kind.DAY, AT), parse("2026-11-25")}) == 1
    assert isinstance(parse("2026-11-25"), Period)
