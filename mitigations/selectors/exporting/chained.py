"""What events and exchanges have in common."""

from __future__ import annotations

from collections.abc import Iterable

from audit import chaining
from audit.chain import Head
from audit.lines import line_of
from audit.models import Link
from mitigations.selectors.exporting.source import Row

# More would take long to count, and nobody needs to know.
MOST_COUNTED = 10_000


def lines(links: Iterable[Link]) -> list[Row]:
    return [Row(number=each.number, written=line_of(each), redacted=each.is_redacted) for each in links]


def remaining(log: type[Link], *, up_to: int) -> int:
    """How many records there are without gaps, up to a number."""
    return max(up_to - chaining.beginning(log).number, 0)


def head_at(log: type[Link], number: int) -> Head | None:
    beginning = chaining.beginning(log)
    if number <= beginning.number:
        return beginning
    found = log._default_manager.filter(number=number).values_list("hash", flat=True).first()
    return None if found is None else Head(number=number, hash=found)
