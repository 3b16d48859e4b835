"""Approving and rejecting what others asked for."""

from __future__ import annotations

from datetime import datetime

from accounts.authority import Actor, Deed, demand
from audit.ledger import Record, recorded
from audit.refusal import Conflict, Forbidden, Objection, Unacceptable
from mitigations.models import Decision, Mitigation
from mitigations.policies import guardrails
from mitigations.policies.approval import Standing, Verdict, as_shown
from mitigations.policies.lifecycle import Status
from mitigations.selectors.approvers import is_of_its_team, resolution_of
from mitigations.selectors.facts import findings_for
from mitigations.services import doorbell, events, moves

# The one objection that is answered by looking again and pressing once more.
CHANGED = "changed"
_CHANGED = (
    "Something about it changed while you were looking. It stands here as it is now: approve it if you still agree."
)


def approve(*, reference: str, by: Actor, note: str, at: datetime, shown: str = "") -> Mitigation:
    """Agree to a request; the last approval needed hands it to the worker.

    The guardrails are asked again. Raises Forbidden, or Conflict when it is too late, was decided already, is blocked,
    or is no longer as the page had it whose word `shown` is.
    """
    with recorded(events.APPROVED, subject=reference, by=by.author, at=at) as record:
        mitigation = moves.locked(reference)
        _decide(mitigation, Verdict.APPROVE, by=by, note=note, at=at, record=record)
        findings, resolution = findings_for(mitigation, at=at), resolution_of(mitigation)
        if blocked := guardrails.blocks(findings):
            raise Conflict(blocked)
        if shown not in {"", as_shown(after_one_more=resolution.missing, findings=findings)}:
            raise Conflict([Objection(code=CHANGED, sentence=_CHANGED)])
        approved = resolution.standing is Standing.APPROVED
        if approved:
            mitigation.approved_at = at
        moves.move(mitigation, Deed.APPROVE, Status.APPROVED if approved else Status.PENDING, at=at)
        record.facts = {"approvals": resolution.approvals, "needed": resolution.needed, "status": mitigation.status}
        if approved:
            doorbell.ring()
    return mitigation


def reject(*, reference: str, by: Actor, note: str, at: datetime) -> Mitigation:
    """Refuse a request, with a written reason. One rejection ends it."""
    with recorded(events.REJECTED, subject=reference, by=by.author, at=at) as record:
        mitigation = moves.locked(reference)
        _decide(mitigation, Verdict.REJECT, by=by, note=note, at=at, record=record)
        moves.move(mitigation, Deed.REJECT, Status.REJECTED, at=at, note=note)
    return mitigation


_DEEDS = {Verdict.APPROVE: Deed.APPROVE, Verdict.REJECT: Deed.REJECT}


def _decide(mitigation: Mitigation, verdict: Verdict, *, by: Actor, note: str, at: datetime, record: Record) -> None:
    record.detail = {"note": note}
    demand(by, _DEEDS[verdict], mitigation)
    _once(mitigation, by)
    if verdict is Verdict.APPROVE:
        _still_needed(mitigation)
        _would_count(mitigation, by)
    moves.permit(by, _DEEDS[verdict], mitigation)
    moves.in_time(mitigation, at)
    if verdict is Verdict.REJECT and not note:
        raise Unacceptable([Objection(code="note-needed", sentence="Say why, so that whoever asked can do better.")])
    assert by.id is not None, "only people decide"
    Decision.objects.create(mitigation=mitigation, verdict=verdict, note=note, decided_by_id=by.id, decided_at=at)


def _once(mitigation: Mitigation, by: Actor) -> None:
    if mitigation.decisions.filter(decided_by_id=by.id).exists():
        raise Conflict([Objection(code="decided-already", sentence="You have decided on this request already.")])


def _would_count(mitigation: Mitigation, by: Actor) -> None:
    if not is_of_its_team(by, mitigation):
        sentence = f"Only approvals by {mitigation.approving_team} count for this request."
        raise Forbidden([Objection(code="not-of-team", sentence=sentence)])


def _still_needed(mitigation: Mitigation) -> None:
    if mitigation.approved_at is None:
        return
    if (glass := mitigation.broken_glass) is not None:
        sentence = f"{glass.broken_by.username} broke the glass for it, so it goes without approval."
    elif mitigation.approvals_needed == 0:
        sentence = "Its rule asks for no approval."
    else:
        approvers = mitigation.decisions.filter(verdict=Verdict.APPROVE).select_related("decided_by")
        names = " and ".join(decision.decided_by.username for decision in approvers)
        sentence = f"It was already approved by {names}."
    raise Conflict([Objection(code="approved-already", sentence=sentence)])
