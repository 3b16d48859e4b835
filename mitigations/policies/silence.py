"""Is Kentik silent? Only the worker's calls can tell: whether they got an answer, whatever it said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# One call may be lost for many reasons, and two within moments for the same one.
_TRIES, _LONGER_THAN = 2, timedelta(seconds=30)
# When nobody has tried for so long, it is the worker that is silent.
_RECENT = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Tries:
    """The calls since the last one that was answered; `first_at` and `last_at` are None where there are none."""

    count: int
    first_at: datetime | None = None
    last_at: datetime | None = None


def is_silent(tries: Tries, *, at: datetime) -> bool:
    if tries.first_at is None or tries.last_at is None:
        return False
    return tries.count >= _TRIES and at > tries.first_at + _LONGER_THAN and at < tries.last_at + _RECENT
