"""The worker: the one process that calls Kentik. Any number may run; one call is under way at a time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from accounts import sessions, signing_in
from mitigations.kentik.account import Account
from mitigations.kentik.client import Client
from mitigations.kentik.messages import Call, Outcome, Sent
from mitigations.kentik.v6.client import V6Client
from mitigations.kentik.v6.states import Action
from mitigations.kentik.v6.values import ActAnswer
from mitigations.selectors.kentik import is_look_late
from mitigations.selectors.lane import limits
from mitigations.services import lagging, stops
from mitigations.services.doorbell import Doorbell
from mitigations.services.kentik_account import Renewal, account
from mitigations.services.looking import Lookout
from mitigations.services.sending import Claim, claim_next, record_call
from mitigations.services.stops import StopClaim
from mitigations.services.timekeeping import keep_time

logger = logging.getLogger(__name__)

_TICK, _CLEARS_EVERY = 1.0, 3600.0
# Between the longest call to V6 and the end of its lease: a worker that died asking holds up starts no longer.
_MARGIN = timedelta(seconds=5)
_SHORTEST_REST, _LONGEST_REST = 0.2, 5.0
_DATABASE_TROUBLE = (OperationalError, InterfaceError)


Renewed = Callable[[], tuple[Client, V6Client | None] | None]


class Worker:
    """`v6` is what stops and looks; without it the portal starts, and people look in Kentik.

    `renewed` brings other clients when the credentials have changed; it is asked between two calls.
    """

    def __init__(
        self,
        *,
        client: Client,
        v6: V6Client | None = None,
        lease: timedelta,
        now: Callable[[], datetime],
        renewed: Renewed = lambda: None,
    ) -> None:
        if lease.total_seconds() <= max(client.longest_call, v6.longest_call if v6 else 0):
            raise ValueError("The lease must be longer than the longest call, or a call would outlive its claim.")
        self._lease = lease
        self._v6_lease = min(lease, timedelta(seconds=v6.longest_call) + _MARGIN) if v6 else lease
        self._now = now
        self._renewed = renewed
        self._speak_through(client, v6)
        self._doorbell = Doorbell()
        self._next_tick = self._next_clearing = 0.0

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
        """Do what is due, and make at most one call: a stop before a start, and a question last, unless it is late.

        True when there may be more to do at once.
        """
        if time.monotonic() >= self._next_tick:
            self._renew()
            self._keep_time()
            self._next_tick = time.monotonic() + _TICK
        if self._stop():
            return True
        if is_look_late(at=self._now()):
            return self._look() or self._start()
        return self._start() or self._look()

    def _renew(self) -> None:
        """A look at Kentik that is under way begins anew."""
        fresh = self._renewed()
        if fresh is not None:
            self._speak_through(*fresh)
            logger.info("The credentials have changed; Kentik is called with the new ones from now on.")

    def _speak_through(self, client: Client, v6: V6Client | None) -> None:
        self._client, self._v6 = client, v6
        self._lookout = Lookout(v6, lease=self._v6_lease, now=self._now, insist=self._insist) if v6 else None

    def _keep_time(self) -> None:
        at = self._now()
        keep_time(describe=self._client.describe, at=at)
        if self._v6 is not None:
            describe = partial(_describe_stop, self._v6)
            stops.find_lost(describe=describe, lease=self._v6_lease, at=at)
        stops.watch(at=at)
        lagging.watch(at=at)
        signing_in.tell_failures(at=at)
        if time.monotonic() >= self._next_clearing:
            sessions.clear(at=at)
            self._next_clearing = time.monotonic() + _CLEARS_EVERY

    def _stop(self) -> bool:
        if self._v6 is None:
            return False
        claim = stops.claim_next(lease=self._v6_lease, at=self._now())
        if claim is None:
            return False
        answer = self._tell_to_stop(self._v6, claim)
        logger.info("stop %s: %s", claim.reference, answer.call.sentence, extra={"outcome": answer.call.outcome})
        self._insist(lambda: stops.record_answer(claim=claim, answer=answer, at=self._now()))
        return True

    def _start(self) -> bool:
        claim = claim_next(lease=self._lease, at=self._now())
        if claim is None:
            return False
        call = self._call(claim)
        logger.info("%s: %s", claim.reference, call.sentence, extra={"outcome": call.outcome, "ms": call.duration_ms})
        self._insist(lambda: record_call(claim=claim, call=call, at=self._now()))
        return True

    def _look(self) -> bool:
        """Whatever Kentik shows that we did not think of, it must not keep the worker from starting and stopping.

        Not while a stop is under way: what is seen to have stopped has no order any more, and then nobody would miss a
        worker that told Kentik so and died, nor keep that exchange.
        """
        if self._lookout is None or stops.is_under_way():
            return False
        try:
            return self._lookout.turn()
        except _DATABASE_TROUBLE:
            raise
        except Exception:
            logger.exception("A look at Kentik failed. It is given up; the next one begins anew.")
            return False

    def _call(self, claim: Claim) -> Call:
        if self._is_in_time(claim.lease_until, self._client.longest_call):
            return self._client.start(claim.message)
        return _held_up(self._client.describe(claim.message), at=self._now())

    def _tell_to_stop(self, v6: V6Client, claim: StopClaim) -> ActAnswer:
        if self._is_in_time(claim.lease_until, v6.longest_call):
            return v6.act(Action.STOP, [claim.kentik_id])
        return ActAnswer(call=_held_up(_describe_stop(v6, claim.kentik_id), at=self._now()), results=())

    def _is_in_time(self, lease_until: datetime, longest_call: float) -> bool:
        """False when this process slept so long since its claim that somebody may give it up during the call."""
        return self._now() + timedelta(seconds=longest_call) <= lease_until

    def _insist(self, record: Callable[[], object]) -> None:
        """The answer exists once, in this process: keep trying until the database has it."""
        rest = _SHORTEST_REST
        while True:
            try:
                record()
                return
            except _DATABASE_TROUBLE as error:
                rest = _recover(error, rest)


def build(*, lease: timedelta, now: Callable[[], datetime]) -> Worker:
    """The worker of the settings. Raises ValueError with one clear sentence when they are not fit to send with."""
    limits()
    known = account()
    renewal = Renewal(known)

    def renewed() -> tuple[Client, V6Client | None] | None:
        found = renewal()
        return _clients(found, now=now) if found else None

    client, v6 = _clients(known, now=now)
    return Worker(client=client, v6=v6, lease=lease, now=now, renewed=renewed)


def _clients(known: Account, *, now: Callable[[], datetime]) -> tuple[Client, V6Client | None]:
    quick = replace(known, total=min(known.total, settings.KENTIK_V6_CALL_SECONDS))
    return Client(known, now=now), V6Client(quick, now=now) if known.v6_url else None


def _describe_stop(v6: V6Client, kentik_id: str) -> Sent:
    return v6.describe_act(Action.STOP, [kentik_id])


def _held_up(sent: Sent, *, at: datetime) -> Call:
    return Call(
        sent=sent,
        received=None,
        started_at=at,
        duration_ms=0,
        outcome=Outcome.NOT_SENT,
        sentence="The worker was held up after its claim, so it did not call; nothing was sent.",
    )


def _recover(error: Exception, rest: float) -> float:
    """Drop the connection, wait, and say how long to wait the next time."""
    logger.warning("The database is in the way; trying again in %.1f s: %s", rest, error)
    connection.close()
    time.sleep(rest)
    return min(rest * 2, _LONGEST_REST)
