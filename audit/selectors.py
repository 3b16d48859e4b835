"""Reading the log, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from audit import vocabulary
from audit.models import Event, Outcome


@dataclass(frozen=True, kw_only=True)
class Entry:
    number: int
    at: datetime
    deed: str
    subject: str
    sentence: str
    refused: bool
    needs_review: bool
    note: str


def story(subject: str, *, limit: int = 200) -> list[Entry]:
    """The newest `limit` events of one subject, in the order in which they happened."""
    events = Event.objects.filter(subject=subject)[:limit]
    return _entries(events)[::-1]


def page(*, before: int | None = None, size: int = 50) -> tuple[list[Entry], int | None]:
    """The `size` events before a number (or the newest), and the number to go on from, None at the end."""
    events = Event.objects.all() if before is None else Event.objects.filter(number__lt=before)
    entries = _entries(events[: size + 1])
    return entries[:size], entries[size - 1].number if len(entries) > size else None


def head() -> int:
    """The number of the newest event: it changes whenever anything has happened."""
    newest = Event.objects.values_list("number", flat=True).first()
    return newest or 0


def newest_of(subject: str) -> int:
    newest = Event.objects.filter(subject=subject).values_list("number", flat=True).first()
    return newest or 0


def _entries(events: Iterable[Event]) -> list[Entry]:
    return [
        Entry(
            number=event.number,
            at=event.at,
            deed=event.deed,
            subject=event.subject,
            sentence=_sentence(event),
            refused=event.outcome == Outcome.REFUSED,
            needs_review=event.outcome == Outcome.DONE and vocabulary.needs_review(event.deed),
            note=str(event.details.get("note", "")),
        )
        for event in events
    ]


def _sentence(event: Event) -> str:
    tell = vocabulary.refused if event.outcome == Outcome.REFUSED else vocabulary.done
    return tell(event.deed, actor=event.actor_name, subject=event.subject, facts=event.facts)
