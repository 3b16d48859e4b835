"""Charts as shapes for the templates to draw: columns over time, and bars beside their numbers.

Across, everything is told in per cent and so grows with the page; text and heights are in pixels and stay readable on a
phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

_TOP, _BASE, _HEIGHT = 8, 160, 184
_FILLED = 0.72  # of its slot a column takes so much
_STEPS = (1, 2, 4, 6, 8, 10)


class Point(Protocol):
    """A number with a name, and the address of what is behind it; `mark` stands under its column, if anything."""

    @property
    def label(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def url(self) -> str: ...
    @property
    def mark(self) -> str: ...
    @property
    def tone(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A row: its bar is so much per cent of the longest one."""

    point: Point
    width: str


@dataclass(frozen=True, kw_only=True)
class Column:
    """A bar that stands; `slot` is the room that it stands in, all of which can be clicked."""

    point: Point
    x: str
    width: str
    y: float
    height: float
    slot_x: str
    slot_width: str
    middle: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line across, with its number before it."""

    y: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Columns:
    height: int
    base: int
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    greatest: Point | None

    @property
    def total(self) -> int:
        return sum(column.point.count for column in self.columns)


def bars(points: Sequence[Point]) -> tuple[Bar, ...]:
    most = max((point.count for point in points), default=0)
    return tuple(Bar(point=point, width=_per_cent(point.count / most if most else 0)) for point in points)


def columns(points: Sequence[Point]) -> Columns:
    """In the order given, from left to right. `greatest` is the first of the highest, None where all are nothing."""
    greatest = max(points, key=lambda point: point.count, default=None)
    top = ceiling(greatest.count if greatest else 0)
    return Columns(
        height=_HEIGHT,
        base=_BASE,
        columns=tuple(_column(point, place, len(points), top) for place, point in enumerate(points)),
        lines=tuple(Line(y=_y(value, top), label=f"{value:,}") for value in sorted({top, top // 2} - {0})),
        greatest=greatest if greatest and greatest.count else None,
    )


def ceiling(most: int) -> int:
    """A round number that is not less, and of which the half is whole unless it is 1."""
    scale = 1
    while most > 10 * scale:
        scale *= 10
    return next(step * scale for step in _STEPS if step * scale >= most)


def _column(point: Point, place: int, count: int, top: int) -> Column:
    slot, y = 1 / count, _y(point.count, top)
    return Column(
        point=point,
        x=_per_cent(slot * (place + (1 - _FILLED) / 2)),
        width=_per_cent(slot * _FILLED),
        y=y,
        height=round(_BASE - y, 1),
        slot_x=_per_cent(slot * place),
        slot_width=_per_cent(slot),
        middle=_per_cent(slot * (place + 0.5)),
    )


def _y(value: int, top: int) -> float:
    return round(_BASE - (_BASE - _TOP) * value / top, 1)


def _per_cent(share: float) -> str:
    return f"{100 * share:.2f}%"
