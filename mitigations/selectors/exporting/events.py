from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from audit import chaining, selectors
from audit.chain import Head
from audit.models import Event, What
from audit.selectors import Filter
from audit.spreadsheet import Value
from mitigations.selectors.exporting import chained
from mitigations.selectors.exporting.source import Row

_BATCH = 1_000


@dataclass(frozen=True)
class Events:
    """Events that a filter lets through."""

    WHAT: ClassVar[What] = What.EVENTS
    HEADER: ClassVar[tuple[str, ...]] = (
        *("number", "at", "who", "deed", "outcome", "subject", "sentence", "note", "needs review"),
        *("ip", "user agent", "request id", "redacted", "hash"),
    )
    wanted: Filter

    @property
    def is_whole(self) -> bool:
        """A range of times is one of numbers: events are in the order of their times."""
        return self.wanted.is_a_range

    def newest(self) -> int:
        return selectors.head()

    def how_many(self, *, up_to: int) -> int | None:
        if self.wanted == Filter():
            return chained.remaining(Event, up_to=up_to)
        found = selectors.how_many(self.wanted, up_to=up_to, most=chained.MOST_COUNTED)
        return found if found <= chained.MOST_COUNTED else None

    def lines(self, *, after: int, up_to: int) -> list[Row]:
        return chained.lines(self._next(after, up_to))

    def cells(self, *, after: int, up_to: int) -> list[Row]:
        found = self._next(after, up_to)
        return [Row(number=each.number, written=_cells(each), redacted=each.is_redacted) for each in found]

    def head_at(self, number: int) -> Head | None:
        return chained.head_at(Event, number)

    def _next(self, after: int, up_to: int) -> list[Event]:
        after = max(after, chaining.beginning(Event).number)
        return selectors.following(self.wanted, after=after, up_to=up_to, count=_BATCH)


def _cells(event: Event) -> tuple[Value, ...]:
    details = event.details
    return (
        event.number,
        event.at,
        event.actor_name,
        event.deed,
        event.outcome,
        event.subject,
        event.sentence,
        str(details.get("note", "")),
        event.review,
        event.ip,
        str(details.get("user_agent", "")),
        event.request_id,
        event.is_redacted,
        event.hash,
    )
