"""Finding ours among what Kentik shows, and comparing what Kentik has with what was asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.authority import WORKER, Deed
from audit.ledger import recorded
from mitigations.kentik.v6.values import KentikMitigation
from mitigations.models import Mitigation, Sighting
from mitigations.policies import matching
from mitigations.policies.lifecycle import Status
from mitigations.policies.matching import Shown
from mitigations.selectors import observed
from mitigations.services import alarms, events, mirror, moves
from mitigations.services.mirror import Look
from mitigations.services.settling import start_clock

FOLLOWED = (Status.ACTIVE, Status.UNKNOWN)
# So far back Kentik is asked for what was started since; older ones are found only while they are live.
_REACH = timedelta(hours=6)
_GIVEN_UP = frozenset({"not-found", "several"})


class _NothingToDo(Exception):
    """Somebody else has found it, or it is over. Rolls back without a record."""


def lost_since(live: Iterable[KentikMitigation], *, at: datetime) -> datetime | None:
    """Since when to ask Kentik for all that was started: some of ours were never found, and none that is live has their
    mark. None when there are no such."""
    rows = [mirror.shown(row) for row in live]
    lost = [
        sent_at(each)
        for each in unfound()
        if not matching.is_among(observed.sought(each), rows)
        and sent_at(each) > at - _REACH
        and not any(alarm.code in _GIVEN_UP for alarm in each.alarms.all())
    ]
    return min(lost) - matching.LEEWAY if lost else None


def find(look: Look) -> None:
    """Tie each of ours to the one that it is; after a while, what was not found is for a person."""
    free = _free(each.target for each in unfound())
    for mitigation in unfound():
        found = matching.candidates(observed.sought(mitigation), free[mitigation.target])
        if len(found) == 1:
            _adopt(mitigation.reference, found[0], at=look.began_at)
        elif look.began_at >= sent_at(mitigation) + matching.PATIENCE and (found or look.whole):
            alarms.raise_new(mitigation, [matching.unmatched(found)], at=look.began_at)
    _recognise(look)


def unfound() -> list[Mitigation]:
    rows = Mitigation.objects.open().filter(status__in=FOLLOWED, sighting=None).order_by("pk")
    return list(rows.select_related("pairing__platform", "pairing__method").prefetch_related("alarms"))


def sent_at(mitigation: Mitigation) -> datetime:
    return mitigation.claimed_at or mitigation.requested_at


def _recognise(look: Look) -> None:
    """What is live with the mark of one that is over here, such as one that was refused and runs all the same."""
    live = Sighting.objects.filter(mitigation=None, manual=True, occupies=True, comment__contains="[MIT-")
    by_number = {number: each for each in live if (number := matching.marked(each.comment)) is not None}
    over = Mitigation.objects.filter(pk__in=by_number, closed_at__isnull=False, attempts__gt=0, sighting=None)
    for mitigation in over.select_related("pairing__platform", "pairing__method"):
        found = matching.candidates(observed.sought(mitigation), [observed.shown(by_number[mitigation.pk])])
        if found:
            _adopt(mitigation.reference, found[0], at=look.began_at)


def _free(targets: Iterable[str]) -> dict[str, list[Shown]]:
    """Those at Kentik that are nobody's yet, by target."""
    free: dict[str, list[Shown]] = defaultdict(list)
    for each in Sighting.objects.filter(mitigation=None, manual=True, target__in=set(targets)):
        free[each.target].append(observed.shown(each))
    return free


def _adopt(reference: str, shown: Shown, *, at: datetime) -> None:
    try:
        _tie(reference, shown, at=at)
    except _NothingToDo:
        return


def _tie(reference: str, shown: Shown, *, at: datetime) -> None:
    with recorded(events.MATCHED, subject=reference, by=WORKER.author, at=at) as record:
        mitigation = moves.locked(reference)
        sighting = Sighting.objects.select_for_update().get(kentik_id=shown.id)
        if sighting.mitigation_id is not None or Sighting.objects.filter(mitigation=mitigation).exists():
            raise _NothingToDo
        sighting.mitigation = mitigation
        sighting.save(update_fields=["mitigation"])
        found = matching.differences(observed.sought(mitigation), shown)
        record.more = alarms.raise_alarms(mitigation, found, at=at)
        if mitigation.status == Status.UNKNOWN:
            start_clock(mitigation, started_at=min(sighting.started_at or sent_at(mitigation), at))
            moves.move(mitigation, Deed.FOLLOW, Status.ACTIVE, at=at, note=f"It was found at Kentik as {shown.id}.")
        record.facts = {"kentik_id": shown.id, "differences": [each.code for each in found]}
        record.facts |= {"status": mitigation.status}
