"""Days, weeks and months of UTC, as reports and sign-offs speak of them. Weeks are ISO's and begin on Monday."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

# Far from the ends of Python's calendar, so that what lies beside a period is always a date.
_FIRST_YEAR, _LAST_YEAR = 2000, 2999
_DECEMBER = 12
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})", re.ASCII)
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})", re.ASCII)


class Kind(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, kw_only=True)
class Period:
    """From `start` up to, and without, `end`; both are midnights of UTC. `containing` and `parse` make them."""

    kind: Kind
    start: datetime
    end: datetime

    def __str__(self) -> str:
        """Its stable name: 2026-11-25, 2026-W48, 2026-11. `parse` reads it."""
        return self.start.strftime({Kind.DAY: "%Y-%m-%d", Kind.WEEK: "%G-W%V", Kind.MONTH: "%Y-%m"}[self.kind])

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end

    @property
    def words(self) -> str:
        """Its name for people: "25 November 2026", "week 48 of 2026, 23 to 29 November", "November 2026"."""
        first, last = self.start, self.end - timedelta(days=1)
        if self.kind is Kind.DAY:
            return f"{first.day} {first:%B %Y}"
        if self.kind is Kind.MONTH:
            return f"{first:%B %Y}"
        begins = f"{first.day}" if first.month == last.month else f"{first.day} {first:%B}"
        return f"week {first:%V} of {first:%G}, {begins} to {last.day} {last:%B}"

    def earlier(self) -> Period:
        """The one of its kind that ends where it begins."""
        return containing(self.kind, self.start - timedelta(days=1))

    def later(self) -> Period:
        """The one of its kind that begins where it ends."""
        return containing(self.kind, self.end)

    def slices(self) -> tuple[tuple[datetime, datetime], ...]:
        """Its hours if it is a day, else its days: each with its start and its end."""
        step = timedelta(hours=1) if self.kind is Kind.DAY else timedelta(days=1)
        count = (self.end - self.start) // step
        return tuple((self.start + step * place, self.start + step * (place + 1)) for place in range(count))


def containing(kind: Kind, at: datetime) -> Period:
    """The period of this kind in which a moment lies."""
    day = at.astimezone(UTC).date()
    if kind is Kind.DAY:
        return _period(kind, day, day + timedelta(days=1))
    if kind is Kind.WEEK:
        monday = day - timedelta(days=day.weekday())
        return _period(kind, monday, monday + timedelta(days=7))
    return _period(kind, day.replace(day=1), _next_month(day))


def parse(text: str) -> Period | None:
    """The period of this name; None where there is none, or its year lies outside 2000 to 2999."""
    try:
        found = _read(text)
    except ValueError:
        return None
    return found if found is not None and _FIRST_YEAR <= int(str(found)[:4]) <= _LAST_YEAR else None


def _read(text: str) -> Period | None:
    if match := _DAY.fullmatch(text):
        return _of(Kind.DAY, date(int(match[1]), int(match[2]), int(match[3])))
    if match := _WEEK.fullmatch(text):
        return _of(Kind.WEEK, date.fromisocalendar(int(match[1]), int(match[2]), 1))
    if match := _MONTH.fullmatch(text):
        return _of(Kind.MONTH, date(int(match[1]), int(match[2]), 1))
    return None


def _of(kind: Kind, day: date) -> Period:
    return containing(kind, _midnight(day))


def _period(kind: Kind, first: date, after: date) -> Period:
    return Period(kind=kind, start=_midnight(first), end=_midnight(after))


def _next_month(day: date) -> date:
    return date(day.year + 1, 1, 1) if day.month == _DECEMBER else date(day.year, day.month + 1, 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
