from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies.durations import BUCKETS, Step, Took, spread, took, words

lengths = st.lists(st.integers(-5, 200_000), min_size=1)


@given(st.integers())
def test_every_length_lies_in_one_bucket(seconds: int) -> None:
    assert sum(seconds in bucket for bucket in BUCKETS) == 1


@given(lengths)
def test_the_median_is_the_shortest_time_within_which_half_were_done(seconds: list[int]) -> None:
    found = spread(Counter(seconds))
    assert found is not None
    ordered = sorted(seconds)
    assert found.median == timedelta(seconds=ordered[(len(ordered) - 1) // 2])
    assert sum(timedelta(seconds=each) <= found.p90 for each in seconds) >= 0.9 * len(seconds)
    assert sum(timedelta(seconds=each) < found.p90 for each in seconds) < 0.9 * len(seconds)
    assert found.median <= found.p90 <= found.longest == timedelta(seconds=ordered[-1])


@given(lengths)
def test_the_buckets_hold_every_one(seconds: list[int]) -> None:
    found = spread(Counter(seconds))
    assert found is not None
    assert sum(count for _, count in found.buckets) == found.count == len(seconds)


def test_of_nothing_there_is_no_figure() -> None:
    assert spread({}) is None


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_length_of_a_step_reads_back(step: Step, bucket) -> None:
    assert took(f"{step}-{bucket.name}") == Took(step=step, bucket=bucket)
    assert str(Took(step=step, bucket=bucket)) == f"{step}-{bucket.name}"


@pytest.mark.parametrize("text", ["", "agreed", "agreed-", "agreed-2min", "fish-1min", "agreed-1min-"])
def test_any_other_text_means_nothing(text: str) -> None:
    assert took(text) is None


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "0 min"),
        (1, "1 min"),
        (60, "1 h"),
        (90, "1 h 30 min"),
        (1440, "1 d"),
        (1441, "1 d 1 min"),
        (99999, "69 d 10 h 39 min"),
    ],
)
def test_a_number_of_minutes_is_told_exactly(minutes: int, said: str) -> None:
    assert words(minutes) == said
