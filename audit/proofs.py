"""Reading what is known of the log's soundness: checkpoints, and what the last verification found."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

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


def last_found(*, sound: Collection[str], flawed: str) -> Found | None:
    """What the newest of these deeds found. One query: every page shows it."""
    event = Event.objects.filter(deed__in=[*sound, flawed], outcome=Outcome.DONE).first()
    if event is None:
        return None
    facts = event.facts
    return Found(
        number=facts["number"],
        start=facts["start"],
        at=event.at,
        by=event.actor_name,
        sentence=facts["sentence"],
        is_flaw=event.deed == flawed,
    )


def newest_of(*deeds: str) -> Event | None:
    """The newest event of these deeds, done or refused."""
    return Event.objects.filter(deed__in=deeds).first()


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
