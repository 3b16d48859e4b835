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
class Limits:
    """Calls in a rolling minute and hour; `reserved` of them are kept free of what may wait. Raises ValueError."""

    soft_per_minute: int = 20
    hard_per_minute: int = 60
    per_hour: int = 3750
    reserved: int = 5

    def __post_init__(self) -> None:
        if not 0 <= self.reserved < self.soft_per_minute:
            raise ValueError("Fewer calls to Kentik must be reserved than may be made in a minute.")
        if self.hard_per_minute - MARGIN < self.soft_per_minute:
            raise ValueError(f"The soft limit of calls to Kentik must stay {MARGIN} below the hard one.")
        if self.per_hour <= 2 * self.reserved:
            raise ValueError("The calls to Kentik in an hour must be more than twice those that are reserved.")

    def of(self, purpose: Purpose) -> tuple[tuple[int, timedelta], ...]:
        """How many calls of any purpose there may be in which span, for one of this purpose to join them.

        Stops may go beyond the soft limit. Nothing may go beyond the hour's, so there each leaves room for what goes
        before it.
        """
        match purpose:
            case Purpose.STOP:
                return (self.hard_per_minute - MARGIN, MINUTE), (self.per_hour, HOUR)
            case Purpose.START:
                return (self.soft_per_minute, MINUTE), (self.per_hour - self.reserved, HOUR)
            case Purpose.READ:
                return (self.soft_per_minute - self.reserved, MINUTE), (self.per_hour - 2 * self.reserved, HOUR)


def leaves_at(
    *, purpose: Purpose, calls: Sequence[datetime], paused_until: datetime | None, limits: Limits, at: datetime
) -> datetime:
    """The first moment, `at` or later, at which a call of this purpose may leave.

    `calls` says when each call of the last hour was over, in any order.
    """
    newest_first = sorted(calls, reverse=True)
    waits = [newest_first[most - 1] + span for most, span in limits.of(purpose) if len(newest_first) >= most]
    return max(at, *waits, paused_until or at)


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
