"""How far Kentik's clock is from ours, as far as its answers tell."""

from __future__ import annotations

from datetime import datetime, timedelta

# Kentik's Date has whole seconds, and half a call's duration is a guess: less than this says nothing.
_TOLD = timedelta(seconds=2)
# A person who compares an auto-stop here with one there would stop and wonder.
_MATTERS = timedelta(seconds=30)


def skew(*, server_at: datetime, started_at: datetime, took: timedelta) -> timedelta:
    """By how much Kentik's clock is ahead of ours, as if it had answered in the middle of the call."""
    return server_at - (started_at + took / 2)


def is_told(skew: timedelta) -> bool:
    return abs(skew) >= _TOLD


def matters(skew: timedelta) -> bool:
    return abs(skew) > _MATTERS
