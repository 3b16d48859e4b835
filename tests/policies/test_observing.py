"""What follows from what Kentik shows, as a table."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies.lifecycle import Status
from mitigations.policies.observing import EARLY, OVERDUE, Appearance, Observation, observe
from tests.making import NOW

END = NOW + timedelta(hours=1)
MOMENT = timedelta(microseconds=1)
ENDED, STOPPED = Status.ENDED, Status.STOPPED


def see(appearance: Appearance, **how: object) -> Observation:
    told = {"label": "Clear", "ends_at": END, "stop_ordered": False, "at": NOW, **how}
    return observe(appearance, **told)  # type: ignore[arg-type]


def codes(seen: Observation) -> list[str]:
    return [each.code for each in seen.alarms]


@pytest.mark.parametrize(
    ("appearance", "at", "alarms"),
    [
        (Appearance.PENDING, NOW, []),
        (Appearance.LIVE, NOW, []),
        (Appearance.STOPPING, NOW, []),
        (Appearance.UNKNOWN, NOW, []),
        (Appearance.LIVE, END + OVERDUE, []),
        (Appearance.PENDING, END + OVERDUE + MOMENT, ["still-live"]),
        (Appearance.LIVE, END + OVERDUE + MOMENT, ["still-live"]),
        (Appearance.STOPPING, END + OVERDUE + MOMENT, ["still-live"]),
        (Appearance.UNKNOWN, END + OVERDUE + MOMENT, ["still-live"]),
        (Appearance.START_FAILED, NOW, ["failed-to-start"]),
        (Appearance.CLEAR_FAILED, NOW, ["failed-to-clear"]),
    ],
)
def test_while_it_is_not_over_it_stays(appearance: Appearance, at: datetime, alarms: list[str]) -> None:
    seen = see(appearance, at=at)

    assert (seen.after, codes(seen)) == (None, alarms)


@pytest.mark.parametrize(
    ("ends_at", "over_at", "ordered", "at", "after", "alarms"),
    [
        # In time, or nearly.
        (END, None, False, END, ENDED, []),
        (END, None, False, END - EARLY, ENDED, []),
        (END, None, False, END + timedelta(days=1), ENDED, []),
        # Before its time, and nobody here ordered it.
        (END, None, False, END - EARLY - MOMENT, STOPPED, ["ended-early"]),
        (None, None, False, NOW, STOPPED, ["ended-early"]),
        (END, NOW, False, END + timedelta(hours=1), STOPPED, ["ended-early"]),
        # A time that is yet to come says nothing.
        (END, END, False, NOW, STOPPED, ["ended-early"]),
        # Ordered.
        (END, None, True, NOW, STOPPED, []),
        (END, None, True, END - MOMENT, STOPPED, []),
        (END, None, True, END, ENDED, []),
        (None, None, True, NOW, STOPPED, []),
    ],
)
def test_when_it_is_over_it_ended_or_was_stopped(
    ends_at: datetime | None,
    over_at: datetime | None,
    ordered: bool,
    at: datetime,
    after: Status,
    alarms: list[str],
) -> None:
    seen = see(Appearance.ENDED, ends_at=ends_at, over_at=over_at, stop_ordered=ordered, at=at)

    assert (seen.after, codes(seen)) == (after, alarms)
    assert "Clear" in seen.note


@given(st.sampled_from(Appearance), st.booleans(), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_it_is_over_only_when_kentik_shows_so(appearance: Appearance, ordered: bool, later: timedelta) -> None:
    seen = see(appearance, stop_ordered=ordered, at=NOW + later)

    assert (seen.after is not None) is (appearance is Appearance.ENDED)
