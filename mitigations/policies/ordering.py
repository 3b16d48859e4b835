"""How a list stands: its order, its headings, and where one of its pages ends and the next one begins.

A place is named by what its row is ordered by, and not by how many rows come before it: so the last page is as fast
as the first, and what is added or goes away meanwhile moves no other row from one page to another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeAlias

from mitigations.policies.lifecycle import Status
from mitigations.policies.network import Prefix, parse

_BETWEEN = "~"
_TIME = "%Y%m%dT%H%M%S.%f"
_MOST = 2**62

Key: TypeAlias = tuple[Any, ...]


class Order(StrEnum):
    """`ENDS`: what runs and has an auto-stop, the soonest first; then the rest, newest first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    TARGET = "target"
    ENDS = "ends"

    @property
    def words(self) -> str:
        return _ORDERS[self]


_ORDERS = {
    Order.NEWEST: "newest first",
    Order.OLDEST: "oldest first",
    Order.TARGET: "by target",
    Order.ENDS: "what ends soonest",
}


class Group(StrEnum):
    STATUS = "status"
    PLATFORM = "platform"
    METHOD = "method"
    TARGET = "target"
    DAY = "day"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A row of a list, by what it is ordered by. `ends_at`: of one that runs; `group`: the heading that it is under."""

    id: int
    target: Prefix | None = None
    ends_at: datetime | None = None
    group: str = ""

    def __str__(self) -> str:
        time = self.ends_at and self.ends_at.astimezone(UTC).strftime(_TIME)
        parts = (self.group, self.target and self.target.text, time, str(self.id))
        return _BETWEEN.join(part for part in parts if part)


def read(text: str, *, order: Order, group: Group | None) -> Place | None:
    """The place that a text names in a list that stands so; None when it names none."""
    *before, number = text.split(_BETWEEN)
    if not (number.isascii() and number.isdecimal()) or int(number) > _MOST:
        return None
    heading = before.pop(0) if group and before else ""
    if bool(heading) != bool(group) or (group and not _is_heading(heading, group)):
        return None
    target, ends_at = None, None
    if order is Order.TARGET:
        parsed = parse(before.pop()) if before else None
        target = parsed if isinstance(parsed, Prefix) else None
        if target is None:
            return None
    if order is Order.ENDS and before:
        ends_at = _time(before.pop())
        if ends_at is None:
            return None
    return None if before else Place(id=int(number), target=target, ends_at=ends_at, group=heading)


def key(place: Place, order: Order) -> Key:
    """What rows under one heading are sorted by, the smallest first."""
    match order:
        case Order.NEWEST:
            return (-place.id,)
        case Order.OLDEST:
            return (place.id,)
        case Order.TARGET:
            assert place.target is not None
            return (place.target.first, place.target.length, -place.id)
        case Order.ENDS:
            runs = place.ends_at is not None
            return (0, place.ends_at, -place.id) if runs else (1, -place.id)


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A page of a list: the places that it shows, and whether there is more above and below them."""

    places: list[Place]
    above: bool
    below: bool


def cut(
    places: Sequence[Place],
    *,
    by: Callable[[Place], Key],
    size: int,
    below: Place | None = None,
    above: Place | None = None,
) -> Cut:
    """The page below a place, or the one above it; the first one without either."""
    rows = sorted(places, key=by)
    if above is not None:
        end = sum(by(each) < by(above) for each in rows)
        start = max(end - size, 0)
    else:
        start = 0 if below is None else sum(by(each) <= by(below) for each in rows)
        end = start + size
    return Cut(places=rows[start:end], above=start > 0, below=end < len(rows))


def _is_heading(text: str, group: Group) -> bool:
    match group:
        case Group.STATUS:
            return text in set(Status)
        case Group.PLATFORM | Group.METHOD:
            return text.isascii() and text.isdecimal() and int(text) <= _MOST
        case Group.TARGET:
            return isinstance(parse(text), Prefix)
        case Group.DAY:
            return day(text) is not None


def day(text: str) -> date | None:
    """The day that "2026-11-25" names."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
