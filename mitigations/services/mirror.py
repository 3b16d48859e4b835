"""What Kentik showed, kept row by row, so that everything else can ask the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from mitigations.kentik.account import is_id
from mitigations.kentik.v6.states import MitigationType, StateClass
from mitigations.kentik.v6.values import KentikMitigation, Listing
from mitigations.models import Sighting
from mitigations.models.axis import place
from mitigations.policies.matching import Shown
from mitigations.policies.network import Prefix, parse
from mitigations.policies.observing import Appearance
from mitigations.selectors import observed
from mitigations.services import standing

APPEARANCES = {
    StateClass.PENDING: Appearance.PENDING,
    StateClass.LIVE: Appearance.LIVE,
    StateClass.STOPPING: Appearance.STOPPING,
    StateClass.FAILING: Appearance.START_FAILED,
    StateClass.URGENT: Appearance.CLEAR_FAILED,
    StateClass.ENDED: Appearance.ENDED,
    StateClass.UNKNOWN: Appearance.UNKNOWN,
}
_NOWHERE: dict[str, Any] = dict.fromkeys(("family", "first", "last", "length"))
# All that Kentik tells of one; where it lies follows from its target.
_TOLD = (
    *("manual", "target", "platform_id", "method_id", "state", "label", "appearance", "occupies"),
    *("started_at", "ends_at", "auto_stop_minutes", "comment"),
)
_GONE = {"appearance": Appearance.ENDED, "occupies": False, "state": "", "label": "no longer there"}
# Kentik's IDs are 64-bit numbers, and our column of minutes holds 32 bits.
_LONGEST_ID, _MOST_MINUTES = 19, 2**31 - 1
# Ours are shorter. What somebody else wrote is kept as far as a person reads it.
_LONGEST_COMMENT = 1000


class Overtaken(Exception):
    """A look that began later was kept already: this one would put the clock back."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one look at Kentik brought. Only when it is `whole` is everything over that is not in it."""

    began_at: datetime
    rows: tuple[KentikMitigation, ...]
    whole: bool

    @classmethod
    def of(cls, listings: Iterable[Listing[KentikMitigation]], *, began_at: datetime) -> Look:
        """All lists of one look; a later one is newer. What has no number of Kentik's for an ID cannot be kept."""
        read = list(listings)
        rows = {row.id: row for listing in read for row in listing.rows}
        known = tuple(row for row in rows.values() if is_id(row.id) and len(row.id) <= _LONGEST_ID)
        whole = all(listing.complete for listing in read) and len(known) == len(rows)
        return cls(began_at=began_at, rows=known, whole=whole)


def keep(look: Look) -> None:
    """Raises Overtaken. One at a time, whichever worker looked."""
    rows = [_sighting(row, seen_at=look.began_at) for row in look.rows]
    with transaction.atomic():
        view = standing.locked()
        if view.listed_at is not None and view.listed_at >= look.began_at:
            raise Overtaken
        changed = _write(rows, seen_at=look.began_at)
        if look.whole:
            left = Sighting.objects.filter(occupies=True).exclude(kentik_id__in=[each.kentik_id for each in rows])
            changed |= bool(left.update(**_GONE))
        standing.looked(view, whole=look.whole, changed=changed, at=look.began_at)


def shown(row: KentikMitigation) -> Shown:
    return observed.shown(Sighting(kentik_id=row.id, **_columns(row)))


def _write(rows: list[Sighting], *, seen_at: datetime) -> bool:
    """Whether any is in another state than before. Of thousands at rest only the time is written."""
    shown = Sighting.objects.filter(kentik_id__in=[each.kentik_id for each in rows])
    known = {each.kentik_id: each for each in shown}
    changed = [each for each in rows if each.kentik_id not in known or _told(each) != _told(known[each.kentik_id])]
    shown.update(seen_at=seen_at)
    Sighting.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["kentik_id"], update_fields=[*_TOLD, *_NOWHERE, "seen_at"]
    )
    return any(each.kentik_id not in known or each.state != known[each.kentik_id].state for each in changed)


def _told(sighting: Sighting) -> tuple[Any, ...]:
    return tuple(getattr(sighting, name) for name in _TOLD)


def _sighting(row: KentikMitigation, *, seen_at: datetime) -> Sighting:
    return Sighting(kentik_id=row.id, seen_at=seen_at, **_columns(row))


def _columns(row: KentikMitigation) -> dict[str, Any]:
    minutes = row.auto_stop_minutes
    return {
        "manual": row.type is not MitigationType.AUTO,
        "target": (row.target or "")[:100],
        **_where(row.target),
        "platform_id": row.platform_id[:40],
        "method_id": row.method_id[:40],
        "state": row.state_text[:100],
        "label": row.state.label if row.state.value == row.state_text else row.state_text[:100],
        "appearance": APPEARANCES[row.state.state_class],
        "occupies": row.state.occupies_its_target,
        "started_at": row.started_at,
        "ends_at": row.ends_at,
        "auto_stop_minutes": None if minutes is None else min(minutes, _MOST_MINUTES),
        "comment": row.comment[:_LONGEST_COMMENT],
    }


def _where(target: str | None) -> dict[str, Any]:
    prefix = parse(target) if target else None
    return place(prefix) if isinstance(prefix, Prefix) else dict(_NOWHERE)
