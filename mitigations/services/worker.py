"""The worker: the one process that calls Kentik. Any number may run; one call is under way at a time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection

from mitigations.kentik.client import Client
from mitigations.kentik.messages import Call, Outcome
from mitigations.selectors.lane import limits
from mitigations.services.doorbell import Doorbell
from mitigations.services.kentik_account import account
from mitigations.services.sending import Claim, claim_next, record_call
from mitigations.services.timekeeping import keep_time

logger = logging.getLogger(__name__)

_TICK = 1.0
_SHORTEST_REST, _LONGEST_REST = 0.2, 5.0
_DATABASE_TROUBLE = (OperationalError, InterfaceError)


class Worker:
    def __init__(self, *, client: Client, lease: timedelta, now: Callable[[], datetime]) -> None:
        if lease.total_seconds() <= client.longest_call:
            raise ValueError("The lease must be longer than the longest call, or a call would outlive its claim.")
        self._client = client
        self._lease = lease
        self._now = now
        self._doorbell = Doorbell()
        self._next_tick = 0.0

    @property
    def address(self) -> str:
        return self._client.address

    def run(self, *, until: Callable[[], bool]) -> None:
        """Work until told to stop; the call under way is finished first. Trouble with the database delays it only."""
        rest = _SHORTEST_REST
        while not until():
            try:
                if not self.turn():
                    self._doorbell.wait(_TICK)
                rest = _SHORTEST_REST
            except _DATABASE_TROUBLE as error:
                rest = _recover(error, rest)

    def turn(self) -> bool:
        """Do what is due, and make at most one call. True when there may be more to do at once."""
        if time.monotonic() >= self._next_tick:
            keep_time(describe=self._client.describe, at=self._now())
            self._next_tick = time.monotonic() + _TICK
        claim = claim_next(lease=self._lease, at=self._now())
        if claim is None:
            return False
        call = self._call(claim)
        logger.info("%s: %s", claim.reference, call.sentence, extra={"outcome": call.outcome, "ms": call.duration_ms})
        self._record(claim, call)
        return True

    def _call(self, claim: Claim) -> Call:
        """Make the call, unless this process slept so long since its claim that somebody may have given it up."""
        now = self._now()
        if now + timedelta(seconds=self._client.longest_call) <= claim.lease_until:
            return self._client.start(claim.message)
        return Call(
            sent=self._client.describe(claim.message),
            received=None,
            started_at=now,
            duration_ms=0,
            outcome=Outcome.NOT_SENT,
            sentence="The worker was held up after its claim, so it did not call; nothing was sent.",
        )

    def _record(self, claim: Claim, call: Call) -> None:
        """The answer exists once, in this process: keep trying until the database has it."""
        rest = _SHORTEST_REST
        while True:
            try:
                record_call(claim=claim, call=call, at=self._now())
                return
            except _DATABASE_TROUBLE as error:
                rest = _recover(error, rest)


def build(*, lease: timedelta, now: Callable[[], datetime]) -> Worker:
    """The worker of the settings. Raises ValueError with one clear sentence when they are not fit to send with."""
    limits()
    return Worker(client=Client(account(), now=now), lease=lease, now=now)


def _recover(error: Exception, rest: float) -> float:
    """Drop the connection, wait, and say how long to wait the next time."""
    logger.warning("The database is in the way; trying again in %.1f s: %s", rest, error)
    connection.close()
    time.sleep(rest)
    return min(rest * 2, _LONGEST_REST)
