"""Reading the log, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from audit.models import Channel, Event, Outcome, Sink


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


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a sink fares. `behind`: events that it has not got, `since` when the oldest of them happened."""

    behind: int
    since: datetime | None
    last_ok_at: datetime | None
    last_error: str
    last_error_at: datetime | None
    next_try_at: datetime | None
    failures: int
    given_up: int

    @property
    def is_failing(self) -> bool:
        return self.failures > 0

    @property
    def has_lost(self) -> bool:
        """The newest thing that happened to it is that something was given up."""
        if not self.given_up or self.last_error_at is None:
            return False
        return self.last_ok_at is None or self.last_ok_at < self.last_error_at


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


def standings(names: Collection[str]) -> dict[str, Standing]:
    """How the sinks of these names fare; one that nobody has served yet is not among them."""
    newest = head()
    found = list(Sink.objects.filter(name__in=names))
    waiting = Event.objects.filter(number__in=[sink.cursor + 1 for sink in found])
    times = dict(waiting.values_list("number", "at"))
    return {
        sink.name: Standing(
            behind=max(newest - sink.cursor, 0),
            since=times.get(sink.cursor + 1),
            last_ok_at=sink.last_ok_at,
            last_error=sink.last_error,
            last_error_at=sink.last_error_at,
            next_try_at=sink.next_try_at,
            failures=sink.failures,
            given_up=sink.given_up,
        )
        for sink in found
    }


def channels() -> list[Channel]:
    """Every channel, without the address, which nobody but the one who writes to it needs."""
    return list(Channel.objects.defer("address"))


def channel(id: int) -> Channel:
    return Channel.objects.defer("address").get(pk=id)


def _entries(events: Iterable[Event]) -> list[Entry]:
    return [
        Entry(
            number=event.number,
            at=event.at,
            deed=event.deed,
            subject=event.subject,
            sentence=event.sentence,
            refused=event.outcome == Outcome.REFUSED,
            needs_review=event.review,
            note=str(event.details.get("note", "")),
        )
        for event in events
    ]
