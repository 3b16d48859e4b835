"""A page of a list of mitigations, in any order and under any headings, as fast among a million as among a hundred."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mitigations.models import Mitigation
from mitigations.policies import ordering
from mitigations.policies.columns import Column
from mitigations.policies.ordering import Group, Order, Place
from mitigations.selectors import grouping
from mitigations.selectors.filtering import Filter
from mitigations.selectors.mitigations import shown
from mitigations.selectors.ordered import ids

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Section:
    """Rows under one heading. `key`: of a platform or a method its ID, of a day "2026-11-25"; without groups empty.

    `count`: how many there are under it in all; unless `is_all`, at least so many.
    """

    rows: list[Mitigation]
    key: str = ""
    words: str = ""
    count: int = 0
    is_all: bool = True


@dataclass(frozen=True, kw_only=True)
class Page:
    """`back` and `onward`: the places to go on from, None at the ends. `is_whole`: no grouping left anything out."""

    sections: list[Section]
    back: Place | None = None
    onward: Place | None = None
    is_whole: bool = True

    @property
    def rows(self) -> list[Mitigation]:
        return [row for section in self.sections for row in section.rows]


def page(
    wanted: Filter,
    *,
    order: Order = Order.NEWEST,
    group: Group | None = None,
    columns: Collection[Column] = frozenset(Column),
    below: Place | None = None,
    above: Place | None = None,
    size: int = PAGE,
) -> Page:
    """The rows below a place, or those above it; the first ones without either."""
    if group is not None:
        return _grouped(wanted, order, group, columns=columns, below=below, above=above, size=size)
    upwards = above is not None
    found = ids(wanted, order, past=above or below, upwards=upwards, count=size + 1)
    rows, more = shown(found[:size], columns), len(found) > size
    if upwards:
        rows.reverse()
    if not rows:
        return Page(sections=[])
    return Page(
        sections=[Section(rows=rows)],
        back=_place(rows[0], order) if (more if upwards else below) else None,
        onward=_place(rows[-1], order) if (upwards or more) else None,
    )


def _place(row: Mitigation, order: Order) -> Place:
    return Place(
        id=row.pk,
        target=row.prefix if order is Order.TARGET else None,
        ends_at=row.ends_at if order is Order.ENDS and row.closed_at is None else None,
    )


def _grouped(
    wanted: Filter,
    order: Order,
    group: Group,
    *,
    columns: Collection[Column],
    below: Place | None,
    above: Place | None,
    size: int,
) -> Page:
    found = grouping.grouped(wanted, order, group)
    part = ordering.cut(found.places, by=found.key, size=size, below=below, above=above)
    rows = {row.pk: row for row in shown([each.id for each in part.places], columns)}
    under: dict[str, list[Mitigation]] = {}
    for place in part.places:
        under.setdefault(place.group, []).append(rows[place.id])
    return Page(
        sections=[
            Section(
                key=key,
                words=found.headings.words(key),
                rows=those,
                count=found.counts[key],
                is_all=found.is_counted(key),
            )
            for key, those in under.items()
        ],
        back=part.places[0] if part.above else None,
        onward=part.places[-1] if part.below else None,
        is_whole=found.is_whole,
    )
