"""The only writer of events, and the one shape of transaction in which every deed happens."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from audit import chaining, vocabulary, word_index
from audit.author import Author, Origin
from audit.canonical import Fact, time_text
from audit.models import Event, Item, Outcome
from audit.refusal import Forbidden, Refused
from audit.vocabulary import Concern, Review


@dataclass(kw_only=True)
class Record:
    """What a deed wants remembered. `facts` stay for ever; `detail` may have to be redacted one day.

    `review`: whoever audits should look at it, and under which heading, whatever the vocabulary says of such a deed.
    `more`: what it consists of, each with a subject of its own, appended after it in the same transaction.
    """

    deed: str
    subject: str
    by: Author
    at: datetime
    facts: dict[str, Fact] = field(default_factory=dict)
    detail: dict[str, Fact] = field(default_factory=dict)
    review: Review = None
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
            append(record, *record.more, outcome=Outcome.DONE)
    except Refused as refusal:
        objections = [{"code": each.code, "sentence": each.sentence} for each in refusal.objections]
        record.facts = {**record.facts, "objections": list(objections)}
        if isinstance(refusal, Forbidden) and vocabulary.is_telling_when_forbidden(record.deed):
            record.review = record.review or vocabulary.FORBIDDEN
        with transaction.atomic(durable=True):
            append(record, outcome=Outcome.REFUSED)
        raise


def append(*records: Record, outcome: Outcome) -> list[Event]:
    """Write events in this order. Call it last in a transaction: it takes the ledger's lock until the commit.

    Each that wants a look becomes an item of the review in the same transaction.
    """
    for record in records:
        _must_be_tellable(record, outcome)
    concerns = [_concern(record, outcome) for record in records]
    last = chaining.newest(Event)
    # Read behind the lock, so that they never go back from one event to the next.
    beside = chaining.heads_beside()
    events: list[Event] = []
    for record, concern in zip(records, concerns, strict=True):
        last = _append(record, outcome, review=concern is not None, after=last, beside=beside)
        events.append(last)
    word_index.write(events)
    Item.objects.bulk_create(
        Item(number=event.number, kind=concern.code, grave=concern.grave)
        for event, concern in zip(events, concerns, strict=True)
        if concern is not None
    )
    return events


def _concern(record: Record, outcome: Outcome) -> Concern | None:
    said = vocabulary.as_concern(record.review)
    return said or (vocabulary.concern(record.deed, record.facts) if outcome is Outcome.DONE else None)


def _append(record: Record, outcome: Outcome, *, review: bool, after: Event | None, beside: Fact) -> Event:
    """An event is never older than the one before it: who waited for the lock gets the time of whom they waited for,
    and the time that they brought stands beside it.
    """
    at = max(record.at, after.at) if after else record.at
    facts: dict[str, Fact] = {
        "at": time_text(at),
        "deed": record.deed,
        "outcome": outcome.value,
        "actor": record.by.key,
        "actor_name": record.by.name,
        "subject": record.subject,
        "request_id": record.by.origin.request_id,
        "review": review,
        "facts": record.facts,
        "beside": beside,
    }
    if at != record.at:
        facts["said_at"] = time_text(record.at)
    if record.by.through:
        facts["through"] = record.by.through
    detail: dict[str, Fact] = {"salt": secrets.token_hex(16), **_origin(record.by.origin), **record.detail}
    return chaining.append_after(after, Event, facts, detail)


def _must_be_tellable(record: Record, outcome: Outcome) -> None:
    """An event can never be mended, so one without words would break the page of the log for good."""
    if not vocabulary.is_known(record.deed):
        raise LookupError(f"No words are registered for the deed {record.deed!r}.")
    tell = vocabulary.done if outcome is Outcome.DONE else vocabulary.refused
    tell(record.deed, actor=record.by.name, subject=record.subject, facts=record.facts)


def _origin(origin: Origin) -> dict[str, Fact]:
    return {"ip": origin.ip, "user_agent": origin.user_agent}
