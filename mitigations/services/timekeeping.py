"""What happens by itself when a time has come: requests expire, leases run out, auto-stops pass."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from accounts.authority import WORKER, Deed
from audit.ledger import recorded
from mitigations.kentik.messages import Sent, StartMitigation
from mitigations.models import Mitigation
from mitigations.policies.lifecycle import WAITING, Status
from mitigations.selectors import kentik
from mitigations.services import events, moves
from mitigations.services.sending import keep_lost_exchange, message_for

_AT_ONCE = 200
# So long before its auto-stop people are told, if it was to run longer than that.
_ANNOUNCED = timedelta(minutes=15)
LOST = (
    "The worker that was sending it did not come back, so Kentik's answer is not known. Look in Kentik, then settle it."
)


class _NotDue(Exception):
    """Somebody else saw to it. Rolls back without a record."""


def keep_time(*, describe: Callable[[StartMitigation], Sent], at: datetime) -> int:
    """Do everything that is due; how many mitigations moved. `describe` tells what a lost call was sending."""
    _each(_ending(at), lambda reference: _announce(reference, at))
    return (
        _each(_lost(at), lambda reference: _lose(reference, describe, at))
        + _each(_overdue(at), lambda reference: _expire(reference, at))
        + _each(_over(at), lambda reference: _end(reference, at))
    )


def _lost(at: datetime) -> QuerySet[Mitigation]:
    return Mitigation.objects.open().filter(status=Status.SENDING, lease_until__lte=at)


def _overdue(at: datetime) -> QuerySet[Mitigation]:
    return Mitigation.objects.open().filter(status__in=WAITING, waits_until__lte=at)


def _over(at: datetime) -> QuerySet[Mitigation]:
    """Whose auto-stop has passed, and that Kentik does not show any more, as far as it can be seen.

    One that Kentik shows is followed and ends when it agrees; one that lost its auto-stop there never ends by a clock.
    """
    over = Mitigation.objects.open().filter(status=Status.ACTIVE, ends_at__lte=at)
    shown = Q(sighting__occupies=True, sighting__target=F("target"))
    if not kentik.is_seeing(at=at):
        shown &= Q(sighting__auto_stop_minutes=None)
    return over.exclude(pk__in=Mitigation.objects.open().filter(shown, status=Status.ACTIVE).values("pk"))


def _ending(at: datetime) -> QuerySet[Mitigation]:
    return Mitigation.objects.open().filter(
        status=Status.ACTIVE,
        ends_at__gt=at,
        ends_at__lte=at + _ANNOUNCED,
        minutes__gt=_ANNOUNCED // timedelta(minutes=1),
        end_announced_at=None,
    )


def _each(due: QuerySet[Mitigation], deed: Callable[[str], None]) -> int:
    moved = 0
    for mitigation in due.only("pk")[:_AT_ONCE]:
        try:
            deed(mitigation.reference)
            moved += 1
        except _NotDue:
            continue
    return moved


def _lose(reference: str, describe: Callable[[StartMitigation], Sent], at: datetime) -> None:
    with recorded(events.LOST, subject=reference, by=WORKER.author, at=at) as record:
        mitigation = _still(reference, _lost(at))
        keep_lost_exchange(mitigation, describe(message_for(mitigation)), sentence=LOST)
        moves.move(mitigation, Deed.KEEP_TIME, Status.UNKNOWN, at=at, note=LOST)
        record.facts = {"sentence": LOST, "attempt": str(mitigation.attempt)}


def _expire(reference: str, at: datetime) -> None:
    with recorded(events.EXPIRED, subject=reference, by=WORKER.author, at=at) as record:
        mitigation = _still(reference, _overdue(at))
        sentence = "nobody decided in time." if mitigation.status == Status.PENDING else "it could not be sent in time."
        record.facts = {"sentence": sentence}
        moves.move(mitigation, Deed.KEEP_TIME, Status.EXPIRED, at=at, note=sentence.capitalize())


def _end(reference: str, at: datetime) -> None:
    with recorded(events.ENDED, subject=reference, by=WORKER.author, at=at):
        mitigation = _still(reference, _over(at))
        moves.move(mitigation, Deed.KEEP_TIME, Status.ENDED, at=at)


def _announce(reference: str, at: datetime) -> None:
    with recorded(events.ENDING, subject=reference, by=WORKER.author, at=at) as record:
        mitigation = _still(reference, _ending(at))
        assert mitigation.ends_at is not None, "it is about to end"
        # A started minute counts: it ends in 15, and after a worker's absence in what is left.
        record.facts = {"minutes": -((at - mitigation.ends_at) // timedelta(minutes=1))}
        mitigation.end_announced_at = at
        mitigation.save(update_fields=["end_announced_at"])


def _still(reference: str, due: QuerySet[Mitigation]) -> Mitigation:
    mitigation = moves.locked(reference)
    if not due.filter(pk=mitigation.pk).exists():
        raise _NotDue
    moves.permit(WORKER, Deed.KEEP_TIME, mitigation)
    return mitigation
