"""What goes on happening is told now and then: each time an event, it would bury the log and whoever reviews it."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.core.cache import cache


def is_news(what: str, *named: object, every: timedelta) -> bool:
    """Whether none of this name was told for so long; then whoever asks tells it.

    Hashed: what people typed stands in no cache, and fits a key.
    """
    told = hashlib.sha256(repr((what, *named)).encode(errors="surrogatepass")).hexdigest()
    return cache.add(f"told:{told}", True, every.total_seconds())
