"""The one lane to Kentik: one call at a time over any number of workers and machines, whatever the call is for.

Whoever calls takes the lane first, by a lease and with a fence: a number that rises with every taking. A worker that
dies holds it until its lease is over; one that was only slow finds by the fence that the lane has gone on without it,
and what it brings then is evidence, no more. Nothing is counted apart: the budget is read from the exchanges.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from mitigations.kentik.messages import Finished
from mitigations.models import Lane
from mitigations.policies import budget, clock
from mitigations.policies.budget import Purpose
from mitigations.selectors import lane as reading

_THROTTLED = 429


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A moment in which a call may leave. It closes as soon as anybody takes the lane."""

    fence: int


@dataclass(frozen=True, kw_only=True)
class Held:
    """The right to make one call, until the lease is over."""

    fence: int
    lease_until: datetime


def gap(purpose: Purpose, *, at: datetime) -> Gap | None:
    """Whether a call of this purpose may leave now; None while another is under way, in a pause, or past the budget.

    The lane is read before the exchanges. So if somebody calls in between, the fence tells when the lane is taken.
    """
    lane = Lane.objects.filter(pk=Lane.THE_ONE).first() or Lane.objects.get_or_create(pk=Lane.THE_ONE)[0]
    if not lane.is_free(at):
        return None
    limits = reading.limits()
    calls = reading.calls(limits, at=at)
    leaves_at = budget.leaves_at(purpose=purpose, calls=calls, paused_until=lane.paused_until, limits=limits, at=at)
    return Gap(fence=lane.fence) if leaves_at <= at else None


def take(gap: Gap, *, lease: timedelta, at: datetime) -> Held | None:
    """Take it, in the transaction of the claim if there is one; None when somebody else was faster."""
    held = Held(fence=gap.fence + 1, lease_until=at + lease)
    free = Q(lease_until=None) | Q(lease_until__lte=at)
    unpaused = Q(paused_until=None) | Q(paused_until__lte=at)
    taken = Lane.objects.filter(free, unpaused, pk=Lane.THE_ONE, fence=gap.fence).update(
        fence=held.fence, lease_until=held.lease_until, holder=_this_process()
    )
    return held if taken else None


def give_back(*, fence: int, call: Finished[Any], at: datetime) -> bool:
    """Free the lane and heed what the answer says about calling, in the transaction that records the call.

    False when somebody else has taken it since: the lane is theirs, and nothing of it changes.
    """
    lane = Lane.objects.select_for_update().filter(pk=Lane.THE_ONE, fence=fence).first()
    if lane is None:
        return False
    lane.holder, lane.lease_until = "", None
    _heed_throttling(lane, call, at=at)
    _compare_clocks(lane, call)
    lane.save()
    return True


def _heed_throttling(lane: Lane, call: Finished[Any], *, at: datetime) -> None:
    """A call without an answer says nothing about Kentik's limits: the row of 429s neither grows nor ends."""
    if call.received is None:
        return
    if call.received.status != _THROTTLED:
        lane.throttled, lane.paused_until = 0, None
        return
    lane.throttled += 1
    lane.paused_until = at + budget.pause(retry_after=call.retry_after, in_a_row=lane.throttled)


def _compare_clocks(lane: Lane, call: Finished[Any]) -> None:
    if call.server_at is None:
        return
    took = timedelta(milliseconds=call.duration_ms)
    skew = clock.skew(server_at=call.server_at, started_at=call.started_at, took=took)
    lane.skew_ms, lane.skew_measured_at = round(skew / timedelta(milliseconds=1)), call.started_at + took


def _this_process() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
