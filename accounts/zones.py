"""Time zones by the names of the tz database, as this machine knows them.

Python reads them from the system (Debian's package tzdata) or from the Python package of that name.
"""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

_UTC = "UTC"


@cache  # Reading the names takes some 50 ms, and they change with the machine's packages only.
def offered() -> tuple[str, ...]:
    """The names by place, and UTC. Without what is no place: Etc/GMT+5 lies west, which nobody expects."""
    places = {name for name in available_timezones() if "/" in name and not name.startswith("Etc/")}
    return (_UTC, *sorted(places))


def named(text: str) -> str | None:
    """The name that somebody means: in any letters, or by its city alone where no other has that name."""
    wanted = "_".join(text.split()).casefold()
    exact = [name for name in offered() if name.casefold() == wanted]
    cities = [name for name in offered() if name.casefold().rpartition("/")[2] == wanted]
    found = exact or cities
    return found[0] if len(found) == 1 else None


def known(name: str) -> ZoneInfo | None:
    """The zone of a name; None for none, and for one that this machine does not know."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
