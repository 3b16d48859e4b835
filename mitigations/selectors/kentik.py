"""What is known of Kentik itself, and when to look again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q

from mitigations.models import KentikView, Mitigation, Sighting, StopOrder
from mitigations.policies import matching
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import Prefix

# How often to look: while something is fresh, while things change, and otherwise.
_FRESH, _CHANGING, _CALM = timedelta(seconds=10), timedelta(seconds=30), timedelta(seconds=60)
_CALM_AFTER = timedelta(minutes=5)
# So late is a look only where others are in its way.
_LATE = timedelta(seconds=70)
_REFUSED = timedelta(minutes=10)
_CATALOGUE = timedelta(minutes=15)
# Without a look for this long, what Kentik showed is no reason to wait for anything.
_STALE = timedelta(minutes=5)
_SHOWN = 100


def view() -> KentikView:
    return KentikView.objects.filter(pk=KentikView.THE_ONE).first() or KentikView()


def is_on() -> bool:
    """Whether the settings let the portal use V6 at all."""
    return bool(settings.KENTIK_V6)


def is_seeing(*, at: datetime) -> bool:
    """Whether what Kentik shows is known as of now, or nearly."""
    seen = view()
    return is_on() and seen.refused_at is None and seen.listed_at is not None and at < seen.listed_at + _STALE


def is_look_due(*, at: datetime) -> bool:
    return _is_due(view(), at)


def is_look_late(*, at: datetime) -> bool:
    """Starts that are slow, one after another, never spend the budget: then a look goes before the next one."""
    if not is_on():
        return False
    seen = view()
    return seen.tried_at is not None and at >= seen.tried_at + _LATE and _is_due(seen, at)


def _is_due(seen: KentikView, at: datetime) -> bool:
    if seen.tried_at is None:
        return True
    if at < seen.tried_at + _FRESH:
        return False
    if seen.refused_at is None and seen.look_wanted_at is not None and seen.look_wanted_at >= seen.tried_at:
        return True
    return at >= seen.tried_at + (_REFUSED if seen.refused_at else _pace(seen, at))


def is_catalogue_due(*, at: datetime) -> bool:
    seen = view()
    if seen.catalogue_tried_at is None:
        return True
    wanted = seen.catalogue_wanted_at is not None and seen.catalogue_wanted_at > seen.catalogue_tried_at
    return wanted or at >= seen.catalogue_tried_at + (_REFUSED if seen.refused_at else _CATALOGUE)


def elsewhere() -> list[Sighting]:
    """What is live at Kentik and was not started here: by hand first, then the automatic ones."""
    return list(Sighting.objects.filter(mitigation=None, occupies=True).order_by("-manual", "-pk")[:_SHOWN])


def like(mitigation: Mitigation) -> list[Sighting]:
    """What Kentik showed for the same target, whosever it is: the evidence when one of ours was not found."""
    return list(Sighting.objects.filter(target=mitigation.target).order_by("-pk")[:_SHOWN])


def occupied(*wides: Prefix, at: datetime) -> list[Sighting]:
    """What is live at Kentik on any of these addresses and is none of ours that are in force.

    Nothing while Kentik cannot be seen: what is long gone would stand in the way for ever, and Kentik refuses what it
    has already.
    """
    if not is_seeing(at=at):
        return []
    outlived = Q(mitigation__closed_at__lt=F("seen_at"))
    others = Sighting.objects.overlapping(*wides).filter(Q(mitigation=None) | outlived, occupies=True)
    return list(others.order_by("pk")[:_SHOWN])


def _pace(seen: KentikView, at: datetime) -> timedelta:
    if _is_fresh(at):
        return _FRESH
    calm = seen.changed_at is None or at >= seen.changed_at + _CALM_AFTER
    return _CALM if calm else _CHANGING


def _is_fresh(at: datetime) -> bool:
    """Something was sent and not found yet, or is to be stopped: people wait for what Kentik shows."""
    unfound = Mitigation.objects.open().filter(
        claimed_at__gt=at - matching.PATIENCE, status__in=[Status.ACTIVE, Status.UNKNOWN], sighting=None
    )
    return unfound.exists() or StopOrder.objects.filter(closed_at=None).exists()
