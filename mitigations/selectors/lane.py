"""Reading the lane to Kentik: what was called lately, what is left of the budget, whether it is paused."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, QuerySet, Subquery, Value

from mitigations.models import Exchange, Lane
from mitigations.policies import budget, clock
from mitigations.policies.budget import HOUR, MINUTE, Limits, Made, Purpose

_NEVER_LEFT = "not-sent"
# A whole look: what is live, what of ours is not by ID, what was never found by its time. Of a small budget, a part.
_LOOK, _PART = 3, 5


@dataclass(frozen=True, kw_only=True)
class State:
    """The lane at one moment: what is left of the calls in a rolling minute, and Kentik's clock less ours.

    `looks` of them are kept for looking, so starts have `left_for_starts`.
    """

    left: int
    left_for_starts: int
    soft: int
    looks: int
    last_call_at: datetime | None = None
    paused_until: datetime | None = None
    pause_seconds: int = 0
    skew: timedelta | None = None
    skew_measured_at: datetime | None = None

    @property
    def is_full(self) -> bool:
        """Nothing that is approved may leave just now, and nothing is wrong with the worker for that."""
        return self.paused_until is not None or not self.left_for_starts

    @property
    def told_skew(self) -> timedelta | None:
        """The skew, when it is more than a date in whole seconds can hide."""
        return self.skew if self.skew is not None and clock.is_told(self.skew) else None

    @property
    def grave_skew(self) -> timedelta | None:
        """The skew, when times here and at Kentik differ so that people must know."""
        return self.skew if self.skew is not None and clock.matters(self.skew) else None


def limits() -> Limits:
    """The limits of the settings. Raises ValueError with one clear sentence when they make no sense together."""
    return Limits(
        soft_per_minute=settings.KENTIK_CALLS_SOFT_PER_MINUTE,
        hard_per_minute=settings.KENTIK_CALLS_HARD_PER_MINUTE,
        per_hour=settings.KENTIK_CALLS_PER_HOUR,
        reserved=settings.KENTIK_CALLS_RESERVED,
        looks=_looks(),
    )


def _looks() -> int:
    """How many calls of a minute no start may take. Without V6 nobody looks."""
    return min(_LOOK, settings.KENTIK_CALLS_SOFT_PER_MINUTE // _PART) if settings.KENTIK_V6 else 0


def state(*, at: datetime) -> State:
    """What every page shows of it, in one query."""
    soft, looks = settings.KENTIK_CALLS_SOFT_PER_MINUTE, _looks()
    last = _left().order_by("-started_at").values("started_at")[:1]
    spent = _left().filter(started_at__gt=at - MINUTE).values(all=Value(1))
    others = spent.exclude(purpose=Purpose.READ).values(n=Count("pk"))
    lane = Lane.objects.annotate(
        last_call_at=Subquery(last), spent=Subquery(spent.values(n=Count("pk"))), others=Subquery(others)
    ).first()
    if lane is None:
        return State(left=soft, left_for_starts=soft - looks, soft=soft, looks=looks)
    left = budget.left(calls=lane.spent or 0, limit=soft)
    paused_until = max(lane.paused_until or at, at)
    return State(
        left=left,
        left_for_starts=min(left, budget.left(calls=lane.others or 0, limit=soft - looks)),
        soft=soft,
        looks=looks,
        last_call_at=lane.last_call_at,
        paused_until=paused_until if paused_until > at else None,
        pause_seconds=math.ceil((paused_until - at).total_seconds()),
        skew=lane.skew,
        skew_measured_at=lane.skew_measured_at,
    )


def calls(limits: Limits, *, at: datetime) -> list[Made]:
    """The calls that the budget must know of.

    An hour may hold thousands: they are read only when there are so many that the hour's limit could matter.
    """
    longest = timedelta(seconds=settings.WORKER_LEASE_SECONDS)
    hour = _left().filter(started_at__gt=at - HOUR - longest)
    near = hour.count() >= limits.per_hour - 2 * limits.reserved
    recent = hour if near else hour.filter(started_at__gt=at - MINUTE - longest)
    return [
        Made(
            purpose=Purpose(purpose),
            over_at=started_at + (longest if duration is None else timedelta(milliseconds=duration)),
        )
        for purpose, started_at, duration in recent.values_list("purpose", "started_at", "duration_ms")
    ]


def _left() -> QuerySet[Exchange]:
    return Exchange.objects.exclude(outcome=_NEVER_LEFT).order_by()
