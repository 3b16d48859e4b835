"""What follows from what Kentik shows: ours are found and followed, and what was started elsewhere is known.

Nothing here calls Kentik: it takes in what a look has brought.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.authority import WORKER, Deed
from audit.ledger import recorded
from audit.refusal import Objection
from mitigations.kentik.v6.states import MitigationType, StateClass
from mitigations.kentik.v6.values import KentikMitigation, Listing
from mitigations.models import Mitigation, Sighting
from mitigations.models.axis import place
from mitigations.policies import matching, observing
from mitigations.policies.lifecycle import Status
from mitigations.policies.matching import Shown, Sought
from mitigations.policies.network import Prefix, parse
from mitigations.policies.observing import Appearance, Observation
from mitigations.policies.stopping import OPEN_ORDERS, OrderStatus
from mitigations.services import alarms, events, moves
from mitigations.services.settling import start_clock

_APPEARANCES = {
    StateClass.PENDING: Appearance.PENDING,
    StateClass.LIVE: Appearance.LIVE,
    StateClass.STOPPING: Appearance.STOPPING,
    StateClass.FAILING: Appearance.START_FAILED,
    StateClass.URGENT: Appearance.CLEAR_FAILED,
    StateClass.ENDED: Appearance.ENDED,
    StateClass.UNKNOWN: Appearance.UNKNOWN,
}
_FOLLOWED = (Status.ACTIVE, Status.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Missing:
    """What a list of all that is live did not show, and has to be asked for: by ID, or by target since a time."""

    ids: tuple[str, ...]
    targets: tuple[str, ...]
    since: datetime | None


def missing(listing: Listing[KentikMitigation], *, at: datetime) -> Missing:
    """Ours that Kentik does not show as live any more, and ours that were never found."""
    shown = {row.id for row in listing.rows}
    gone = [each for each in _ours_in_force() if each.kentik_id not in shown] if listing.complete else []
    lost = [each for each in _unfound() if not _is_in(each, listing.rows) and _is_fresh(each, at)]
    return Missing(
        ids=tuple(each.kentik_id for each in gone),
        targets=tuple(each.target for each in lost),
        since=min((_sent_at(each) for each in lost), default=None),
    )


def take_in(listing: Listing[KentikMitigation], *, at: datetime) -> bool:
    """Keep what Kentik shows and do what follows; whether anything was new. `complete`: nothing else is live."""
    changed = _mirror(listing, at=at)
    for mitigation in _unfound():
        changed |= _find(mitigation, at=at)
    for sighting in _ours_in_force():
        changed |= _follow(sighting, at=at)
    return changed | _tell_of_others(at=at)


def _ours_in_force() -> list[Sighting]:
    rows = Sighting.objects.filter(mitigation__closed_at=None, mitigation__status__in=_FOLLOWED)
    return list(rows.select_related("mitigation"))


def _unfound() -> list[Mitigation]:
    rows = Mitigation.objects.open().filter(status__in=_FOLLOWED, sighting=None)
    return list(rows.select_related("pairing__platform", "pairing__method").order_by("pk"))


def _sent_at(mitigation: Mitigation) -> datetime:
    return mitigation.claimed_at or mitigation.requested_at


def _is_fresh(mitigation: Mitigation, at: datetime) -> bool:
    return at < _sent_at(mitigation) + matching.PATIENCE + timedelta(minutes=1)


def _is_in(mitigation: Mitigation, rows: Iterable[KentikMitigation]) -> bool:
    return bool(matching.candidates(_sought(mitigation), map(_shown, rows)))


# --- The mirror -----------------------------------------------------------------------------------------------------


def _mirror(listing: Listing[KentikMitigation], *, at: datetime) -> bool:
    known = Sighting.objects.in_bulk([row.id for row in listing.rows], field_name="kentik_id")
    changed = False
    for row in listing.rows:
        sighting = known.get(row.id) or Sighting(kentik_id=row.id)
        changed |= sighting.state != row.state_text
        for name, value in _columns(row).items():
            setattr(sighting, name, value)
        sighting.seen_at = at
        sighting.save()
    if listing.complete:
        others = Sighting.objects.filter(occupies=True, mitigation=None).exclude(
            kentik_id__in=[row.id for row in listing.rows]
        )
        changed |= bool(others.update(occupies=False))
    return changed


def _columns(row: KentikMitigation) -> dict[str, object]:
    prefix = parse(row.target) if row.target else None
    where = place(prefix) if isinstance(prefix, Prefix) else dict.fromkeys(("family", "first", "last", "length"))
    return {
        "manual": row.type is not MitigationType.AUTO,
        "target": (row.target or "")[:100],
        **where,
        "platform_id": row.platform_id[:40],
        "method_id": row.method_id[:40],
        "state": row.state_text[:100],
        "label": row.state.label if row.state.value == row.state_text else row.state_text[:100],
        "appearance": _APPEARANCES[row.state.state_class],
        "occupies": row.state.occupies_its_target,
        "started_at": row.started_at,
        "ends_at": row.ends_at,
        "auto_stop_minutes": row.auto_stop_minutes,
        "comment": row.comment,
    }


def _tell_of_others(*, at: datetime) -> bool:
    """One event for each that somebody started by hand elsewhere; the automatic ones are Kentik's own business."""
    others = Sighting.objects.filter(mitigation=None, manual=True, occupies=True, told_at=None)
    for sighting in others:
        with recorded(events.SEEN_ELSEWHERE, subject=sighting.target or "a target", by=WORKER.author, at=at) as record:
            record.facts = {"kentik_id": sighting.kentik_id, "state": sighting.state}
            record.detail = {"comment": sighting.comment}
            sighting.told_at = at
            sighting.save(update_fields=["told_at"])
    return bool(others)


# --- Finding ours ---------------------------------------------------------------------------------------------------


def _find(mitigation: Mitigation, *, at: datetime) -> bool:
    sought = _sought(mitigation)
    free = Sighting.objects.filter(mitigation=None, manual=True, target=mitigation.target)
    found = matching.candidates(sought, [_kept(each) for each in free])
    if len(found) == 1:
        return _adopt(mitigation.reference, found[0], at=at)
    if at < _sent_at(mitigation) + matching.PATIENCE:
        return False
    return _raise(mitigation, [_unmatched(found)], at=at)


def _unmatched(found: Sequence[Shown]) -> Objection:
    if found:
        ids = ", ".join(each.id for each in found)
        return Objection(code="several", sentence=f"Kentik shows several that it may be: {ids}. Look which it is.")
    sentence = "Kentik has shown nothing like it for 3 minutes after it was sent. Look there for its target."
    return Objection(code="not-found", sentence=sentence)


def _adopt(reference: str, shown: Shown, *, at: datetime) -> bool:
    """Tie it to the one that Kentik shows, and compare what Kentik has with what was asked for."""
    with recorded(events.MATCHED, subject=reference, by=WORKER.author, at=at) as record:
        mitigation = moves.locked(reference)
        sighting = Sighting.objects.select_for_update().get(kentik_id=shown.id)
        sighting.mitigation = mitigation
        sighting.save(update_fields=["mitigation"])
        found = matching.differences(_sought(mitigation), shown)
        record.facts = {"kentik_id": shown.id, "differences": [each.code for each in found]}
        record.more = alarms.raise_alarms(mitigation, found, at=at)
        if mitigation.status == Status.UNKNOWN:
            start_clock(mitigation, started_at=sighting.started_at or _sent_at(mitigation))
            moves.move(mitigation, Deed.FOLLOW, Status.ACTIVE, at=at, note=f"It was found at Kentik as {shown.id}.")
        record.facts |= {"status": mitigation.status}
    return True


# --- Following ours -------------------------------------------------------------------------------------------------


def _follow(sighting: Sighting, *, at: datetime) -> bool:
    mitigation = sighting.mitigation
    assert mitigation is not None, "only ours are followed"
    seen = observing.observe(
        Appearance(sighting.appearance),
        label=sighting.label,
        ends_at=mitigation.ends_at,
        stop_ordered=mitigation.stop_orders.exclude(status=OrderStatus.REFUSED).exists(),
        at=at,
    )
    if seen.after is not None:
        return _see_over(mitigation.reference, seen, at=at)
    return _raise(mitigation, seen.alarms, at=at)


def _see_over(reference: str, seen: Observation, *, at: datetime) -> bool:
    assert seen.after is not None
    with recorded(events.SEEN_OVER, subject=reference, by=WORKER.author, at=at) as record:
        mitigation = moves.locked(reference)
        moves.permit(WORKER, Deed.FOLLOW, mitigation)
        mitigation.stop_orders.filter(status__in=OPEN_ORDERS).update(
            status=OrderStatus.DONE, closed_at=at, lease_until=None
        )
        moves.move(mitigation, Deed.FOLLOW, seen.after, at=at, note=seen.note)
        record.facts = {"sentence": seen.note, "status": mitigation.status}
        record.more = alarms.raise_alarms(mitigation, seen.alarms, at=at)
    return True


def _raise(mitigation: Mitigation, reasons: Sequence[Objection], *, at: datetime) -> bool:
    """An event for each that was not raised before."""
    if alarms.stand(mitigation, reasons):
        return False
    for reason in reasons:
        alarms.raise_one(mitigation.reference, reason, at=at)
    return True


def _sought(mitigation: Mitigation) -> Sought:
    return Sought(
        mark=f"[{mitigation.reference}]",
        target=mitigation.target,
        platform=mitigation.pairing.platform.kentik_id,
        method=mitigation.pairing.method.kentik_id,
        minutes=mitigation.minutes,
        comment=mitigation.marked_comment,
        sent_at=_sent_at(mitigation),
    )


def _shown(row: KentikMitigation) -> Shown:
    return Shown(
        id=row.id,
        manual=row.type is not MitigationType.AUTO,
        target=row.target or "",
        platform=row.platform_id,
        method=row.method_id,
        minutes=row.auto_stop_minutes,
        comment=row.comment,
        started_at=row.started_at,
    )


def _kept(sighting: Sighting) -> Shown:
    return Shown(
        id=sighting.kentik_id,
        manual=sighting.manual,
        target=sighting.target,
        platform=sighting.platform_id,
        method=sighting.method_id,
        minutes=sighting.auto_stop_minutes,
        comment=sighting.comment,
        started_at=sighting.started_at,
    )
