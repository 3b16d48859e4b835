"""When the next call to Kentik may leave.

Kentik counts a customer's calls in a rolling minute and a rolling hour: beyond a soft limit it slows them down, beyond
a hard one it answers 429. A call counts here from when it was over, which is the latest that Kentik can have counted
it. So no rolling minute at Kentik's end holds more than the limit either, however long calls are on their way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# Below Kentik's hard limit, for what others of the company may have asked in the same minute.
MARGIN = 5
_FIRST_PAUSE = timedelta(seconds=60)
_LONGEST_PAUSE = timedelta(minutes=10)
_SHORTEST_PAUSE = timedelta(seconds=1)


class Purpose(StrEnum):
    """What a call is for, in the order in which they go."""

    STOP = "stop"
    START = "start"
    READ = "read"


@dataclass(frozen=True, kw_only=True)
class Made:
    """A call that was made, and when it was over."""

    purpose: Purpose
    over_at: datetime


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Calls in a rolling minute and hour. Raises ValueError.

    `reserved` of them are kept free of reads, which may wait. But `looks` of a minute's are the reads' own: no start
    takes them, so whoever sends many still sees within a minute what became of them.
    """

    soft_per_minute: int = 20
    hard_per_minute: int = 60
    per_hour: int = 3750
    reserved: int = 5
    looks: int = 3

    def __post_init__(self) -> None:
        if not 0 <= self.looks < self.soft_per_minute:
            raise ValueError("Fewer calls to Kentik must be kept for looking than may be made in a minute.")
        if not 0 <= self.reserved < self.soft_per_minute:
            raise ValueError("Fewer calls to Kentik must be reserved than may be made in a minute.")
        if self.hard_per_minute - MARGIN < self.soft_per_minute:
            raise ValueError(f"The soft limit of calls to Kentik must stay {MARGIN} below the hard one.")
        if self.per_hour <= 2 * self.reserved:
            raise ValueError("The calls to Kentik in an hour must be more than twice those that are reserved.")


def leaves_at(
    *, purpose: Purpose, calls: Sequence[Made], paused_until: datetime | None, limits: Limits, at: datetime
) -> datetime:
    """The first moment, `at` or later, at which a call of this purpose may leave.

    `calls` are those of the last hour, in any order.
    """
    return max(
        at, paused_until or at, _minute_allows(purpose, calls, limits, at), _hour_allows(purpose, calls, limits, at)
    )


def _minute_allows(purpose: Purpose, calls: Sequence[Made], limits: Limits, at: datetime) -> datetime:
    """Stops may go beyond the soft limit, and so may a look of the reads' own share when stops have: it tells what
    became of them."""
    hard, soft = limits.hard_per_minute - MARGIN, limits.soft_per_minute
    reads = [call for call in calls if call.purpose is Purpose.READ]
    others = [call for call in calls if call.purpose is not Purpose.READ]
    match purpose:
        case Purpose.STOP:
            return _room(calls, hard, MINUTE, at)
        case Purpose.START:
            return max(_room(calls, soft, MINUTE, at), _room(others, soft - limits.looks, MINUTE, at))
        case Purpose.READ:
            shared = _room(calls, soft - limits.reserved, MINUTE, at)
            if not limits.looks:
                return shared
            return min(shared, max(_room(reads, limits.looks, MINUTE, at), _room(calls, hard, MINUTE, at)))


def _hour_allows(purpose: Purpose, calls: Sequence[Made], limits: Limits, at: datetime) -> datetime:
    """Nothing may go beyond the hour's limit, so there each leaves room for what goes before it."""
    before = {Purpose.STOP: 0, Purpose.START: 1, Purpose.READ: 2}[purpose]
    return _room(calls, limits.per_hour - before * limits.reserved, HOUR, at)


def _room(calls: Sequence[Made], most: int, span: timedelta, at: datetime) -> datetime:
    """When fewer than `most` of these, at least one, are younger than the span."""
    if len(calls) < most:
        return at
    return sorted((call.over_at for call in calls), reverse=True)[most - 1] + span


def left(*, calls: int, limit: int) -> int:
    """What is left of a limit; nothing rather than less than nothing, for stops may have gone beyond it."""
    return max(limit - calls, 0)


def pause(*, retry_after: timedelta | None, in_a_row: int) -> timedelta:
    """How long nothing leaves after a 429: as long as Kentik asks, else a minute, doubled for each one before it.

    `in_a_row` counts the 429s that followed each other, this one among them.
    """
    if retry_after is not None:
        return min(max(retry_after, _SHORTEST_PAUSE), _LONGEST_PAUSE)
    return min(_FIRST_PAUSE * (1 << min(in_a_row - 1, 10)), _LONGEST_PAUSE)
