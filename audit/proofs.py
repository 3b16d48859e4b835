"""Reading what is known of the log's soundness: checkpoints, and what the last verification found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from audit.models import Checkpoint, Event, Outcome, Redaction
from audit.notes import Statement, statement
from audit.signing import BadNote


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a verification found, as its event tells: up to which event, from behind which, or the flaw."""

    number: int
    start: int
    at: datetime
    by: str
    sentence: str
    is_flaw: bool


@dataclass(frozen=True, kw_only=True)
class Covered:
    """Events `first` to `number`, which verifications that continue each other found sound.

    From `checked_from` on they were read in the newest one. Those before were so when they were read, the longest ago
    at `since`. `is_whole`: nothing before `first` is in the log.
    """

    first: int
    number: int
    checked_from: int
    since: datetime
    is_whole: bool

    @property
    def is_of_one(self) -> bool:
        """One verification read all of it."""
        return self.checked_from == self.first

    @property
    def checked_before(self) -> int:
        """The last one that the newest verification did not read."""
        return self.checked_from - 1

    @property
    def is_nothing_new(self) -> bool:
        return self.checked_from > self.number


def last_found(*, sound: Collection[str], flawed: str) -> Found | None:
    """What the newest of these deeds found. One query: every page shows it."""
    event = _of(sound, flawed).first()
    return None if event is None else _found(event, flawed)


def finds(*, sound: Collection[str], flawed: str) -> Iterator[Found]:
    """What these deeds found, the newest first."""
    return (_found(event, flawed) for event in _of(sound, flawed).iterator())


def covered(finds: Iterable[Found], *, beginning: int) -> Covered | None:
    """What is verified in all, by those that reach back to where the next one began. `finds`: the newest first."""
    links = iter(finds)
    newest = next(links, None)
    if newest is None or newest.is_flaw:
        return None
    start, since = newest.start, newest.at
    while start > beginning and (link := next(links, None)) is not None and not link.is_flaw:
        if link.start < start <= link.number:
            start, since = link.start, link.at
    first, checked_from = max(start, beginning) + 1, max(newest.start, beginning) + 1
    is_whole = start <= beginning
    return Covered(first=first, number=newest.number, checked_from=checked_from, since=since, is_whole=is_whole)


def newest_of(*deeds: str) -> Event | None:
    """The newest event of these deeds, done or refused."""
    return Event.objects.filter(deed__in=deeds).first()


def _of(sound: Collection[str], flawed: str) -> QuerySet[Event]:
    return Event.objects.filter(deed__in=[*sound, flawed], outcome=Outcome.DONE)


def _found(event: Event, flawed: str) -> Found:
    facts = event.facts
    return Found(
        number=facts["number"],
        start=facts["start"],
        at=event.at,
        by=event.actor_name,
        sentence=facts["sentence"],
        is_flaw=event.deed == flawed,
    )


def newest() -> Checkpoint | None:
    return Checkpoint.objects.first()


def newest_statement() -> Statement | None:
    """What the newest checkpoint states, for a walk to begin behind it. That walk checks its signature too.

    One that cannot be read states nothing: the walk then begins at the beginning, and says why.
    """
    checkpoint = newest()
    if checkpoint is None:
        return None
    try:
        return statement(checkpoint.text)
    except BadNote:
        return None


def checkpoints(*, before: int | None = None, size: int = 30) -> tuple[list[Checkpoint], int | None]:
    """The newest ones, or those before a number, and the number to go on from, None at the end."""
    found = Checkpoint.objects.all() if before is None else Checkpoint.objects.filter(number__lt=before)
    page = list(found[: size + 1])
    return page[:size], page[size - 1].number if len(page) > size else None


def checkpoint(number: int) -> Checkpoint:
    """Raises Checkpoint.DoesNotExist."""
    return Checkpoint.objects.get(pk=number)


def redactions(*, waiting: bool, limit: int = 100) -> list[Redaction]:
    """Those that wait, or the newest that were decided."""
    return list(Redaction.objects.filter(decided_at__isnull=waiting)[:limit])


def redaction(id: int) -> Redaction:
    """Raises Redaction.DoesNotExist."""
    return Redaction.objects.get(pk=id)
