"""Raising an alarm about a mitigation, once for each reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from accounts.authority import WORKER, Actor
from audit.ledger import Record, recorded
from audit.refusal import Objection
from mitigations.models import Alarm, Mitigation
from mitigations.policies.alarms import WITH_EVIDENCE
from mitigations.services import events, moves

_LONGEST_SENTENCE = 400


class _NothingToDo(Exception):
    """Somebody else has raised it. Rolls back without a record."""


def raise_alarms(
    mitigation: Mitigation, reasons: Iterable[Objection], *, at: datetime, since: datetime | None = None
) -> list[Record]:
    """Write those that are new, and give the events to be appended in the same transaction. The row must be locked."""
    new = [
        replace(reason, sentence=reason.sentence[:_LONGEST_SENTENCE])
        for reason in reasons
        if is_new(mitigation, reason, since=since)
    ]
    Alarm.objects.bulk_create(
        [Alarm(mitigation=mitigation, code=each.code, sentence=each.sentence, raised_at=at) for each in new]
    )
    return [
        Record(
            deed=events.ALARM_RAISED,
            subject=mitigation.reference,
            by=WORKER.author,
            at=at,
            facts={"code": each.code, "sentence": each.sentence},
        )
        for each in new
    ]


def raise_new(
    mitigation: Mitigation, reasons: Iterable[Objection], *, at: datetime, since: datetime | None = None
) -> None:
    """An event for each that is new, by itself, with nothing else to be recorded."""
    for reason in reasons:
        if not is_new(mitigation, reason, since=since):
            continue
        try:
            _raise(mitigation.reference, reason, at=at, since=since)
        except _NothingToDo:
            continue


def is_new(mitigation: Mitigation, reason: Objection, *, since: datetime | None = None) -> bool:
    """Whether it was never raised; or with `since`, whether it was not raised after that and does not stand."""
    return not any(
        each.code == reason.code and (since is None or each.settled_at is None or each.raised_at >= since)
        for each in mitigation.alarms.all()
    )


def _raise(reference: str, reason: Objection, *, at: datetime, since: datetime | None) -> None:
    with recorded(events.ALARM_RAISED, subject=reference, by=WORKER.author, at=at) as record:
        raised = raise_alarms(moves.locked(reference), [reason], at=at, since=since)
        if not raised:
            raise _NothingToDo
        record.facts = raised[0].facts


def settle_what_was_unclear(mitigation: Mitigation, *, by: Actor, note: str, at: datetime) -> list[Record]:
    """Whoever says what became of one has answered the alarms that asked; to be recorded with that."""
    records = []
    for alarm in mitigation.alarms.filter(settled_at=None, code__in=list(WITH_EVIDENCE)):
        alarm.settled_by_id, alarm.settled_at, alarm.note = by.id, at, note
        alarm.save()
        records.append(
            Record(
                deed=events.ALARM_SETTLED,
                subject=mitigation.reference,
                by=by.author,
                at=at,
                facts={"sentence": alarm.sentence},
                detail={"note": note},
            )
        )
    return records
