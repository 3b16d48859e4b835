"""What the worker does for the log besides telling: a checkpoint a day, and what people want of it.

In a thread of its own, because a long log takes a while and nothing that goes to Kentik may wait for it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from accounts.authority import WORKER
from audit import proofs
from audit.models import Event, Outcome
from audit.refusal import Refused
from mitigations.services import events
from mitigations.services.auditing import proving

logger = logging.getLogger(__name__)

CHECKPOINT_EVERY = timedelta(days=1)
_LOOK = 2.0
# After a checkpoint that failed by itself; the flaw is told where people look.
_AFTER_TROUBLE = timedelta(hours=1)


class Keeper:
    """Start it once; stopping lets what is under way end for so many seconds."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, *, patience: float) -> None:
        self._stopping.set()
        self._thread.join(patience)

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK):
            try:
                turn(at=self._now())
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The database is in the way of looking after the log; trying again: %s", error)
                connection.close()
            except Exception:
                # Whatever it is: without this thread the log would go unwatched.
                logger.exception("Looking after the log failed; trying again.")
        connection.close()


def turn(*, at: datetime) -> None:
    """Do what is due."""
    if (wanted := awaited_verification()) is not None:
        proving.check(whole=wanted.facts["whole"], by=WORKER, at=at)
    if awaited_checkpoint() is not None or _is_checkpoint_due(at):
        try:
            made = proving.checkpoint(by=WORKER, at=at)
        except Refused as refusal:
            logger.error("No checkpoint was made: %s", refusal)
        else:
            logger.info("The head of the log is signed: event %d.", made.number)


def awaited_verification() -> Event | None:
    """The verification that somebody asked for and that has not ended yet."""
    return _awaited(events.VERIFICATION_WANTED, events.VERIFIED, events.FLAW_FOUND)


def awaited_checkpoint() -> Event | None:
    return _awaited(events.CHECKPOINT_WANTED, events.CHECKPOINTED)


def _awaited(wish: str, *ends: str) -> Event | None:
    wanted = proofs.newest_of(wish)
    if wanted is None or wanted.outcome == Outcome.REFUSED:
        return None
    ended = proofs.newest_of(*ends)
    return wanted if ended is None or ended.number < wanted.number else None


def _is_checkpoint_due(at: datetime) -> bool:
    """There is a key, and the newest checkpoint is a day old or there is none: an idle log gets one too."""
    if not settings.AUDIT_SIGNING_KEY:
        return False
    newest, tried = proofs.newest(), proofs.newest_of(events.CHECKPOINTED)
    if tried is not None and tried.outcome == Outcome.REFUSED and tried.at > at - _AFTER_TROUBLE:
        return False
    return newest is None or newest.made_at <= at - CHECKPOINT_EVERY
