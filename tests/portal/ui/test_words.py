from __future__ import annotations

from datetime import timedelta

import pytest

from portal.ui.words import duration, from_now, skew, span


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=-5), "0 s"),
        (timedelta(milliseconds=999), "0 s"),
        (timedelta(seconds=42), "42 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=90), "1 h 30 min"),
        (timedelta(hours=1, seconds=30), "1 h"),
        (timedelta(hours=24), "1 d"),
        (timedelta(days=365, hours=5), "365 d 5 h"),
    ],
)
def test_a_span_has_at_most_two_units(length: timedelta, words: str) -> None:
    assert span(length) == words


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=4), "just now"),
        (timedelta(seconds=-4), "just now"),
        (timedelta(seconds=5), "5 s ago"),
        (timedelta(seconds=-5), "in 5 s"),
        (timedelta(seconds=59), "59 s ago"),
        (timedelta(minutes=3, seconds=59), "3 min ago"),
        (timedelta(minutes=-3, seconds=-59), "in 3 min"),
        (timedelta(hours=2), "2 h ago"),
        (timedelta(hours=2, minutes=5, seconds=7), "2 h 5 min ago"),
    ],
)
def test_a_time_is_told_from_now(offset: timedelta, words: str) -> None:
    assert from_now(offset) == words


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "until stopped by hand"), (90, "1 h 30 min"), (1501, "1 d 1 h 1 min")]
)
def test_a_duration_of_nothing_runs_until_stopped(minutes: int, words: str) -> None:
    assert duration(minutes) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(45, "is 45 s ahead of ours"), (-90, "is 1 min 30 s behind ours"), (-0.4, "is 0 s behind ours")],
)
def test_another_clock_is_told_against_ours(seconds: float, words: str) -> None:
    assert skew(timedelta(seconds=seconds)) == words
