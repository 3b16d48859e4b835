"""Following the log: every event once it is committed, in order, at least once, each follower at its own pace.

A sink is a row with a cursor. Whoever has its lease brings it the events after the cursor, and moves the cursor only
when they have arrived: killed in between, the next process brings the same events again. What does not arrive is tried
again after growing pauses, and holds up this sink alone. A message to people is given up after the last try: logged,
counted and shown. Who gets the whole log is waited for, however long it takes.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.db.models import F, Q, QuerySet

from audit.delivery import NotDelivered, Undeliverable
from audit.models import Event, Sink
from audit.selectors import head

logger = logging.getLogger(__name__)

# Longer than any one delivery may take; after it a holder is presumed dead.
LEASE = timedelta(seconds=60)
# Ten tries over eight and a half minutes: a mail server that restarts loses nothing.
MOST_TRIES = 10
_FIRST_PAUSE = timedelta(seconds=1)
_MOST_DOUBLINGS = 8
# For who gets the whole log: whatever was mended is noticed within a minute.
_LONGEST_PAUSE = timedelta(seconds=60)
# How many events one look at the log finds.
BATCH = 500


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a sink wants, and how it gets it.

    `wants` tells at a glance which events may concern it. `deliver` gets at most `at_once` of them, answers whether
    there was anything to bring, and raises NotDelivered or Undeliverable. It must be over well within the lease.
    `whole`: it gets the whole log, from the first event on, and none is ever given up.
    """

    wants: Callable[[Event], bool]
    deliver: Callable[[Sequence[Event]], bool]
    at_once: int = 1
    whole: bool = False


def ensure(name: str, *, whole: bool = False) -> None:
    """A sink of this name. A new one begins at the present head, for nobody is told of the past.

    `whole`: with event 1, for it gets all of them.
    """
    Sink.objects.get_or_create(name=name, defaults={"cursor": 0 if whole else head()})


def remove(name: str) -> None:
    Sink.objects.filter(name=name).delete()


def try_now(name: str) -> None:
    """End the pause after a failure: something was mended."""
    Sink.objects.filter(name=name).update(next_try_at=None, failures=0)


def due(*, me: UUID, at: datetime) -> list[str]:
    """The sinks that have something to do and nobody else who does it.

    Those of `me` are among them: a process knows by itself what it is at, and what it let fall.
    """
    behind = Sink.objects.filter(_free(at) | Q(holder=me), _not_paused(at), cursor__lt=head())
    return list(behind.values_list("name", flat=True))


class Follower:
    """Brings events to one sink, as its job says."""

    def __init__(self, *, name: str, job: Job, me: UUID, now: Callable[[], datetime], lease: timedelta = LEASE) -> None:
        self._name = name
        self._job = job
        self._me = me
        self._now = now
        self._lease = lease

    def run(self, *, until: Callable[[], bool]) -> None:
        """Bring everything there is, unless it fails, somebody else has the sink, or it is told to stop."""
        while not until() and self.turn(until=until):
            pass
        self._held().update(holder=None, lease_until=None)

    def turn(self, *, until: Callable[[], bool] = lambda: False) -> bool:
        """Bring what one look at the log finds. True when there may be more at once."""
        cursor = self._take()
        if cursor is None:
            return False
        events = list(Event.objects.filter(number__gt=cursor).order_by("number")[:BATCH])
        for part in self._parts(events):
            if until():
                return self._advance(part[0].number - 1)
            if not self._bring(part):
                return False
        return bool(events) and self._advance(events[-1].number)

    def _parts(self, events: Sequence[Event]) -> Iterator[Sequence[Event]]:
        """What is wanted of them, in portions of what is delivered at once."""
        wanted = [event for event in events if self._job.wants(event)]
        for start in range(0, len(wanted), self._job.at_once):
            yield wanted[start : start + self._job.at_once]

    def _take(self) -> int | None:
        """The cursor, with the lease taken or made longer; None when it is another's, paused or gone."""
        at = self._now()
        mine = Sink.objects.filter(_free(at) | Q(holder=self._me), _not_paused(at), name=self._name)
        if not mine.update(holder=self._me, lease_until=at + self._lease):
            return None
        return self._held().values_list("cursor", flat=True).first()

    def _bring(self, events: Sequence[Event]) -> bool:
        """True when these events are dealt with and the sink is still ours."""
        try:
            brought = self._job.deliver(events)
        except (OperationalError, InterfaceError):
            raise
        except NotDelivered as error:
            return self._failed(events[0], str(error))
        except Undeliverable as error:
            return self._failed(events[0], str(error), for_good=True)
        except Exception as error:
            # A mistake of ours. Its words may hold an address, so only its place is kept.
            return self._failed(events[0], f"The portal made a mistake: {_place(error)}.")
        news = {"last_ok_at": self._now()} if brought else {}
        return self._advance(events[-1].number, failures=0, **news)

    def _failed(self, event: Event, sentence: str, *, for_good: bool = False) -> bool:
        failures = (self._held().values_list("failures", flat=True).first() or 0) + 1
        if not self._job.whole and (for_good or failures >= MOST_TRIES):
            return self._give_up(event, sentence)
        logger.warning("%s did not get event %d (try %d): %s", self._name, event.number, failures, sentence)
        at = self._now()
        self._held().update(
            # What was passed over before this event need not be looked at again.
            cursor=event.number - 1,
            failures=failures,
            next_try_at=at + self._pause(failures),
            **_error(sentence, at),
        )
        return False

    def _pause(self, failures: int) -> timedelta:
        pause = _FIRST_PAUSE * (1 << min(failures - 1, _MOST_DOUBLINGS))
        return min(pause, _LONGEST_PAUSE) if self._job.whole else pause

    def _give_up(self, event: Event, sentence: str) -> bool:
        logger.error("%s never got event %d, which is given up: %s", self._name, event.number, sentence)
        at = self._now()
        return self._advance(event.number, failures=0, given_up=F("given_up") + 1, **_error(sentence, at))

    def _advance(self, cursor: int, **changes: object) -> bool:
        """Move the cursor and make the lease longer; False when the sink has gone to somebody else meanwhile."""
        lease_until = self._now() + self._lease
        if self._held().update(cursor=cursor, lease_until=lease_until, next_try_at=None, **changes):
            return True
        logger.warning("%s went to another process while this one was at work.", self._name)
        return False

    def _held(self) -> QuerySet[Sink]:
        return Sink.objects.filter(name=self._name, holder=self._me)


def _free(at: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lte=at)


def _not_paused(at: datetime) -> Q:
    return Q(next_try_at=None) | Q(next_try_at__lte=at)


def _error(sentence: str, at: datetime) -> dict[str, object]:
    return {"last_error": sentence[:300], "last_error_at": at}


def _place(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {frame.name}, line {frame.lineno}"
