"""Rows under headings.

A database can neither sort a million rows by what they are called nor count them while somebody waits. So headings are
put over all that is open, and over the newest 1,000 of the rest: whatever can still be acted on stands under its
heading, no heading comes twice, and each leads to the whole list of what it names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from mitigations.models import Mitigation, Pairing
from mitigations.policies import ordering
from mitigations.policies.lifecycle import OPEN, Status
from mitigations.policies.network import known
from mitigations.policies.ordering import Group, Key, Order, Place
from mitigations.selectors.filtering import Filter, filtered
from mitigations.selectors.ordered import newest_over

MOST = 1_000
_STATUSES = list(Status)


class _Row(NamedTuple):
    """As much of a mitigation as its heading and its place need."""

    pk: int
    target: str
    status: str
    pairing_id: int
    requested_at: datetime
    ends_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Headings:
    """`of` a row its heading, by a key; the `rank` of a heading among the others; its `words`."""

    of: Callable[[_Row], str]
    rank: Callable[[str], Key]
    words: Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Grouped:
    """`counts`: how many rows stand under each heading. `all_open`: nothing that is open was left out."""

    order: Order
    group: Group
    headings: Headings
    places: list[Place]
    counts: Counter[str]
    all_open: bool
    is_whole: bool

    def key(self, place: Place) -> Key:
        """What places are sorted by."""
        return (self.headings.rank(place.group), *ordering.key(place, self.order))

    def is_counted(self, heading: str) -> bool:
        """Whether there are no more under this heading than were counted."""
        return self.is_whole or (self.all_open and self.group is Group.STATUS and heading in OPEN)


def grouped(wanted: Filter, order: Order, group: Group) -> Grouped:
    headings = _HEADINGS[group](order)
    still = list(filtered(wanted).open().order_by("-pk").values_list("pk", flat=True)[: MOST + 1])
    over = newest_over(wanted, count=MOST + 1)
    places = [_place(row, order, headings.of(row)) for row in _rows([*still[:MOST], *over[:MOST]])]
    return Grouped(
        order=order,
        group=group,
        headings=headings,
        places=places,
        counts=Counter(each.group for each in places),
        all_open=len(still) <= MOST,
        is_whole=max(len(still), len(over)) <= MOST,
    )


def _rows(ids: list[int]) -> list[_Row]:
    found = Mitigation.objects.filter(pk__in=ids).order_by().values_list(*_Row._fields)
    return [_Row(*values) for values in found]


def _place(row: _Row, order: Order, heading: str) -> Place:
    return Place(
        id=row.pk,
        target=known(row.target) if order is Order.TARGET else None,
        ends_at=row.ends_at if order is Order.ENDS and row.closed_at is None else None,
        group=heading,
    )


def _by_status(order: Order) -> Headings:
    return Headings(of=lambda row: row.status, rank=lambda key: (_STATUSES.index(Status(key)),), words=str)


def _by_target(order: Order) -> Headings:
    def rank(key: str) -> Key:
        prefix = known(key)
        return (prefix.first, prefix.length, prefix.family)

    return Headings(of=lambda row: row.target, rank=rank, words=str)


def _by_day(order: Order) -> Headings:
    """Days of UTC, the newest first unless the oldest are wanted first."""

    def rank(key: str) -> Key:
        named = ordering.day(key)
        assert named is not None
        return (named.toordinal() if order is Order.OLDEST else -named.toordinal(),)

    return Headings(of=lambda row: row.requested_at.astimezone(UTC).date().isoformat(), rank=rank, words=str)


def _by_platform(order: Order) -> Headings:
    return _by_part("platform")


def _by_method(order: Order) -> Headings:
    return _by_part("method")


def _by_part(part: str) -> Headings:
    """By the platform or the method of each pairing, in the order of their names."""
    found = list(Pairing.objects.order_by().values_list("pk", f"{part}_id", f"{part}__name"))
    part_of = {pairing: str(id) for pairing, id, _ in found}  # noqa: A001 (the field's own word)
    names = {str(id): name for _, id, name in found}  # noqa: A001
    return Headings(
        of=lambda row: part_of[row.pairing_id],
        rank=lambda key: (names.get(key, "").casefold(), int(key)),
        words=lambda key: names[key],
    )


_HEADINGS: Mapping[Group, Callable[[Order], Headings]] = {
    Group.STATUS: _by_status,
    Group.PLATFORM: _by_platform,
    Group.METHOD: _by_method,
    Group.TARGET: _by_target,
    Group.DAY: _by_day,
}
