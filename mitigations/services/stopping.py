"""Ordering one that runs to be stopped: the worker tells Kentik, and it is stopped when Kentik shows so.

What the worker does with an order is in `stops`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from accounts.authority import Actor, Deed
from audit.ledger import recorded
from audit.refusal import Conflict, Objection, Unacceptable
from mitigations.models import KentikView, Mitigation, Sighting, StopOrder
from mitigations.policies.lifecycle import Status
from mitigations.policies.stopping import NOT_HERE, OPEN_ORDERS, UNSHOWN, OrderStatus, may_be_repeated, unseen
from mitigations.selectors import kentik
from mitigations.services import doorbell, events, moves


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
            raise Conflict([why_not(mitigation, kentik.view(), at=at)])
        _write(_blank(mitigation, at=at), sighting, by=by, note=note, at=at)
        moves.move(mitigation, Deed.STOP, Status.ACTIVE, at=at, note=mitigation.status_note)
        record.facts = {"kentik_id": sighting.kentik_id, "early": mitigation.ends_after(at)}
        doorbell.ring()
    return mitigation


def stoppable(mitigation: Mitigation, *, at: datetime) -> Sighting | None:
    """What Kentik shows of it, if the portal can have it stopped now."""
    return stoppable_of([mitigation], at=at).get(mitigation.pk)


def stoppable_of(mitigations: Iterable[Mitigation], *, at: datetime) -> dict[int, Sighting]:
    """By their IDs those that the portal can have stopped now, with what Kentik shows of each."""
    shown = {each.pk: sighting for each in mitigations if (sighting := _occupying(each)) is not None}
    return shown if shown and kentik.is_seeing(at=at) else {}


def is_by_hand(mitigation: Mitigation, *, at: datetime) -> bool:
    """Whether the portal cannot have it stopped, nor in a moment: then somebody stops it in Kentik itself."""
    return stoppable(mitigation, at=at) is None and why_not(mitigation, kentik.view(), at=at).code == NOT_HERE


def why_not(mitigation: Mitigation, seen: KentikView, *, at: datetime) -> Objection:
    """What stands against stopping one that the portal cannot have stopped now."""
    sent_at, looked_at = mitigation.started_at, seen.listed_at
    is_looked_for = kentik.is_on() and seen.refused_at is None and not hasattr(mitigation, "sighting")
    if is_looked_for and sent_at is not None and (looked_at is None or looked_at < sent_at):
        return unseen(sent_at=sent_at, at=at)
    return UNSHOWN


def _occupying(mitigation: Mitigation) -> Sighting | None:
    sighting: Sighting | None = getattr(mitigation, "sighting", None)
    is_there = sighting is not None and sighting.occupies and sighting.target == mitigation.target
    return sighting if is_there else None


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
