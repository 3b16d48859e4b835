"""Several at Kentik may be one of ours: an approver says which it is."""

from __future__ import annotations

from datetime import datetime

from accounts.authority import Actor, Deed
from audit.ledger import recorded
from audit.refusal import Conflict, Objection, Unacceptable
from mitigations.models import Mitigation, Sighting
from mitigations.policies import matching
from mitigations.policies.lifecycle import Status
from mitigations.selectors import observed
from mitigations.services import alarms, events, moves
from mitigations.services.settling import start_clock


def adopt_by(*, reference: str, kentik_id: str, by: Actor, note: str, at: datetime) -> Mitigation:
    """Tie it to one of those that it may be, and settle the alarm that asked which. An unknown one is active then.

    Raises Conflict when Kentik's list has moved on: it was found meanwhile, or this one cannot be it.
    """
    with recorded(events.MATCHED, subject=reference, by=by.author, at=at) as record:
        mitigation = moves.locked(reference)
        record.facts, record.detail = {"kentik_id": kentik_id}, {"note": note}
        moves.permit(by, Deed.IDENTIFY, mitigation)
        if not note:
            raise Unacceptable([Objection(code="note-needed", sentence="Say what you saw in Kentik that tells it.")])
        sighting = _free(mitigation, kentik_id)
        sighting.mitigation = mitigation
        sighting.save(update_fields=["mitigation"])
        found = matching.differences(observed.sought(mitigation), observed.shown(sighting))
        record.more = [
            *alarms.settle_what_was_unclear(mitigation, by=by, note=note, at=at),
            *alarms.raise_alarms(mitigation, found, at=at),
        ]
        _move(mitigation, sighting, at)
        record.facts |= {"differences": [each.code for each in found], "status": mitigation.status, "by_hand": True}
    return mitigation


def _free(mitigation: Mitigation, kentik_id: str) -> Sighting:
    if (known := getattr(mitigation, "sighting", None)) is not None:
        raise Conflict([Objection(code="found", sentence=f"It was found at Kentik already, as {known.kentik_id}.")])
    sighting = Sighting.objects.select_for_update().filter(kentik_id=kentik_id).first()
    if sighting is None or sighting not in observed.candidates(mitigation):
        sentence = f"Kentik's {kentik_id} cannot be it: another target, platform, method, time or mark. Look again."
        raise Conflict([Objection(code="no-candidate", sentence=sentence)])
    return sighting


def _move(mitigation: Mitigation, sighting: Sighting, at: datetime) -> None:
    note = mitigation.status_note
    if mitigation.status == Status.UNKNOWN:
        start_clock(mitigation, started_at=sighting.started_at or mitigation.claimed_at or at)
        note = f"It was found at Kentik as {sighting.kentik_id}."
    moves.move(mitigation, Deed.IDENTIFY, Status.ACTIVE, at=at, note=note)
