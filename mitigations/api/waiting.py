"""Calls that wait for news. They hold no connection to the database meanwhile, and never all threads of a process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

T = TypeVar("T")

# How often it is looked whether there is any: a second later is early enough for a machine.
LOOK = 1.0


class Room:
    """How many calls wait in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = 0

    def enter(self, most: int) -> bool:
        with self._lock:
            if self._taken >= most:
                return False
            self._taken += 1
            return True

    def leave(self) -> None:
        with self._lock:
            self._taken -= 1


ROOM = Room()


def until(found: Callable[[], T | None], *, seconds: float, most: int) -> T | None:
    """What there is at last; None when the time is over, or at once where as many wait already as may."""
    if not ROOM.enter(most):
        return None
    try:
        return _looked(found, deadline=time.monotonic() + seconds)
    finally:
        ROOM.leave()


def _looked(found: Callable[[], T | None], *, deadline: float) -> T | None:
    while (left := deadline - time.monotonic()) > 0:
        connection.close()
        time.sleep(min(LOOK, left))
        if (news := found()) is not None:
            return news
    return None
