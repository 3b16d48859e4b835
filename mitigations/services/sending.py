"""Claim, commit, call, record: how an approved mitigation reaches Kentik once.

The claim takes the lane as well. It is committed before a byte leaves and the call runs outside any transaction, so a
worker that dies leaves `sending` behind, which becomes `unknown` when the lease is over. No path leads from there to a
second POST.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts import managing
from accounts.authority import WORKER, Deed
from audit.ledger import Record, recorded
from mitigations.kentik.messages import Call, Outcome, Sent, StartMitigation
from mitigations.models import Mitigation
from mitigations.policies import guardrails
from mitigations.policies.approval import Standing
from mitigations.policies.budget import Purpose
from mitigations.policies.lifecycle import Status
from mitigations.selectors.approvers import resolution_of, whose_word
from mitigations.selectors.facts import findings_for
from mitigations.services import events, exchanges, lane, moves
from mitigations.services.lane import Gap
from mitigations.services.settling import start_clock

# After a call that never left: 1, 2, 4, … seconds, until the request's own deadline.
_FIRST_PAUSE = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to make one call, until the lease is over."""

    reference: str
    attempt: UUID
    fence: int
    message: StartMitigation
    lease_until: datetime


class _NothingToDo(Exception):
    """It is done already. Rolls back without a record, for nothing was done now and nobody was refused."""


def claim_next(*, lease: timedelta, at: datetime) -> Claim | None:
    """Take the oldest approved one that is due, or None when there is none or the lane lets no start through now."""
    due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=at)
    waiting = (
        Mitigation.objects.open().filter(due, status=Status.APPROVED, waits_until__gt=at).order_by("approved_at", "pk")
    )
    candidate = waiting.only("pk").first()
    if candidate is None or (gap := lane.gap(Purpose.START, at=at)) is None:
        return None
    try:
        return _claim(candidate.reference, gap, lease=lease, at=at)
    except _NothingToDo:
        return None


def _claim(reference: str, gap: Gap, *, lease: timedelta, at: datetime) -> Claim | None:
    with recorded(events.SENDING, subject=reference, by=WORKER.author, at=at) as record:
        mitigation = moves.locked(reference)
        if mitigation.status != Status.APPROVED or at >= mitigation.waits_until:
            raise _NothingToDo
        moves.permit(WORKER, Deed.SEND, mitigation)
        if _stays_behind(mitigation, record, at=at):
            return None
        if (held := lane.take(gap, lease=lease, at=at)) is None:
            raise _NothingToDo
        mitigation.attempt, mitigation.attempts = uuid.uuid4(), mitigation.attempts + 1
        mitigation.claimed_at, mitigation.lease_until = at, held.lease_until
        _begin(mitigation, at=at)
        record.facts = {"attempts": mitigation.attempts, "attempt": str(mitigation.attempt), "fence": held.fence}
    return Claim(
        reference=reference,
        attempt=mitigation.attempt,
        fence=held.fence,
        message=message_for(mitigation),
        lease_until=held.lease_until,
    )


def _stays_behind(mitigation: Mitigation, record: Record, *, at: datetime) -> bool:
    """Ask once more whether it is agreed and harmless; if not, move it where it belongs.

    Whoever agreed is held meanwhile: nobody is deactivated between this question and the commit of the claim.
    """
    managing.hold(whose_word(mitigation))
    if resolution_of(mitigation).standing is not Standing.APPROVED:
        record.deed = events.LAPSED
        moves.move(mitigation, Deed.SEND, Status.PENDING, at=at, note="An approval no longer counts.")
        return True
    if blocked := guardrails.blocks(findings_for(mitigation, at=at)):
        record.deed = events.BLOCKED
        note = " ".join(finding.sentence for finding in blocked)
        record.facts = {"sentence": note, "findings": [finding.code for finding in blocked]}
        moves.move(mitigation, Deed.SEND, Status.REFUSED, at=at, note=note)
        return True
    return False


def _begin(mitigation: Mitigation, *, at: datetime) -> None:
    """The last guard behind the lane: the constraint `one_call_at_a_time` lets a single row be `sending`."""
    try:
        with transaction.atomic():
            moves.move(mitigation, Deed.SEND, Status.SENDING, at=at)
    except IntegrityError as error:
        raise _NothingToDo from error


def message_for(mitigation: Mitigation) -> StartMitigation:
    pairing = mitigation.pairing
    return StartMitigation(
        ip_cidr=mitigation.target,
        comment=mitigation.marked_comment,
        platform_id=pairing.platform.kentik_id,
        method_id=pairing.method.kentik_id,
        minutes=mitigation.minutes,
    )


def record_call(*, claim: Claim, call: Call, at: datetime) -> Mitigation:
    """Keep the exchange, the new status and the event together.

    Recording it again does nothing: a worker cannot know whether a commit went through whose acknowledgement was lost.
    An answer that comes after the lease was over still counts as evidence while the status is `unknown`. Once a person
    has settled it, or another attempt is under way, the exchange is kept and the status stays. The lane is given back
    only by whoever still holds it.
    """
    try:
        return _record(claim, call, at=at)
    except _NothingToDo:
        return Mitigation.objects.referred(claim.reference)


def _record(claim: Claim, call: Call, *, at: datetime) -> Mitigation:
    with recorded(events.ANSWERED, subject=claim.reference, by=WORKER.author, at=at) as record:
        mitigation = moves.locked(claim.reference)
        if mitigation.exchanges.filter(attempt=claim.attempt, duration_ms__isnull=False).exists():
            raise _NothingToDo
        exchanges.keep(call, purpose=Purpose.START, attempt=claim.attempt, mitigation=mitigation)
        held = lane.give_back(fence=claim.fence, call=call, at=at)
        record.facts = {"sentence": call.sentence, "outcome": call.outcome.value, "attempt": str(claim.attempt)}
        if mitigation.attempt == claim.attempt and mitigation.status in {Status.SENDING, Status.UNKNOWN}:
            _follow(mitigation, call, held=held, at=at)
        record.facts |= {"status": mitigation.status, "fence": claim.fence, "late": not held}
    return mitigation


def _follow(mitigation: Mitigation, call: Call, *, held: bool, at: datetime) -> None:
    if call.outcome is Outcome.UNKNOWN and mitigation.status == Status.UNKNOWN:
        return
    after = _after(call.outcome, still_ours=held and mitigation.status == Status.SENDING)
    if after is Status.ACTIVE:
        start_clock(mitigation, started_at=call.started_at + timedelta(milliseconds=call.duration_ms))
    if after is Status.APPROVED:
        mitigation.next_attempt_at = at + _pause(mitigation.attempts)
    moves.move(mitigation, Deed.SEND, after, at=at, note=call.sentence)


def _after(outcome: Outcome, *, still_ours: bool) -> Status:
    match outcome:
        case Outcome.ACCEPTED:
            return Status.ACTIVE
        case Outcome.REFUSED | Outcome.THROTTLED:
            return Status.REFUSED
        case Outcome.NOT_SENT:
            return Status.APPROVED if still_ours else Status.REFUSED
        case Outcome.UNKNOWN:
            return Status.UNKNOWN


def _pause(attempts: int) -> timedelta:
    return min(_FIRST_PAUSE * (1 << min(attempts - 1, 10)), _LONGEST_PAUSE)


def keep_lost_exchange(mitigation: Mitigation, sent: Sent, *, sentence: str) -> None:
    """The exchange of a call whose worker did not come back: what it was about to send, and that no answer is known."""
    assert mitigation.attempt is not None, "what is being sent was claimed"
    assert mitigation.claimed_at is not None
    exchanges.keep_lost(
        sent,
        purpose=Purpose.START,
        attempt=mitigation.attempt,
        mitigation=mitigation,
        started_at=mitigation.claimed_at,
        sentence=sentence,
    )
