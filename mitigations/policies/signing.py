"""Signing off periods of the log: which may be signed, what a sample of it is, and whether sign-offs tile the log.

The events of a log never go back in time, so a period is exactly a range of their numbers. A period in which nothing
happened has no events to sign for: the next sign-off begins with the next event, and the numbers tile all the same.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from audit.refusal import Objection
from mitigations.policies.periods import Kind, Period, containing

SAMPLE = 25
# How long after its end a period should be signed.
_TIME_TO_SIGN = {Kind.DAY: timedelta(days=2), Kind.WEEK: timedelta(days=5), Kind.MONTH: timedelta(days=10)}


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A sign-off of the events from `first` to `last`, which happened from `starts_at` on and before `ends_at`."""

    first: int
    last: int
    starts_at: datetime
    ends_at: datetime


def objections(
    period: Period, *, previous: Signed | None, unsigned_at: datetime | None, at: datetime
) -> tuple[Objection, ...]:
    """What stands against signing this period now; one thing at a time.

    `previous` is the last sign-off, `unsigned_at` when the first event after it happened, None when there is none.
    """
    if at < period.end:
        return _no("not-over", "It is not over yet.")
    if previous is not None and period.start < previous.ends_at:
        return _no("signed", "It is signed off already, or part of it is.")
    if unsigned_at is None or unsigned_at >= period.end:
        return _no("empty", "Nothing happened in it, so there is nothing to sign off.")
    if unsigned_at < period.start:
        return _no("not-the-next", "There is something before it that nobody has signed off: that comes first.")
    return ()


def next_ones(*, previous: Signed | None, unsigned_at: datetime | None) -> tuple[Period, ...]:
    """The day, the week and the month that may be signed next, once they are over: those that fit behind the last."""
    if unsigned_at is None:
        return ()
    found = (containing(kind, unsigned_at) for kind in Kind)
    return tuple(each for each in found if previous is None or each.start >= previous.ends_at)


def unsigned(first: Period, *, at: datetime, most: int) -> tuple[Period, ...]:
    """Those of its kind from this one on that are over, at most so many."""
    found: list[Period] = []
    while first.end <= at and len(found) < most:
        found.append(first)
        first = first.later()
    return tuple(found)


def due(period: Period) -> datetime:
    """Later than this, and it is late."""
    return period.end + _TIME_TO_SIGN[period.kind]


def sample(head: str, references: Iterable[str], *, size: int = SAMPLE) -> list[str]:
    """Those of the ordinary ones that an auditor looks at: all, or `size` of them, drawn by the hash of the last event.

    Whoever knows the log draws the same, and nobody can choose them. In the order in which they are drawn.
    """
    return heapq.nsmallest(size, set(references), key=lambda reference: _lot(head, reference))


def _lot(head: str, reference: str) -> str:
    return hashlib.sha256(f"{head}{reference}".encode()).hexdigest()


def tiling_flaws(signed: Iterable[Signed]) -> Iterator[str]:
    """Everything that keeps sign-offs from tiling the log, in sentences: gaps, overlaps, ranges of nothing."""
    last, ends_at = 0, None
    for each in sorted(signed, key=lambda each: (each.first, each.last)):
        if each.last < each.first:
            yield f"The sign-off of {each.first} to {each.last} is of nothing."
        if each.first > last + 1:
            yield f"Nobody has signed off {last + 1} to {each.first - 1}."
        if each.first <= last:
            yield f"{each.first} to {min(each.last, last)} is signed off twice."
        if ends_at is not None and each.starts_at < ends_at:
            yield f"The sign-off from {each.first} on begins before the one before it ends."
        last, ends_at = max(last, each.last), each.ends_at


def _no(code: str, sentence: str) -> tuple[Objection, ...]:
    return (Objection(code=code, sentence=sentence),)
