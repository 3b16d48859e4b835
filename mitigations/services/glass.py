"""Breaking the glass: an own request goes out without approval, on a written reason, and others review it later."""

from __future__ import annotations

from datetime import datetime

from accounts.authority import Actor, Deed, demand
from audit.ledger import recorded
from audit.refusal import Conflict, Objection, Unacceptable
from mitigations.models import BreakGlass, Mitigation
from mitigations.policies import guardrails
from mitigations.policies.lifecycle import Status
from mitigations.selectors.facts import findings_for
from mitigations.services import doorbell, events, moves

SHORTEST_REASON = 20


def break_glass(*, reference: str, by: Actor, note: str, at: datetime) -> Mitigation:
    """Send an own request at once. What blocks still blocks; who would have approved reviews it afterwards.

    Raises Forbidden, Unacceptable for a reason that says too little, or Conflict when it is too late or blocked.
    """
    with recorded(events.GLASS_BROKEN, subject=reference, by=by.author, at=at) as record:
        mitigation = moves.locked(reference)
        record.facts, record.detail = {"rule": mitigation.rule}, {"note": note}
        moves.permit(by, Deed.BREAK_GLASS, mitigation)
        moves.in_time(mitigation, at)
        if len(note) < SHORTEST_REASON:
            sentence = f"Say in at least {SHORTEST_REASON} characters why this cannot wait: others will review it."
            raise Unacceptable([Objection(code="note-needed", sentence=sentence)])
        if blocked := guardrails.blocks(findings_for(mitigation, at=at)):
            raise Conflict(blocked)
        if mitigation.broken_glass is not None:
            raise Conflict([Objection(code="broken-already", sentence="The glass was broken for this one already.")])
        assert by.id is not None, "only people break glass"
        BreakGlass.objects.create(mitigation=mitigation, broken_by_id=by.id, broken_at=at, reason=note)
        mitigation.approved_at = at
        moves.move(mitigation, Deed.BREAK_GLASS, Status.APPROVED, at=at)
        doorbell.ring()
    return mitigation


def review(*, reference: str, justified: bool, by: Actor, note: str, at: datetime) -> Mitigation:
    """Say afterwards whether it was right to break the glass. Once, and by somebody else."""
    with recorded(events.GLASS_REVIEWED, subject=reference, by=by.author, at=at) as record:
        mitigation = moves.locked(reference)
        record.facts, record.detail = {"verdict": "justified" if justified else "not justified"}, {"note": note}
        demand(by, Deed.REVIEW_GLASS, mitigation)
        glass = BreakGlass.objects.select_for_update().filter(mitigation=mitigation).first()
        if glass is None or glass.reviewed_at is not None:
            sentence = "It was reviewed already." if glass else "No glass was broken for this one."
            raise Conflict([Objection(code="not-now", sentence=sentence)])
        if not note:
            raise Unacceptable([Objection(code="note-needed", sentence="Say how you come to that.")])
        glass.reviewed_by_id, glass.reviewed_at = by.id, at
        glass.justified, glass.review_note = justified, note
        glass.save()
    return mitigation
