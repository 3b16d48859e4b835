"""Times as whoever reads the page tells them: in their own zone, with 24 hours or with 12, and always beside UTC.

Only pages ask this. What is canonical (forms, exports, the log, mail, periods) is in UTC whoever reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, tzinfo

from django.utils import timezone

_NOON = 12
_twelve_hours: ContextVar[bool] = ContextVar("twelve_hours", default=False)


@contextmanager
def read_in(zone: tzinfo | None, *, twelve_hours: bool) -> Iterator[None]:
    """Until it ends, times are told in this zone (None: the site's) and with so many hours."""
    token = _twelve_hours.set(twelve_hours)
    try:
        with timezone.override(zone):
            yield
    finally:
        _twelve_hours.reset(token)


def own(at: datetime) -> str:
    """The reader's: "2026-11-23 08:30:00 IST". With the zone, for in autumn an hour comes twice."""
    there = at.astimezone(timezone.get_current_timezone())
    return f"{there:%Y-%m-%d} {_time(there, '%M:%S')} {_zone(there)}"


def own_time(at: datetime) -> str:
    """The reader's time of the day: "08:30 IST"."""
    there = at.astimezone(timezone.get_current_timezone())
    return f"{_time(there, '%M')} {_zone(there)}"


def own_day(at: datetime) -> str:
    """The reader's day: "23 November 2026"."""
    there = at.astimezone(timezone.get_current_timezone())
    return f"{there.day} {there:%B %Y}"


def utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def both(at: datetime) -> str:
    """The reader's and UTC; once where they are the same."""
    return ", ".join(dict.fromkeys((own(at), utc(at))))


def machine(at: datetime) -> str:
    """As a `datetime` attribute has it: in UTC, whoever reads."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def zone() -> str:
    """The name of the reader's zone: "Asia/Kolkata"."""
    return str(timezone.get_current_timezone_name())


def _time(there: datetime, rest: str) -> str:
    if not _twelve_hours.get():
        return there.strftime(f"%H:{rest}")
    return there.strftime(f"{there.hour % 12 or 12}:{rest} {'am' if there.hour < _NOON else 'pm'}")


def _zone(there: datetime) -> str:
    """ "CEST", or "UTC+05:45" where a zone has no letters for itself."""
    name = there.tzname() or ""
    return name if name.isalpha() else f"UTC{there.isoformat()[-6:]}"
