"""Stopping what runs: somebody orders it, the worker tells Kentik, and it is stopped when Kentik shows so.

Stopping is the safe direction, and stopping twice does no harm. Still the worker sends an order once, unless the call
provably never left or was refused for its pace: what became of it, Kentik's state tells.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.authority import WORKER, Actor, Deed
from audit.ledger import recorded
from audit.refusal import Conflict, Objection, Unacceptable
from mitigations.kentik.messages import Outcome, Sent
from mitigations.kentik.v6.values import ActAnswer, Acted
from mitigations.models import Mitigation, Sighting, StopOrder
from mitigations.policies.budget import Purpose
from mitigations.policies.lifecycle import Status
from mitigations.policies.stopping import (
    OPEN_ORDERS,
    PATIENCE,
    OrderStatus,
    may_be_repeated,
    pause,
    undelivered,
)
from mitigations.selectors import kentik
from mitigations.services import alarms, doorbell, events, exchanges, lane, moves

_LOST = "The worker that sent it did not come back."
# What Kentik says of one ID may be of any length.
_LONGEST_MESSAGE = 200


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


# --- Ordering -------------------------------------------------------------------------------------------------------


def order(*, reference: str, by: Actor, note: str, at: datetime) -> Mitigation:
    """Have the worker tell Kentik to stop it. Raises Conflict when the portal cannot: then stop it in Kentik itself.

    An order that Kentik was told and that nothing came of may be given once more.
    """
    with recorded(events.STOP_ORDERED, subject=reference, by=by.author, at=at) as record:
        mitigation = moves.locked(reference)
        record.detail = {"note": note}
        moves.permit(by, Deed.STOP, mitigation)
        if not note:
            raise Unacceptable([Objection(code="note-needed", sentence="Say why it is to stop.")])
        sighting = stoppable(mitigation, at=at)
        if sighting is None:
            raise Conflict([_CANNOT])
        _write(_blank(mitigation, at=at), sighting, by=by, note=note, at=at)
        moves.move(mitigation, Deed.STOP, Status.ACTIVE, at=at, note=mitigation.status_note)
        record.facts = {"kentik_id": sighting.kentik_id}
        doorbell.ring()
    return mitigation


def stoppable(mitigation: Mitigation, *, at: datetime) -> Sighting | None:
    """What Kentik shows of it, if the portal can have it stopped now."""
    sighting: Sighting | None = getattr(mitigation, "sighting", None)
    if sighting is None or not sighting.occupies or sighting.target != mitigation.target:
        return None
    return sighting if kentik.is_seeing(at=at) else None


def _blank(mitigation: Mitigation, *, at: datetime) -> StopOrder:
    """The order to be written: a new one, or the open one over again. Raises Conflict while that is under way."""
    standing = mitigation.stop_orders.filter(status__in=OPEN_ORDERS).first()
    if standing is None:
        return StopOrder(mitigation=mitigation)
    if not may_be_repeated(OrderStatus(standing.status), ordered_at=standing.ordered_at, at=at):
        raise Conflict([Objection(code="ordered-already", sentence="It is being stopped already.")])
    return standing


def _write(order: StopOrder, sighting: Sighting, *, by: Actor, note: str, at: datetime) -> None:
    assert by.id is not None, "only people order"
    order.kentik_id, order.reason = sighting.kentik_id, note
    order.ordered_by_id, order.ordered_at = by.id, at
    order.status, order.note = OrderStatus.WAITING, ""
    order.attempts, order.next_attempt_at, order.answered_at = 0, None, None
    order.save()


# --- Telling Kentik -------------------------------------------------------------------------------------------------


def claim_next(*, lease: timedelta, at: datetime) -> StopClaim | None:
    """Take the oldest order that is due, ahead of all starts; None when there is none or the lane is not free."""
    due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=at)
    waiting = _open().filter(due, status=OrderStatus.WAITING).order_by("ordered_at", "pk")
    candidate = waiting.first()
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
        held = lane.give_back(fence=claim.fence, call=call, at=at)
        after, sentence = meaning(answer)
        record.facts = {"sentence": sentence, "outcome": call.outcome.value, "late": not held}
        order = StopOrder.objects.select_for_update().get(pk=claim.order)
        if order.attempt != claim.attempt or order.status not in {OrderStatus.SENDING, OrderStatus.UNCLEAR}:
            return
        _settle(order, after, sentence, at=at)
        record.facts |= {"order": after.value}
        if after is OrderStatus.REFUSED:
            record.more = alarms.raise_alarms(mitigation, [undelivered(sentence)], at=at, since=order.ordered_at)


def _settle(order: StopOrder, after: OrderStatus, sentence: str, *, at: datetime) -> None:
    order.status, order.note, order.lease_until = after, sentence, None
    match after:
        case OrderStatus.WAITING:
            order.next_attempt_at = at + pause(order.attempts)
        case OrderStatus.REFUSED:
            order.answered_at = order.closed_at = at
        case _:
            order.answered_at = at
    order.save()


def meaning(answer: ActAnswer) -> tuple[OrderStatus, str]:
    """What an answer makes of the order: each ID has a result of its own, whatever the status says."""
    call = answer.call
    match call.outcome:
        case Outcome.NOT_SENT | Outcome.THROTTLED:
            return OrderStatus.WAITING, call.sentence
        case Outcome.REFUSED:
            return OrderStatus.REFUSED, call.sentence
        case Outcome.UNKNOWN:
            return OrderStatus.UNCLEAR, call.sentence
    [result] = answer.results
    said = f": {result.message[:_LONGEST_MESSAGE]}" if result.message else "."
    match result.acted:
        case Acted.DONE:
            return OrderStatus.DELIVERED, "Kentik took the order."
        case Acted.REFUSED:
            return OrderStatus.REFUSED, f"Kentik did not stop it{said}"
    return OrderStatus.UNCLEAR, f"Kentik did not say whether it stops it{said}"


# --- Watching -------------------------------------------------------------------------------------------------------


def find_lost(*, describe: Callable[[str], Sent], lease: timedelta, at: datetime) -> None:
    """Orders whose worker did not come back are unclear. `describe` tells what was being sent, by Kentik's ID."""
    for each in _open().filter(status=OrderStatus.SENDING, lease_until__lte=at):
        try:
            _lose(each, describe(each.kentik_id), lease=lease, at=at)
        except _NothingToDo:
            continue


def watch(*, at: datetime) -> None:
    """An order without effect for a while is an alarm, the loudest there is."""
    for each in _open().filter(ordered_at__lte=at - PATIENCE).prefetch_related("mitigation__alarms"):
        reason = undelivered(each.note or "The worker has not reached Kentik with it.")
        alarms.raise_new(each.mitigation, [reason], at=at, since=each.ordered_at)


def _open() -> QuerySet[StopOrder]:
    return StopOrder.objects.filter(closed_at=None).select_related("mitigation")


def _lose(candidate: StopOrder, sent: Sent, *, lease: timedelta, at: datetime) -> None:
    reference = candidate.mitigation.reference
    with recorded(events.STOP_LOST, subject=reference, by=WORKER.author, at=at) as record:
        mitigation = moves.locked(reference)
        order = StopOrder.objects.select_for_update().get(pk=candidate.pk)
        if order.status != OrderStatus.SENDING or order.lease_until is None or order.lease_until > at:
            raise _NothingToDo
        assert order.attempt is not None, "what is being sent was claimed"
        exchanges.keep_lost(
            sent,
            purpose=Purpose.STOP,
            attempt=order.attempt,
            mitigation=mitigation,
            started_at=order.lease_until - lease,
            sentence=_LOST,
        )
        _settle(order, OrderStatus.UNCLEAR, _LOST, at=at)
        record.facts = {"kentik_id": order.kentik_id}


_CANNOT = Objection(
    code="not-here",
    sentence="The portal cannot have it stopped: Kentik does not show it, or not to the portal. Stop it in Kentik.",
)
