"""What the worker does with orders to stop: claim, commit, call, record; and watching that something comes of them.

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

from accounts.authority import WORKER
from audit.ledger import recorded
from mitigations.kentik import reading
from mitigations.kentik.messages import Outcome, Sent
from mitigations.kentik.v6.values import ActAnswer, Acted
from mitigations.models import StopOrder
from mitigations.policies.budget import Purpose
from mitigations.policies.stopping import PATIENCE, OrderStatus, pause, undelivered
from mitigations.services import alarms, events, exchanges, lane, moves

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
    said = reading.told_words(result.message[:_LONGEST_MESSAGE])
    match result.acted:
        case Acted.DONE:
            return OrderStatus.DELIVERED, "Kentik took the order."
        case Acted.REFUSED:
            return OrderStatus.REFUSED, f"Kentik did not stop it{said}"
    return OrderStatus.UNCLEAR, f"Kentik did not say whether it stops it{said}"


def find_lost(*, describe: Callable[[str], Sent], lease: timedelta, at: datetime) -> None:
    """Orders whose worker did not come back are unclear. `describe` tells what was being sent, by Kentik's ID."""
    for each in _open().filter(status=OrderStatus.SENDING, lease_until__lte=at):
        try:
            _lose(each, describe(each.kentik_id), lease=lease, at=at)
        except _NothingToDo:
            continue


def is_under_way() -> bool:
    """Whether Kentik is being told to stop one, or whoever told it has not come back and was not missed yet."""
    return _open().filter(status=OrderStatus.SENDING).exists()


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
