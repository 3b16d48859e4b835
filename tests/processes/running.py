"""Real worker processes on the database of the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).parents[2]
TOKEN = "canary-7f3a9c51"


def database_url(**options: str) -> str:
    """The test's own database, as another process names it."""
    settings = connection.settings_dict
    query = "?" + "&".join(f"{name}={value}" for name, value in options.items()) if options else ""
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}{query}"
    login = settings["USER"] + (f":{settings['PASSWORD']}" if settings["PASSWORD"] else "")
    return f"postgres://{login}@{settings['HOST'] or 'localhost'}:{settings['PORT'] or 5432}/{settings['NAME']}"


def environment(kentik: str, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "KENTIK_BASE_URL": kentik,
        "KENTIK_API_EMAIL": "robot@example.net",
        "KENTIK_API_TOKEN": TOKEN,
        "KENTIK_CONNECT_SECONDS": "1",
        "KENTIK_READ_SECONDS": "2",
        "KENTIK_CALL_SECONDS": "2",
        "WORKER_LEASE_SECONDS": "3",
        **more,
    }


class Running:
    """A worker process; what it says is in `said` once it has ended."""

    def __init__(self, kentik: str, **settings: str) -> None:
        self.said = ""
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=ROOT,
            env=environment(kentik, **settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self) -> int:
        """Until it has ended; its exit code."""
        self.said, _ = self._process.communicate(timeout=20)
        return self._process.returncode

    def kill(self) -> None:
        """kill -9: no handler runs, nothing is put in order."""
        if self.lives:
            self._process.kill()
        self.wait()


@contextmanager
def worker(kentik: str, **settings: str) -> Iterator[Running]:
    running = Running(kentik, **settings)
    try:
        yield running
    finally:
        running.kill()


def until(holds: Callable[[], bool], *, seconds: float = 40) -> None:
    """Wait for something that another process does; fail when it does not come."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
