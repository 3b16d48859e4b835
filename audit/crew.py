"""Everybody who brings events to sinks in one process: a thread for each sink that has something to get.

A sink whose other end is dead keeps its own thread waiting and nothing else. A thread lives while there is something
to bring, with a database connection of its own; a short look at the log starts the next one.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, connection

from audit import sinks
from audit.sinks import Follower, Job

logger = logging.getLogger(__name__)

# A message is to be on its way within 2 seconds of the commit.
_LOOK = 0.5
_AFTER_TROUBLE = 2.0
_DATABASE_TROUBLE = (DatabaseError, InterfaceError)


class Crew:
    """`always`: the jobs of sinks that exist whenever a crew works.

    Others come and go with whoever makes them: `job` says what to do for the sink of a name, None when this process
    cannot serve it.
    """

    def __init__(
        self,
        *,
        job: Callable[[str], Job | None],
        always: Mapping[str, Job],
        now: Callable[[], datetime],
        lease: timedelta,
    ) -> None:
        self._job = job
        self._always = always
        self._missing = dict(always)
        self._now = now
        self._lease = lease
        self._me = uuid.uuid4()
        self._threads: dict[str, threading.Thread] = {}
        self._stopping = threading.Event()

    def start(self) -> None:
        self._threads[""] = threading.Thread(target=self._run, name="crew", daemon=True)
        self._threads[""].start()

    def stop(self, *, patience: float) -> None:
        """Let deliveries under way end, for so many seconds; what has not ended by then will be brought again."""
        self._stopping.set()
        deadline = time.monotonic() + patience
        for thread in list(self._threads.values()):
            thread.join(max(deadline - time.monotonic(), 0))

    def _run(self) -> None:
        while not self._stopping.is_set():
            pause = _LOOK
            try:
                self._look()
            except _DATABASE_TROUBLE as error:
                logger.warning("The database is in the way of telling anybody; trying again: %s", error)
                connection.close()
                pause = _AFTER_TROUBLE
            except Exception:
                # Whatever it is: without this thread nobody would be told anything any more.
                logger.exception("Looking for what to tell failed; trying again.")
                pause = _AFTER_TROUBLE
            self._stopping.wait(pause)
        connection.close()

    def _look(self) -> None:
        for name, job in list(self._missing.items()):
            sinks.ensure(name, whole=job.whole)
            del self._missing[name]
        for name in sinks.due(me=self._me, at=self._now()):
            busy = self._threads.get(name)
            if busy is not None and busy.is_alive():
                continue
            to_do = self._always.get(name) or self._job(name)
            if to_do is not None:
                self._threads[name] = threading.Thread(target=self._serve, args=(name, to_do), name=name, daemon=True)
                self._threads[name].start()

    def _serve(self, name: str, job: Job) -> None:
        follower = Follower(name=name, job=job, me=self._me, now=self._now, lease=self._lease)
        try:
            follower.run(until=self._stopping.is_set)
        except _DATABASE_TROUBLE as error:
            logger.warning("The database is in the way of %s; it goes on later: %s", name, error)
        finally:
            connection.close()
