"""What people saw in Kentik: the outcome of a call whose answer was lost, and a stop."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.authority import Actor, Deed
from audit.ledger import recorded
from audit.refusal import Objection, Unacceptable
from mitigations.models import Mitigation
from mitigations.policies.lifecycle import Status
from mitigations.services import alarms, events, moves

SETTLEMENTS = (Status.ACTIVE, Status.REFUSED, Status.STOPPED)


def settle(*, reference: str, outcome: Status, by: Actor, note: str, at: datetime) -> Mitigation:
    """Say what became of an unknown one, with a written reason. Nothing is sent; sending again is a new request."""
    with recorded(events.SETTLED, subject=reference, by=by.author, at=at) as record:
        mitigation = moves.locked(reference)
        record.facts, record.detail = {"status": outcome.value}, {"note": note}
        moves.permit(by, Deed.SETTLE, mitigation)
        _explained(note)
        record.more = alarms.settle_what_was_unclear(mitigation, by=by, note=note, at=at)
        if outcome is Status.ACTIVE:
            start_clock(mitigation, started_at=mitigation.claimed_at or at)
        moves.move(mitigation, Deed.SETTLE, outcome, at=at, note=note)
    return mitigation


def record_stop(*, reference: str, by: Actor, note: str, at: datetime) -> Mitigation:
    """Keep who saw in Kentik that it is stopped."""
    with recorded(events.STOPPED, subject=reference, by=by.author, at=at) as record:
        mitigation = moves.locked(reference)
        record.detail = {"note": note}
        moves.permit(by, Deed.RECORD_STOP, mitigation)
        record.facts = {"early": mitigation.ends_after(at)}
        _explained(note)
        moves.move(mitigation, Deed.RECORD_STOP, Status.STOPPED, at=at, note=note)
    return mitigation


def start_clock(mitigation: Mitigation, *, started_at: datetime) -> None:
    """Kentik's auto-stop counts from here. Set before the move to `active`, which needs it."""
    mitigation.started_at = started_at
    mitigation.ends_at = started_at + timedelta(minutes=mitigation.minutes) if mitigation.minutes else None


def _explained(note: str) -> None:
    if not note:
        raise Unacceptable([Objection(code="note-needed", sentence="Say what you saw in Kentik, and where.")])
