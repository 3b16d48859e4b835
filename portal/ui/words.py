"""Times and durations in words."""

from __future__ import annotations

from datetime import timedelta

from mitigations.policies import durations

_UNITS = ((60 * 60 * 24, "d"), (60 * 60, "h"), (60, "min"), (1, "s"))


def span(length: timedelta) -> str:
    """The two largest units of a length, or one when the second is nothing: "1 h 30 min", "42 s"."""
    seconds = max(int(length.total_seconds()), 0)
    parts: list[tuple[int, str]] = []
    for size, unit in _UNITS:
        count, seconds = divmod(seconds, size)
        if count or parts:
            parts.append((count, unit))
    shown = [f"{count} {unit}" for count, unit in parts[:2] if count]
    return " ".join(shown) or "0 s"


def from_now(offset: timedelta) -> str:
    """A time relative to now, which lies `offset` before it: "3 min ago", "in 2 h", "just now".

    Beyond a minute without seconds: a list of such times that is kept current would flicker otherwise.
    """
    if abs(offset) < timedelta(seconds=5):
        return "just now"
    length = abs(offset)
    if length >= timedelta(minutes=1):
        length -= timedelta(seconds=int(length.total_seconds()) % 60)
    return f"{span(length)} ago" if offset > timedelta(0) else f"in {span(length)}"


def skew(ahead: timedelta) -> str:
    """What another clock is, which is `ahead` of ours, or behind: "is 45 s ahead of ours"."""
    return f"is {span(abs(ahead))} {'behind' if ahead < timedelta(0) else 'ahead of'} ours"


def duration(minutes: int) -> str:
    """A mitigation's duration: 0 runs until somebody stops it."""
    return durations.words(minutes) if minutes else "until stopped by hand"
