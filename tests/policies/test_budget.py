"""When the next call may leave."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies.budget import HOUR, MARGIN, MINUTE, Limits, Made, Purpose, leaves_at, left, pause
from tests.making import NOW

LIMITS = Limits()
SMALL = Limits(soft_per_minute=4, hard_per_minute=10, per_hour=30, reserved=2, looks=1)
# Soon full in a minute, and never in an hour.
BUSY = Limits(soft_per_minute=6, hard_per_minute=12, reserved=2, looks=2)
MOMENT = timedelta(microseconds=1)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def ago(*counts: float, purpose: Purpose = Purpose.START) -> list[Made]:
    return [Made(purpose=purpose, over_at=NOW - seconds(count)) for count in counts]


def leaves(
    purpose: Purpose = Purpose.START,
    calls: list[Made] | None = None,
    *,
    paused_until: datetime | None = None,
    limits: Limits = LIMITS,
    at: datetime = NOW,
) -> datetime:
    return leaves_at(purpose=purpose, calls=calls or [], paused_until=paused_until, limits=limits, at=at)


@pytest.mark.parametrize("purpose", Purpose)
def test_lets_the_first_call_leave_at_once(purpose: Purpose) -> None:
    assert leaves(purpose) == NOW


@pytest.mark.parametrize(("purpose", "most"), [(Purpose.STOP, 60 - MARGIN), (Purpose.START, 17), (Purpose.READ, 15)])
def test_lets_so_many_leave_at_once_and_no_more(purpose: Purpose, most: int) -> None:
    assert leaves(purpose, ago(*[0] * (most - 1), purpose=purpose)) == NOW
    assert leaves(purpose, ago(*[0] * most, purpose=purpose)) == NOW + MINUTE


def test_waits_until_the_oldest_of_the_soft_limit_is_a_minute_old() -> None:
    calls = ago(*range(1, 16)) + ago(*range(16, 21), purpose=Purpose.READ)

    assert leaves(calls=calls) == NOW + seconds(40)


def test_lets_a_stop_pass_where_a_start_waits() -> None:
    assert leaves(Purpose.STOP, ago(*range(20))) == NOW


def test_lets_a_start_pass_where_a_read_waits() -> None:
    calls = ago(*range(12)) + ago(*range(12, 15), purpose=Purpose.READ)

    assert (leaves(Purpose.START, calls), leaves(Purpose.READ, calls)) == (NOW, NOW + seconds(46))


def test_lets_a_whole_look_pass_where_a_start_waits() -> None:
    sent = ago(*[0] * 17)

    for asked in range(3):
        assert leaves(Purpose.READ, sent + ago(*[0] * asked, purpose=Purpose.READ)) == NOW
    assert leaves(Purpose.START, sent) == NOW + MINUTE


def test_lets_a_look_pass_where_stops_have_gone_beyond_the_soft_limit() -> None:
    assert leaves(Purpose.READ, ago(*range(30), purpose=Purpose.STOP)) == NOW


def test_keeps_nothing_from_starts_where_nobody_looks() -> None:
    blind = Limits(looks=0)

    assert leaves(calls=ago(*[0] * 19), limits=blind) == NOW
    assert leaves(Purpose.READ, ago(*[0] * 15), limits=blind) == NOW + MINUTE


@pytest.mark.parametrize(("purpose", "most"), [(Purpose.STOP, 30), (Purpose.START, 28), (Purpose.READ, 26)])
def test_leaves_room_in_the_hour_for_what_goes_before(purpose: Purpose, most: int) -> None:
    calls = ago(*range(100, 100 + most))

    assert leaves(purpose, calls[:-1], limits=SMALL) == NOW
    assert leaves(purpose, calls, limits=SMALL) == calls[-1].over_at + HOUR


@pytest.mark.parametrize("purpose", Purpose)
def test_lets_nothing_leave_in_a_pause(purpose: Purpose) -> None:
    assert leaves(purpose, paused_until=NOW + seconds(40)) == NOW + seconds(40)


def test_forgets_a_pause_that_is_over() -> None:
    assert leaves(paused_until=NOW) == NOW


moments = st.integers(0, 90 * 60 * 1000).map(lambda ms: NOW - timedelta(milliseconds=ms))
purposes = st.sampled_from(Purpose)
histories = st.lists(st.builds(Made, purpose=purposes, over_at=moments), max_size=60)
pauses = st.none() | st.integers(-600, 600).map(lambda count: NOW + seconds(count))
# What somebody wishes to call for, and how many seconds after the wish before.
wishes_of_all = st.lists(st.tuples(purposes, st.integers(0, 30)), max_size=60)
wishes_without_stops = st.lists(
    st.tuples(st.sampled_from([Purpose.START, Purpose.READ]), st.integers(0, 30)), max_size=60
)


@given(purposes, histories, pauses)
def test_tells_the_exact_moment(purpose: Purpose, calls: list[Made], paused_until: datetime | None) -> None:
    told = leaves(purpose, calls, paused_until=paused_until, limits=SMALL)

    assert leaves(purpose, calls, paused_until=paused_until, limits=SMALL, at=told) == told
    if told > NOW:
        assert leaves(purpose, calls, paused_until=paused_until, limits=SMALL, at=told - MOMENT) == told


@given(histories, pauses)
def test_never_lets_anything_go_before_a_stop(calls: list[Made], paused_until: datetime | None) -> None:
    stop, start, read = (leaves(each, calls, paused_until=paused_until, limits=SMALL) for each in Purpose)

    assert stop <= min(start, read)


@given(wishes_without_stops)
def test_never_makes_a_look_wait_longer_than_a_minute_for_starts(wishes: list[tuple[Purpose, int]]) -> None:
    calls, at = _made(wishes, limits=BUSY)
    asked = [call.over_at for call in calls if call.purpose is Purpose.READ and call.over_at > at - MINUTE]

    assert leaves(Purpose.READ, calls, limits=BUSY, at=at) <= at + MINUTE
    if len(asked) < BUSY.looks:
        assert leaves(Purpose.READ, calls, limits=BUSY, at=at) == at


@given(wishes_without_stops)
def test_never_makes_a_stop_wait_for_starts_and_reads(wishes: list[tuple[Purpose, int]]) -> None:
    calls, at = _made(wishes)

    assert leaves(Purpose.STOP, calls, limits=SMALL, at=at) == at


@given(wishes_of_all)
def test_no_rolling_minute_and_no_rolling_hour_holds_more_than_its_limit(wishes: list[tuple[Purpose, int]]) -> None:
    calls, _ = _made(wishes)

    assert _fullest(calls, MINUTE) <= SMALL.hard_per_minute - MARGIN
    assert _fullest(calls, HOUR) <= SMALL.per_hour


@given(wishes_without_stops)
def test_no_rolling_minute_of_starts_and_reads_holds_more_than_the_soft_limit(
    wishes: list[tuple[Purpose, int]],
) -> None:
    calls, _ = _made(wishes)

    assert _fullest(calls, MINUTE) <= SMALL.soft_per_minute


def _made(wishes: list[tuple[Purpose, int]], *, limits: Limits = SMALL) -> tuple[list[Made], datetime]:
    """The calls of somebody who wishes for one after another, some seconds apart, and lets each leave when told."""
    calls: list[Made] = []
    at = NOW
    for purpose, gap in wishes:
        at = leaves(purpose, calls, limits=limits, at=at + seconds(gap))
        calls.append(Made(purpose=purpose, over_at=at))
    return calls, at


def _fullest(calls: list[Made], span: timedelta) -> int:
    times = [call.over_at for call in calls]
    return max((sum(first <= time < first + span for time in times) for first in times), default=0)


@pytest.mark.parametrize(("calls", "rest"), [(0, 20), (2, 18), (20, 0), (34, 0)])
def test_tells_what_is_left(calls: int, rest: int) -> None:
    assert left(calls=calls, limit=20) == rest


@pytest.mark.parametrize(("in_a_row", "wait"), [(1, 60), (2, 120), (3, 240), (4, 480), (5, 600), (1000, 600)])
def test_pauses_longer_for_each_429_that_follows_another(in_a_row: int, wait: int) -> None:
    assert pause(retry_after=None, in_a_row=in_a_row) == seconds(wait)


@pytest.mark.parametrize(("asked", "wait"), [(0, 1), (-5, 1), (7, 7), (600, 600), (86400, 600)])
def test_pauses_as_long_as_kentik_asks_within_reason(asked: int, wait: int) -> None:
    assert pause(retry_after=seconds(asked), in_a_row=5) == seconds(wait)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"looks": 20}, "Fewer calls to Kentik must be kept for looking"),
        ({"looks": -1}, "Fewer calls to Kentik must be kept for looking"),
        ({"reserved": 20}, "Fewer calls to Kentik must be reserved"),
        ({"reserved": -1}, "Fewer calls to Kentik must be reserved"),
        ({"soft_per_minute": 0, "looks": 0}, "Fewer calls to Kentik must be kept"),
        ({"hard_per_minute": 24}, "must stay 5 below the hard one"),
        ({"per_hour": 10}, "The calls to Kentik in an hour"),
    ],
)
def test_refuses_limits_that_make_no_sense(values: dict[str, int], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Limits(**values)
