"""What one worker of a run makes and the others take: SQLite databases, of which one takes as long as hundreds of
tests, and whatever else is done once.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

# Where the folder is that all workers of this run see.
FOLDER = "SHARED_BY_THE_RUN"


class Template:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock: IO[str] | None = None

    def take(self, to: str) -> bool:
        """Copy it there; or, where there is none yet, promise to give it, while all others wait."""
        self._lock = self._path.with_suffix(".lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        if not self._path.exists():
            return False
        shutil.copyfile(self._path, to)
        self._release()
        return True

    def give(self, made: str) -> None:
        """What was promised; nothing, where it was taken."""
        if self._lock is None:
            return
        unfinished = self._path.with_suffix(".new")
        try:
            with closing(sqlite3.connect(made)) as source, closing(sqlite3.connect(unfinished)) as copy:
                source.backup(copy)
            unfinished.rename(self._path)
        finally:
            self._release()

    def _release(self) -> None:
        assert self._lock is not None
        self._lock.close()
        self._lock = None


def template(name: str) -> Template | None:
    """None where there are no workers that could share it."""
    folder = os.environ.get(FOLDER)
    return Template(Path(folder) / f"{name}.sqlite3") if folder else None


@contextmanager
def once(name: str) -> Iterator[bool]:
    """Whether this is still to be done in this run. Whoever asks meanwhile waits until it is."""
    folder = os.environ.get(FOLDER)
    if folder is None:
        yield True
        return
    done = Path(folder) / name
    with done.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not done.exists()
        done.touch()
