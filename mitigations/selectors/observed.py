"""What pages show of Kentik beside what is wanted, and how far that is to be believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mitigations.models import KentikView, Method, Mitigation, Platform, Sighting
from mitigations.policies import comparing, matching
from mitigations.policies.lifecycle import Status
from mitigations.policies.matching import Shown, Sought
from mitigations.policies.observing import Appearance
from mitigations.policies.stopping import OrderStatus, may_be_repeated
from mitigations.selectors import kentik

_AT_KENTIK = frozenset({Status.ACTIVE, Status.UNKNOWN})
# Longer ago than this, and what Kentik showed is no longer what it shows.
_STALE = timedelta(minutes=5)


class Sight(StrEnum):
    """How well Kentik can be seen. All but the last are reasons to look on Kentik's own page."""

    OFF = "off"
    REFUSED = "refused"
    NEVER = "never"
    STALE = "stale"
    PARTIAL = "partial"
    CLEAR = "clear"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Kentik as a whole. `elsewhere`: how many are live there that were not started here."""

    sight: Sight
    view: KentikView
    elsewhere: int = 0

    @property
    def is_current(self) -> bool:
        """Whether what it shows is known as of now, or nearly."""
        return self.sight in {Sight.PARTIAL, Sight.CLEAR}


@dataclass(frozen=True, kw_only=True)
class Observed:
    """One of ours beside what Kentik shows of it. `disagreements` are sentences, and empty when the two agree.
    `is_late`: it should have been found there by now.
    """

    seen: Seen
    sighting: Sighting | None
    disagreements: tuple[str, ...]
    is_late: bool = False


def seen(*, at: datetime) -> Seen:
    view = kentik.view()
    return Seen(sight=_sight(view, at), view=view)


def seen_with_others(*, at: datetime) -> Seen:
    view = kentik.view()
    sight = _sight(view, at)
    others = Sighting.objects.filter(mitigation=None, occupies=True)
    return Seen(sight=sight, view=view, elsewhere=0 if sight is Sight.OFF else others.count())


def observed(mitigation: Mitigation, state: Seen, *, at: datetime) -> Observed | None:
    """None for what was never at Kentik, as far as anybody knows."""
    sighting: Sighting | None = getattr(mitigation, "sighting", None)
    if sighting is None and mitigation.status not in _AT_KENTIK:
        return None
    known = sighting and state.is_current and _is_shown(mitigation, sighting, state)
    found = _disagreements(mitigation, sighting, at) if sighting and known else ()
    sent_at = mitigation.claimed_at
    is_late = sent_at is not None and at >= sent_at + matching.PATIENCE
    return Observed(seen=state, sighting=sighting, disagreements=found, is_late=is_late)


def mark(reference: str) -> str:
    """A word that changes when Kentik shows this one otherwise than before."""
    id = reference.removeprefix("MIT-")  # noqa: A001 (the field's own word)
    found = Sighting.objects.filter(mitigation_id=id).values_list("kentik_id", "state").first()
    return "-".join(found) if found else ""


def names() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Our platforms and our methods by Kentik's IDs."""
    platforms = dict(Platform.objects.values_list("kentik_id", "name"))
    return platforms, dict(Method.objects.values_list("kentik_id", "name"))


def candidates(mitigation: Mitigation) -> list[Sighting]:
    """Those at Kentik that it may be: for its target, started by hand, and nobody's yet."""
    free = Sighting.objects.filter(mitigation=None, manual=True, target=mitigation.target).order_by("pk")
    rows = {row.kentik_id: row for row in free}
    return [rows[each.id] for each in matching.candidates(sought(mitigation), map(shown, rows.values()))]


def is_being_stopped(mitigation: Mitigation, *, at: datetime) -> bool:
    """Whether an order is under way that may not be given once more yet."""
    order = mitigation.open_order
    return order is not None and not may_be_repeated(OrderStatus(order.status), ordered_at=order.ordered_at, at=at)


def sought(mitigation: Mitigation) -> Sought:
    """As it was sent."""
    return Sought(
        mark=f"[{mitigation.reference}]",
        target=mitigation.target,
        platform=mitigation.pairing.platform.kentik_id,
        method=mitigation.pairing.method.kentik_id,
        minutes=mitigation.minutes,
        comment=mitigation.marked_comment,
        sent_at=mitigation.claimed_at or mitigation.requested_at,
    )


def shown(sighting: Sighting) -> Shown:
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


def _sight(view: KentikView, at: datetime) -> Sight:
    if not kentik.is_on():
        return Sight.OFF
    if view.refused_at is not None:
        return Sight.REFUSED
    if view.listed_at is None:
        return Sight.NEVER
    if at >= view.listed_at + _STALE:
        return Sight.STALE
    return Sight.PARTIAL if view.trouble else Sight.CLEAR


def _is_shown(mitigation: Mitigation, sighting: Sighting, state: Seen) -> bool:
    """Of what is over here, Kentik is not asked again when its list has it no more."""
    listed_at = state.view.listed_at
    return mitigation.closed_at is None or (listed_at is not None and sighting.seen_at >= listed_at)


def _disagreements(mitigation: Mitigation, sighting: Sighting, at: datetime) -> tuple[str, ...]:
    appearance = Appearance(sighting.appearance)
    state = comparing.disagreement(Status(mitigation.status), appearance, ends_at=mitigation.ends_at, at=at)
    others: Sequence[str] = [each.sentence for each in matching.differences(sought(mitigation), shown(sighting))]
    return (*([state] if state else ()), *(others if sighting.occupies else ()))
