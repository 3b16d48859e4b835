"""The two headers of an answer that are read: when to come again, and what time it is at Kentik.

Kentik documents neither. Both are None when they are absent or odd.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Whatever a server asks for: the lane to Kentik does not stand still for longer.
LONGEST_PAUSE = timedelta(minutes=10)
_SECONDS = re.compile(r"[0-9]+")
_MOST_DIGITS = 6


def retry_after(value: str | None, *, at: datetime) -> timedelta | None:
    """How long to wait from `at` on, in whichever of the two forms it came; ten minutes at most."""
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return min(timedelta(seconds=int(text)), LONGEST_PAUSE) if len(text) <= _MOST_DIGITS else LONGEST_PAUSE
    until = date(text)
    return None if until is None else min(max(until - at, timedelta()), LONGEST_PAUSE)


def date(value: str | None) -> datetime | None:
    """An HTTP date as an aware datetime. One without a zone is in UTC, as HTTP has it."""
    try:
        parsed = parsedate_to_datetime(value or "")
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
