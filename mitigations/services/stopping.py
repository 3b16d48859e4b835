"""Stopping what runs: somebody orders it, the worker tells Kentik, and it is stopped when Kentik shows so.

Stopping is the safe direction, and stopping twice does no harm. Still an order is sent once, unless the call provably
never left or was refused for its pace: what became of it, Kentik's state tells.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from accounts.authority import WORKER, Actor, Deed
from audit.ledger import recorded
from audit.refusal import Conflict, Objection, Unacceptable
from mitigations.kentik.messages import Outcome
from mitigations.kentik.v6.values import ActAnswer, Acted
from mitigations.models import Mitigation, Sighting, StopOrder
from mitigations.policies.budget import Purpose
from mitigations.policies.lifecycle import Status
from mitigations.policies.stopping import OPEN_ORDERS, PATIENCE, OrderStatus
from mitigations.selectors import kentik
from mitigations.services import alarms, doorbell, events, exchanges, lane, moves

_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class StopClaim:
    """The right to tell Kentik once to stop this one."""

    order: int
    reference: str
    kentik_id: str
    attempt: UUID
    fence: int
    lease_until: datetime


class _NothingToDo(Exception):
    """Rolls back without a record."""


def order(*, reference: str, by: Actor, note: str, at: datetime) -> Mitigation:
    """Have the worker tell Kentik to stop it. Raises Conflict when the portal cannot: then stop it in Kentik itself."""
    with recorded(events.STOP_ORDERED, subject=reference, by=by.author, at=at) as record:
        mitigation = moves.locked(reference)
        record.detail = {"note": note}
        moves.permit(by, Deed.STOP, mitigation)
        if not note:
            raise Unacceptable([Objection(code="note-needed", sentence="Say why it is to stop.")])
        sighting = stoppable(mitigation, at=at)
        if sighting is None:
            raise Conflict([_CANNOT])
        if mitigation.stop_orders.filter(status__in=OPEN_ORDERS).exists():
            raise Conflict([Objection(code="ordered-already", sentence="It is being stopped already.")])
        assert by.id is not None, "only people order"
        StopOrder.objects.create(
            mitigation=mitigation, kentik_id=sighting.kentik_id, ordered_by_id=by.id, ordered_at=at, reason=note
        )
        moves.move(mitigation, Deed.STOP, Status.ACTIVE, at=at, note=mitigation.status_note)
        record.facts = {"kentik_id": sighting.kentik_id}
        doorbell.ring()
    return mitigation


def stoppable(mitigation: Mitigation, *, at: datetime) -> Sighting | None:
    """What Kentik shows of it, if the portal can have it stopped now."""
    sighting: Sighting | None = getattr(mitigation, "sighting", None)
    return sighting if sighting is not None and sighting.occupies and kentik.is_seeing(at=at) else None


def claim_next(*, lease: timedelta, at: datetime) -> StopClaim | None:
    """Take the oldest order that is due, ahead of all starts; None when there is none or the lane is not free."""
    due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=at)
    waiting = StopOrder.objects.filter(due, closed_at=None, status=OrderStatus.WAITING).order_by("ordered_at", "pk")
    candidate = waiting.select_related("mitigation").first()
    if candidate is None or (gap := lane.gap(Purpose.STOP, at=at)) is None:
        return None
    try:
        return _claim(candidate, gap, lease=lease, at=at)
    except _NothingToDo:
        return None


def _claim(candidate: StopOrder, gap: lane.Gap, *, lease: timedelta, at: datetime) -> StopClaim:
    reference = candidate.mitigation.reference
    with recorded(events.STOP_SENDING, subject=reference, by=WORKER.author, at=at) as record:
        moves.locked(reference)
        order = StopOrder.objects.select_for_update().get(pk=candidate.pk)
        if order.status != OrderStatus.WAITING or (held := lane.take(gap, lease=lease, at=at)) is None:
            raise _NothingToDo
        order.status, order.attempt, order.attempts = OrderStatus.SENDING, uuid.uuid4(), order.attempts + 1
        order.lease_until = held.lease_until
        order.save()
        record.facts = {"kentik_id": order.kentik_id, "attempts": order.attempts, "fence": held.fence}
    return StopClaim(
        order=order.pk,
        reference=reference,
        kentik_id=order.kentik_id,
        attempt=order.attempt,
        fence=held.fence,
        lease_until=held.lease_until,
    )


def record_answer(*, claim: StopClaim, answer: ActAnswer, at: datetime) -> None:
    """Keep the exchange and what it means for the order. Recording it again does nothing."""
    try:
        _record(claim, answer, at=at)
    except _NothingToDo:
        return


def _record(claim: StopClaim, answer: ActAnswer, *, at: datetime) -> None:
    call = answer.call
    with recorded(events.STOP_ANSWERED, subject=claim.reference, by=WORKER.author, at=at) as record:
        mitigation = moves.locked(claim.reference)
        if mitigation.exchanges.filter(attempt=claim.attempt, duration_ms__isnull=False).exists():
            raise _NothingToDo
        exchanges.keep(call, purpose=Purpose.STOP, attempt=claim.attempt, mitigation=mitigation)
        lane.give_back(fence=claim.fence, call=call, at=at)
        order = StopOrder.objects.select_for_update().get(pk=claim.order)
        after, sentence = _meaning(answer)
        record.facts = {"sentence": sentence, "outcome": call.outcome.value}
        if order.attempt != claim.attempt or order.status not in {OrderStatus.SENDING, OrderStatus.UNCLEAR}:
            return
        order.status, order.note, order.lease_until = after, sentence, None
        if after is OrderStatus.WAITING:
            order.next_attempt_at = at + min(_PAUSE * (1 << min(order.attempts - 1, 10)), _LONGEST_PAUSE)
        else:
            order.answered_at = at
        if after is OrderStatus.REFUSED:
            order.closed_at = at
            record.more = alarms.raise_alarms(mitigation, [_undelivered(sentence)], at=at)
        order.save()
        record.facts |= {"order": after.value}


def _meaning(answer: ActAnswer) -> tuple[OrderStatus, str]:
    """What an answer makes of the order: each ID has a result of its own, whatever the status says."""
    call = answer.call
    match call.outcome:
        case Outcome.NOT_SENT | Outcome.THROTTLED:
            return OrderStatus.WAITING, call.sentence
        case Outcome.REFUSED:
            return OrderStatus.REFUSED, call.sentence
        case Outcome.ACCEPTED:
            result = answer.results[0]
            if result.acted is Acted.DONE:
                return OrderStatus.DELIVERED, "Kentik took the order."
            said = f": {result.message}" if result.message else "."
            if result.acted is Acted.REFUSED:
                return OrderStatus.REFUSED, f"Kentik did not stop it{said}"
            return OrderStatus.UNCLEAR, f"Kentik did not say whether it stops it{said}"
    return OrderStatus.UNCLEAR, call.sentence


def keep_watch(*, at: datetime) -> None:
    """Orders whose worker did not come back are unclear; orders without effect are an alarm, the loudest there is."""
    for each in StopOrder.objects.filter(closed_at=None, status=OrderStatus.SENDING, lease_until__lte=at):
        _lose(each, at=at)
    late = StopOrder.objects.filter(closed_at=None, ordered_at__lte=at - PATIENCE).select_related("mitigation")
    for each in late:
        reason = _undelivered(each.note or "The worker has not reached Kentik with it.")
        if not alarms.stand(each.mitigation, [reason]):
            alarms.raise_one(each.mitigation.reference, reason, at=at)


def _lose(order: StopOrder, *, at: datetime) -> None:
    with recorded(events.STOP_LOST, subject=order.mitigation.reference, by=WORKER.author, at=at):
        moves.locked(order.mitigation.reference)
        StopOrder.objects.filter(pk=order.pk, status=OrderStatus.SENDING, lease_until__lte=at).update(
            status=OrderStatus.UNCLEAR, lease_until=None, note="The worker that sent it did not come back."
        )


def _undelivered(why: str) -> Objection:
    sentence = f"It was ordered to stop and still runs. {why} Stop it in Kentik now."
    return Objection(code="stop-undelivered", sentence=sentence)


_CANNOT = Objection(
    code="not-here",
    sentence="The portal cannot have it stopped: Kentik does not show it, or not to the portal. Stop it in Kentik.",
)
