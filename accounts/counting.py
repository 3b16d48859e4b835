"""Counting tries together with all other processes: places in the cache, each of which one try takes for a while.

Taking a place is `add`, which of several processes lets one win; a counter that is read and written again would lose
tries that come at the same moment. A place is taken before a password is looked at, and given back when it was right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.core.cache import cache

from accounts.attempts import Bucket


def take(ways: Sequence[Sequence[Bucket]]) -> list[str] | None:
    """A place in each bucket of the first way that has room in all of them; None when no way has."""
    for way in ways:
        taken = _take_all(way)
        if taken is not None:
            return taken
    return None


def give_back(taken: list[str]) -> None:
    cache.delete_many(taken)


def _take_all(buckets: Sequence[Bucket]) -> list[str] | None:
    taken: list[str] = []
    for bucket in buckets:
        place = _take(bucket)
        if place is None:
            give_back(taken)
            return None
        taken.append(place)
    return taken


def _take(bucket: Bucket) -> str | None:
    """Names and addresses are hashed: what people typed stands in no cache, and fits a key."""
    key = hashlib.sha256(bucket.key.encode()).hexdigest()
    places = [f"try:{key}:{number}" for number in range(bucket.most)]
    full = cache.get_many(places)
    seconds = bucket.within.total_seconds()
    return next((place for place in places if place not in full and cache.add(place, 1, seconds)), None)
