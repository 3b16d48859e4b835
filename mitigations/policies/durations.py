"""Durations in words; and how long the steps of a mitigation took: the figures that say so, and the buckets that show
how they spread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import ceil


def words(minutes: int) -> str:
    """Exactly so many minutes, for people: "1 d", "1 h 30 min"."""
    hours, rest = divmod(minutes, 60)
    parts = ((hours // 24, "d"), (hours % 24, "h"), (rest, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 min"


class Step(StrEnum):
    AGREED = "agreed"  # from asking to the last approval that it needed
    SENT = "sent"  # from that to the moment when it was sent
    ANSWERED = "answered"  # from asking to Kentik's OK

    @property
    def words(self) -> str:
        return _WORDS[self]

    @property
    def short(self) -> str:
        """What the step comes to, before a length: "approved after: 1 to 5 min"."""
        return {Step.AGREED: "approved after", Step.SENT: "sent after", Step.ANSWERED: "Kentik’s OK after"}[self]


_WORDS = {
    Step.AGREED: "From asking to the last approval",
    Step.SENT: "From approval to sending",
    Step.ANSWERED: "From asking to Kentik’s OK",
}


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """Lengths of `at_least` seconds (None: of any length) and of less than `below` (None: of any length)."""

    name: str
    words: str
    at_least: int | None
    below: int | None

    def __contains__(self, seconds: int) -> bool:
        return (self.at_least is None or seconds >= self.at_least) and (self.below is None or seconds < self.below)


_MINUTE, _HOUR = 60, 60 * 60
_EDGES = (None, _MINUTE, 5 * _MINUTE, 15 * _MINUTE, _HOUR, 4 * _HOUR, 24 * _HOUR, None)
_NAMES = (
    ("1min", "under 1 min"),
    ("5min", "1 to 5 min"),
    ("15min", "5 to 15 min"),
    ("1h", "15 min to 1 h"),
    ("4h", "1 to 4 h"),
    ("24h", "4 to 24 h"),
    ("more", "24 h or more"),
)
BUCKETS = tuple(
    Bucket(name=name, words=words, at_least=at_least, below=below)
    for (name, words), at_least, below in zip(_NAMES, _EDGES, _EDGES[1:], strict=False)
)


@dataclass(frozen=True, kw_only=True)
class Took:
    """One step that took as long as one bucket says; its text, "agreed-5min", is what an address carries."""

    step: Step
    bucket: Bucket

    def __str__(self) -> str:
        return f"{self.step}-{self.bucket.name}"


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How long `count` of them took. `median` is the time within which half of them were done, `p90` nine in ten."""

    count: int
    median: timedelta
    p90: timedelta
    longest: timedelta
    buckets: tuple[tuple[Bucket, int], ...]


def took(text: str) -> Took | None:
    """What such a text means; None when it means nothing."""
    step, _, name = text.partition("-")
    found = next((bucket for bucket in BUCKETS if bucket.name == name), None)
    return Took(step=Step(step), bucket=found) if found is not None and step in set(Step) else None


def spread(counts: Mapping[int, int]) -> Spread | None:
    """The figures of lengths in whole seconds, each with how many took so long; None of nothing."""
    count = sum(counts.values())
    if not count:
        return None
    return Spread(
        count=count,
        median=_within(counts, 0.5, count),
        p90=_within(counts, 0.9, count),
        longest=timedelta(seconds=max(counts)),
        buckets=tuple((bucket, sum(n for seconds, n in counts.items() if seconds in bucket)) for bucket in BUCKETS),
    )


def _within(counts: Mapping[int, int], share: float, count: int) -> timedelta:
    """The shortest length that at least this share did not exceed."""
    wanted, seen = ceil(share * count), 0
    for seconds in sorted(counts):
        seen += counts[seconds]
        if seen >= wanted:
            return timedelta(seconds=seconds)
    raise AssertionError("all of them are at most as long as the longest")
