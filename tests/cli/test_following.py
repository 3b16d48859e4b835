from __future__ import annotations

import pytest

from breakwater_cli.exits import Exit
from breakwater_cli.following import Pace, Until, ending
from mitigations.policies.lifecycle import FINAL, OPEN, Status

TOLD = {Status.ACTIVE: Exit.DONE, Status.UNKNOWN: Exit.UNKNOWN}


@pytest.mark.parametrize("status", Status)
def test_ends_as_soon_as_it_is_told_whether_it_is_in_force(status: Status) -> None:
    expected = TOLD.get(status, Exit.NOT_IN_FORCE if status in FINAL else None)

    assert ending(status, Until.IN_FORCE) == expected


@pytest.mark.parametrize("status", Status)
def test_ends_when_it_is_over_where_that_was_asked_for(status: Status) -> None:
    was_in_force = status in {Status.ENDED, Status.STOPPED}
    expected = Exit.DONE if was_in_force else Exit.NOT_IN_FORCE if status in FINAL else None

    assert ending(status, Until.OVER) == (Exit.UNKNOWN if status is Status.UNKNOWN else expected)
    assert expected is None or status not in OPEN


def test_looks_more_seldom_while_nothing_happens_and_soon_again_when_something_has() -> None:
    pace = Pace()
    pauses = [pace.after_nothing() for _ in range(20)]

    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1], pace.after_news(), pace.after_nothing()) == (2, 10, 2, 2)


def test_makes_fewer_calls_than_half_of_what_a_minute_has() -> None:
    pace, seconds, calls = Pace(), 0.0, 0
    while seconds < 60:
        seconds, calls = seconds + pace.after_nothing(), calls + 1

    assert calls <= 30


def test_waits_longer_after_each_trouble_and_never_shorter_than_it_is_told() -> None:
    pace = Pace()

    assert [pace.after_trouble(retry_after=None) for _ in range(7)] == [2, 4, 8, 16, 32, 60, 60]
    assert pace.after_trouble(retry_after=90) == 90
    pace.after_news()
    assert pace.after_trouble(retry_after=None) == 2
