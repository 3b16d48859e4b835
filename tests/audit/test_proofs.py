"""What several verifications cover together."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit.proofs import Found, covered
from tests.making import NOW


def found(start: int, number: int, *, days_ago: int = 0, is_flaw: bool = False) -> Found:
    at = NOW - timedelta(days=days_ago)
    return Found(number=number, start=start, at=at, by="the worker", sentence="", is_flaw=is_flaw)


def told(*finds: Found, beginning: int = 0) -> tuple[int, int, int, bool]:
    seen = covered(finds, beginning=beginning)
    assert seen is not None
    return seen.first, seen.checked_from, seen.number, seen.is_whole


def test_one_from_the_beginning_covers_all_that_it_read() -> None:
    assert told(found(0, 17)) == (1, 1, 17, True)


def test_one_of_what_is_new_continues_those_before_it() -> None:
    assert told(found(20, 30), found(10, 20), found(0, 10)) == (1, 21, 30, True)


def test_the_oldest_that_was_needed_says_since_when() -> None:
    seen = covered([found(10, 20), found(0, 10, days_ago=3), found(0, 5, days_ago=9)], beginning=0)

    assert seen is not None
    assert seen.since == NOW - timedelta(days=3)


def test_one_that_ends_before_the_next_begins_covers_nothing_of_the_gap() -> None:
    assert told(found(20, 30), found(0, 19)) == (21, 21, 30, False)


def test_nothing_before_a_flaw_counts() -> None:
    assert told(found(20, 30), found(0, 9, is_flaw=True), found(0, 20)) == (21, 21, 30, False)


def test_what_is_archived_need_not_be_covered() -> None:
    assert told(found(20, 30), found(5, 20), beginning=5) == (6, 21, 30, True)
    assert told(found(0, 30), beginning=5) == (6, 6, 30, True)


@pytest.mark.parametrize("finds", [[], [found(0, 3, is_flaw=True), found(0, 9)]])
def test_without_a_sound_one_nothing_is_covered(finds: list[Found]) -> None:
    assert covered(finds, beginning=0) is None


def test_one_that_found_nothing_new_says_so() -> None:
    seen = covered([found(17, 17), found(0, 17)], beginning=0)

    assert seen is not None
    assert (seen.first, seen.checked_before, seen.is_nothing_new) == (1, 17, True)
