"""What every deed on a mitigation shares: lock the row, ask who may and whether now, and move by the table."""

from __future__ import annotations

from datetime import datetime

from accounts.authority import Actor, Deed, demand
from audit.refusal import Conflict, Objection
from mitigations.models import Mitigation
from mitigations.policies import lifecycle
from mitigations.policies.lifecycle import FINAL, Status
from mitigations.policies.stopping import OPEN_ORDERS, OrderStatus


def locked(reference: str) -> Mitigation:
    """The row, held until the transaction ends. Raises Mitigation.DoesNotExist."""
    rows = Mitigation.objects.select_related("pairing__platform", "pairing__method")
    return rows.select_for_update(of=("self",)).referred(reference)


def permit(by: Actor, deed: Deed, mitigation: Mitigation) -> None:
    """Raise Forbidden unless this person may, then Conflict unless it is possible now."""
    demand(by, deed, mitigation)
    if objections := lifecycle.objections(Status(mitigation.status), deed):
        raise Conflict(objections)


def in_time(mitigation: Mitigation, at: datetime) -> None:
    """Raise Conflict at or after the deadline of a request, whether or not the worker has seen to it yet."""
    if at >= mitigation.waits_until:
        raise Conflict([Objection(code="too-late", sentence="Nobody decided in time: this request has expired.")])


def move(mitigation: Mitigation, deed: Deed, after: Status, *, at: datetime, note: str = "") -> None:
    """Set the new status and save. What only holds in some statuses is set or cleared here, once."""
    mitigation.status = lifecycle.move(Status(mitigation.status), deed, after)
    if after is not Status.SENDING:
        mitigation.lease_until = None
    if after is Status.PENDING:
        mitigation.approved_at = None
    if after in FINAL:
        mitigation.closed_at = at
        _close_orders(mitigation, at=at)
    mitigation.status_note = note
    mitigation.save()


def _close_orders(mitigation: Mitigation, *, at: datetime) -> None:
    """Whatever ended it, there is nothing left to stop."""
    orders = mitigation.stop_orders.filter(status__in=OPEN_ORDERS)
    orders.update(status=OrderStatus.DONE, closed_at=at, lease_until=None)
