"""What somebody must have proved lately who they are for. The pages ask `wants_proof`; nothing else decides it."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.authority import Deed

# What reaches the network by one press, and what makes a way to do so without a screen. Somebody at one that was left
# open must not be able to.
NEED_FRESH_PROOF = frozenset({Deed.APPROVE, Deed.STOP, Deed.BREAK_GLASS, Deed.MAKE_TOKEN, Deed.TAKE_SECRET})


def is_fresh(proved_at: datetime | None, *, at: datetime, max_age: timedelta) -> bool:
    return proved_at is not None and at - proved_at <= max_age


def wants_proof(deed: Deed, proved_at: datetime | None, *, at: datetime, max_age: timedelta) -> bool:
    """Whether whoever did prove it at `proved_at` (None: never in this session) must do so again before this deed."""
    return deed in NEED_FRESH_PROOF and not is_fresh(proved_at, at=at, max_age=max_age)
