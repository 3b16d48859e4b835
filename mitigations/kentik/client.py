"""The client of Kentik's V5 API: one POST a call, whatever happens.

Nothing is retried and no redirect is followed. Kentik's own SDKs repeat this POST up to four times; it has no
idempotency key, so a repeat can announce a blackhole that nobody approved.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from requests import PreparedRequest

from mitigations.kentik import reading
from mitigations.kentik.account import Account
from mitigations.kentik.messages import MANUAL_MITIGATE, Call, Sent, StartMitigation
from mitigations.kentik.transport import Transport


class Client:
    """Belongs to one thread. `now` tells the time for the record; durations are measured apart from it."""

    def __init__(self, account: Account, *, now: Callable[[], datetime]) -> None:
        self._account = account
        self._transport = Transport(account, now=now)

    @property
    def address(self) -> str:
        return self._account.base_url

    @property
    def longest_call(self) -> float:
        """Seconds after which a call is over in any case."""
        return self._transport.longest_call

    def describe(self, message: StartMitigation) -> Sent:
        """The request as it would leave, without sending it."""
        return self._transport.describe(self._prepare(message))

    def start(self, message: StartMitigation) -> Call:
        """Send it once and say what came of it. Raises nothing that the network may do."""
        raw = self._transport.exchange(self._prepare(message))
        outcome, sentence = reading.conclude(raw, reading.judge)
        return Call.of(raw, outcome=outcome, sentence=self._transport.redact(sentence))

    def _prepare(self, message: StartMitigation) -> PreparedRequest:
        url = self._account.base_url.rstrip("/") + MANUAL_MITIGATE
        return self._transport.prepare("POST", url, body=message.body(self._account.spelling))
