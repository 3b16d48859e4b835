"""The only writer of events, and the one shape of transaction in which every deed happens."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import connection, transaction
from django.db.models import Max

from audit import vocabulary
from audit.author import Author, Origin
from audit.canonical import Fact, canonical, sha256
from audit.models import Event, Outcome
from audit.refusal import Refused

# Any 64-bit number, the same for every process of one database. Nothing else in the portal uses it.
_LEDGER_LOCK = 0x6B72_6561_6B77_6174


@dataclass(kw_only=True)
class Record:
    """What a deed wants remembered. `facts` stay for ever; `detail` may have to be redacted one day.

    `more`: what it consists of, each with a subject of its own, appended after it in the same transaction.
    """

    deed: str
    subject: str
    by: Author
    at: datetime
    facts: dict[str, Fact] = field(default_factory=dict)
    detail: dict[str, Fact] = field(default_factory=dict)
    more: list[Record] = field(default_factory=list)


@contextmanager
def recorded(deed: str, *, subject: str, by: Author, at: datetime) -> Iterator[Record]:
    """The transaction of one deed: the caller locks, asks the policies and writes; the event is appended last.

    If the event cannot be written, nothing is. A `Refused` rolls everything back, is recorded in a transaction of its
    own, and goes on to the caller. `durable` makes nesting this in another transaction an error: the record of a
    refusal would vanish with the outer one.
    """
    record = Record(deed=deed, subject=subject, by=by, at=at)
    try:
        with transaction.atomic(durable=True):
            yield record
            for each in (record, *record.more):
                append(each, outcome=Outcome.DONE)
    except Refused as refusal:
        objections = [{"code": each.code, "sentence": each.sentence} for each in refusal.objections]
        record.facts = {**record.facts, "objections": list(objections)}
        with transaction.atomic(durable=True):
            append(record, outcome=Outcome.REFUSED)
        raise


def append(record: Record, *, outcome: Outcome) -> Event:
    """Write one event. Call it last in a transaction: it takes the ledger's lock until the commit."""
    _must_be_tellable(record, outcome)
    detail = canonical({"salt": secrets.token_hex(16), **_origin(record.by.origin), **record.detail})
    number = _next_number()
    body = canonical(
        {
            "number": number,
            "at": record.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "deed": record.deed,
            "outcome": outcome.value,
            "actor": record.by.key,
            "actor_name": record.by.name,
            "subject": record.subject,
            "request_id": record.by.origin.request_id,
            "facts": record.facts,
            "detail_sha256": sha256(detail),
        }
    )
    return Event.objects.create(
        number=number,
        at=record.at,
        deed=record.deed,
        outcome=outcome,
        actor=record.by.key,
        actor_name=record.by.name,
        subject=record.subject,
        request_id=record.by.origin.request_id,
        body=body,
        detail=detail,
    )


def _must_be_tellable(record: Record, outcome: Outcome) -> None:
    """An event can never be mended, so one without words would break the page of the log for good."""
    if not vocabulary.is_known(record.deed):
        raise LookupError(f"No words are registered for the deed {record.deed!r}.")
    tell = vocabulary.done if outcome is Outcome.DONE else vocabulary.refused
    tell(record.deed, actor=record.by.name, subject=record.subject, facts=record.facts)


def _origin(origin: Origin) -> dict[str, Fact]:
    return {"ip": origin.ip, "user_agent": origin.user_agent}


def _next_number() -> int:
    """Gapless and in the order of commits: on PostgreSQL by an advisory lock, on SQLite by its one writer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LEDGER_LOCK])
    last: int | None = Event.objects.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
