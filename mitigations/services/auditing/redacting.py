"""Taking away what stands beside a record: a secret that somebody pasted, a comment that names a person.

One asks, another does it, and both are events. What is hashed stays, so the chain holds, and verification accepts the
gap because it was announced. What was exported or streamed out before cannot be called back.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.authority import Actor, Deed, demand
from audit import chaining, word_index
from audit.ledger import Record, recorded
from audit.models import Event, Link, Redaction
from audit.refusal import Conflict, Forbidden, Objection
from mitigations.services import events


def ask(*, log: str, number: int, reason: str, by: Actor, at: datetime) -> Redaction:
    """Ask for one record's detail to go. Raises Link.DoesNotExist, Conflict when it is gone or was asked for before."""
    redaction = Redaction(
        log=log, number=number, reason=reason, asked_by=by.author.key, asked_by_name=by.username, asked_at=at
    )
    with recorded(events.REDACTION_ASKED, subject=redaction.subject, by=by.author, at=at) as record:
        record.detail = {"note": reason}
        demand(by, Deed.ASK_REDACTION)
        if record_of(log, number).is_redacted:
            raise Conflict([Objection(code="redacted", sentence="This is redacted already.")])
        try:
            with transaction.atomic():
                redaction.save()
        except IntegrityError:
            raise Conflict([Objection(code="asked", sentence="Somebody has asked for this already.")]) from None
    return redaction


def carry_out(*, id: int, by: Actor, at: datetime) -> Redaction:
    """Redact. Raises Forbidden for whoever asked for it, Conflict when it was decided before."""
    with recorded(events.REDACTED, subject="a record", by=by.author, at=at) as record:
        redaction = _decided(id, record, by=by, at=at)
        redaction.carried_out = True
        redaction.save()
        log = chaining.logs()[redaction.log]
        emptied = {"ip": ""} if log is Event else {}
        log._default_manager.filter(number=redaction.number).update(detail=None, **emptied)
        if log is Event:
            word_index.forget(redaction.number)
        record.facts = {"log": redaction.log, "number": redaction.number, "asked_by": redaction.asked_by_name}
    return redaction


def decline(*, id: int, by: Actor, at: datetime) -> Redaction:
    """Leave it as it is. Raises as `carry_out` does."""
    with recorded(events.REDACTION_DECLINED, subject="a record", by=by.author, at=at) as record:
        redaction = _decided(id, record, by=by, at=at)
        redaction.save()
    return redaction


def _decided(id: int, record: Record, *, by: Actor, at: datetime) -> Redaction:
    """The waiting one with this decision on it, not yet saved; `record` is then about what it is about."""
    demand(by, Deed.REDACT)
    redaction = Redaction.objects.select_for_update().get(pk=id)
    record.subject = redaction.subject
    if redaction.asked_by == by.author.key:
        sentence = "Whoever asked for a redaction leaves it to somebody else."
        raise Forbidden([Objection(code="own", sentence=sentence)])
    if redaction.decided_at is not None:
        sentence = f"{redaction.decided_by_name} has decided this already."
        raise Conflict([Objection(code="decided", sentence=sentence)])
    redaction.decided_by, redaction.decided_by_name, redaction.decided_at = by.author.key, by.username, at
    return redaction


def record_of(log: str, number: int) -> Link:
    """Raises Link.DoesNotExist."""
    return chaining.logs()[log]._default_manager.get(number=number)
