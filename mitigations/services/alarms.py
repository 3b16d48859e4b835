"""Raising an alarm about a mitigation, once for each reason, until somebody settles it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from accounts.authority import WORKER
from audit.ledger import Record, recorded
from audit.refusal import Objection
from mitigations.models import Alarm, Mitigation
from mitigations.services import events, moves


def raise_alarms(mitigation: Mitigation, reasons: Iterable[Objection], *, at: datetime) -> list[Record]:
    """Write those that do not stand already, and give the events to be appended in the same transaction."""
    standing = set(mitigation.alarms.filter(settled_at=None).values_list("code", flat=True))
    new = [reason for reason in reasons if reason.code not in standing]
    Alarm.objects.bulk_create(
        [Alarm(mitigation=mitigation, code=each.code, sentence=each.sentence[:400], raised_at=at) for each in new]
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


def raise_one(reference: str, reason: Objection, *, at: datetime) -> None:
    """An alarm by itself, with nothing else to be recorded."""
    with recorded(events.ALARM_RAISED, subject=reference, by=WORKER.author, at=at) as record:
        record.facts = {"code": reason.code, "sentence": reason.sentence}
        raise_alarms(moves.locked(reference), [reason], at=at)


def stand(mitigation: Mitigation, reasons: Iterable[Objection]) -> bool:
    """Whether each of these was raised already, whatever became of it."""
    raised = set(mitigation.alarms.values_list("code", flat=True))
    return all(reason.code in raised for reason in reasons)
