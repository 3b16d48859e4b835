"""What follows from what Kentik shows: ours are found and followed, and what was started elsewhere is known.

Nothing here calls Kentik: it takes in what a look has brought. Each step stands by itself and may be done again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.authority import WORKER, Deed
from audit.ledger import recorded
from mitigations.kentik.v6.values import KentikMitigation, Listing
from mitigations.models import Mitigation, Sighting, StopOrder
from mitigations.policies import observing
from mitigations.policies.lifecycle import IN_FORCE, Status
from mitigations.policies.observing import Appearance, Observation
from mitigations.policies.stopping import OrderStatus
from mitigations.services import alarms, events, finding, mirror, moves
from mitigations.services.mirror import Look

_BY_HAND = Q(manual=True) | Q(state__startswith="MITIGATION_STATE_MANUAL_")
# More are told with the next look.
_TOLD_AT_ONCE = 100


@dataclass(frozen=True, kw_only=True)
class Missing:
    """What a list of all that is live did not show, and has to be asked for: by ID, and by when it was started."""

    ids: tuple[str, ...]
    since: datetime | None


class _NothingToDo(Exception):
    """Somebody else has seen to it. Rolls back without a record."""


def missing(live: Listing[KentikMitigation], *, at: datetime) -> Missing:
    """Ours that Kentik does not show as live any more, and since when to look for ours that were never found."""
    shown = {row.id for row in live.rows}
    ours = _ours().filter(mitigation__closed_at=None).values_list("kentik_id", flat=True)
    return Missing(ids=tuple(each for each in ours if each not in shown), since=finding.lost_since(live.rows, at=at))


def take_in(look: Look) -> None:
    """Keep what Kentik showed, and do what follows. A look that another one has overtaken is dropped."""
    try:
        mirror.keep(look)
    except mirror.Overtaken:
        return
    finding.find(look)
    for sighting in _in_force():
        _follow(sighting, at=look.began_at)
    for sighting in _outlived(look.began_at):
        _raise(sighting, observing.outlived(label=sighting.label), at=look.began_at)
    _tell_of_others(at=look.began_at)


def _ours() -> QuerySet[Sighting]:
    return Sighting.objects.filter(mitigation__isnull=False)


def _in_force() -> list[Sighting]:
    heard = StopOrder.objects.filter(mitigation=OuterRef("mitigation")).exclude(status=OrderStatus.REFUSED)
    rows = _ours().filter(mitigation__closed_at=None, mitigation__status=Status.ACTIVE)
    return list(
        rows.annotate(stop_ordered=Exists(heard)).select_related("mitigation").prefetch_related("mitigation__alarms")
    )


def _outlived(at: datetime) -> list[Sighting]:
    rows = _ours().filter(occupies=True, mitigation__closed_at__lt=at - observing.OVERDUE)
    return list(rows.select_related("mitigation").prefetch_related("mitigation__alarms"))


def _follow(sighting: Sighting, *, at: datetime) -> None:
    seen = _observed(sighting, at=at)
    if seen.after is None:
        _raise(sighting, seen, at=at)
        return
    try:
        _see_over(sighting, seen, at=at)
    except _NothingToDo:
        return


def _observed(sighting: Sighting, *, at: datetime) -> Observation:
    mitigation = _owner(sighting)
    if sighting.target != mitigation.target:
        return observing.moved(kentik_id=sighting.kentik_id, target=mitigation.target, shown=sighting.target)
    return observing.observe(
        Appearance(sighting.appearance),
        label=sighting.label,
        ends_at=mitigation.ends_at,
        over_at=sighting.ends_at,
        stop_ordered=_is_ordered(sighting),
        at=at,
    )


def _is_ordered(sighting: Sighting) -> bool:
    """Whether a stop was ordered here, as `_in_force` annotated it."""
    ordered: bool = sighting.stop_ordered  # type: ignore[attr-defined]
    return ordered


def _see_over(sighting: Sighting, seen: Observation, *, at: datetime) -> None:
    assert seen.after is not None, "it is over"
    reference = _owner(sighting).reference
    with recorded(events.SEEN_OVER, subject=reference, by=WORKER.author, at=at) as record:
        mitigation = moves.locked(reference)
        if mitigation.status != Status.ACTIVE:
            raise _NothingToDo
        moves.permit(WORKER, Deed.FOLLOW, mitigation)
        moves.move(mitigation, Deed.FOLLOW, seen.after, at=at, note=seen.note)
        record.facts = {"sentence": seen.note, "status": mitigation.status, "ordered": _is_ordered(sighting)}
        record.more = alarms.raise_alarms(mitigation, seen.alarms, at=at)


def _raise(sighting: Sighting, seen: Observation, *, at: datetime) -> None:
    alarms.raise_new(_owner(sighting), seen.alarms, at=at)


def _owner(sighting: Sighting) -> Mitigation:
    assert sighting.mitigation is not None, "only ours are followed"
    return sighting.mitigation


def _tell_of_others(*, at: datetime) -> None:
    """One event for each that somebody started by hand elsewhere; the automatic ones are Kentik's own business.

    Where one of ours is still looked for on the same target, it may be that one.
    """
    looked_for = Mitigation.objects.open().filter(status__in=IN_FORCE, sighting=None).values("target")
    others = Sighting.objects.filter(_BY_HAND, mitigation=None, occupies=True, told_at=None)
    for sighting in others.exclude(target__in=looked_for).order_by("pk")[:_TOLD_AT_ONCE]:
        try:
            _tell(sighting.pk, at=at)
        except _NothingToDo:
            continue


def _tell(pk: int, *, at: datetime) -> None:
    with recorded(events.SEEN_ELSEWHERE, subject="a target", by=WORKER.author, at=at) as record:
        sighting = Sighting.objects.select_for_update().get(pk=pk)
        if sighting.told_at is not None:
            raise _NothingToDo
        record.subject = sighting.target or "a target"
        record.facts = {"kentik_id": sighting.kentik_id, "state": sighting.state}
        record.detail = {"comment": sighting.comment}
        sighting.told_at = at
        sighting.save(update_fields=["told_at"])
