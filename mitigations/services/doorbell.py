"""How a web process wakes the worker at once. Losing a ring costs a second, never a mitigation."""

from __future__ import annotations

import time
from typing import Any

from django.db import connection

_CHANNEL = "breakwater_lane"
_SQLITE_GLANCE = 0.02


def ring() -> None:
    """Call it inside the transaction that made work: PostgreSQL delivers at its commit. SQLite needs no bell."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {_CHANNEL}")


class Doorbell:
    """The worker's ear. `wait` returns when something may have changed, or after `seconds`."""

    def __init__(self) -> None:
        self._listening: Any = None
        self._version: int | None = None

    def wait(self, seconds: float) -> None:
        if connection.vendor == "postgresql":
            self._listen(seconds)
        else:
            self._glance(seconds)

    def _listen(self, seconds: float) -> None:
        connection.ensure_connection()
        driver = connection.connection
        if self._listening is not driver:
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {_CHANNEL}")
            self._listening = driver
            return  # a ring before this moment was not heard: look once before waiting
        with connection.wrap_database_errors:
            for _ in driver.notifies(timeout=seconds, stop_after=1):
                return

    def _glance(self, seconds: float) -> None:
        """SQLite: `data_version` changes when another connection commits, and costs next to nothing to read."""
        deadline = time.monotonic() + seconds
        while (version := self._data_version()) == self._version and time.monotonic() < deadline:
            time.sleep(_SQLITE_GLANCE)
        self._version = version

    def _data_version(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA data_version")
            return int(cursor.fetchone()[0])
