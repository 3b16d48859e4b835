"""The client of Kentik's V5 API: one POST a call, whatever happens.

Nothing is retried and no redirect is followed. Kentik's own SDKs repeat this POST up to four times; it has no
idempotency key, so a repeat can announce a blackhole that nobody approved.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime

import requests
from requests import PreparedRequest, Request
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from mitigations.kentik import reading
from mitigations.kentik.account import Account
from mitigations.kentik.bounded import BoundedAdapter, Watch
from mitigations.kentik.messages import MANUAL_MITIGATE, Call, Outcome, Received, Sent, StartMitigation

logger = logging.getLogger(__name__)

_KEPT_BYTES = 64 * 1024
# Read beyond what is kept, so that a credential on the edge is recognised as a whole.
_MARGIN = 4096
_REDACTED = "[redacted]"
_CREDENTIAL_HEADERS = frozenset({"x-ch-auth-email", "x-ch-auth-api-token"})
_SECRET_ANSWERS = frozenset({"set-cookie", "authorization"})


class Client:
    """Belongs to one thread. `now` tells the time for the record; durations are measured apart from it.

    It speaks through an adapter rather than a session: a session would follow or at least parse redirects, keep
    cookies, and take proxies, .netrc and CA bundles from the environment.
    """

    def __init__(self, account: Account, *, now: Callable[[], datetime]) -> None:
        self._account = account
        self._now = now
        self._watch = Watch()
        self._adapter = BoundedAdapter(self._watch)

    @property
    def address(self) -> str:
        return self._account.base_url

    @property
    def longest_call(self) -> float:
        """Seconds after which a call is over in any case."""
        return self._account.total

    def describe(self, message: StartMitigation) -> Sent:
        """The request as it would leave, without sending it."""
        return self._as_sent(self._prepare(message))

    def start(self, message: StartMitigation) -> Call:
        """Send it once and say what came of it. Raises nothing that the network may do."""
        request = self._prepare(message)
        started_at, begun = self._now(), time.monotonic()
        received: Received | None = None
        try:
            with self._watch.bounding(self._account.total):
                received, whole = self._exchange(request)
            outcome, sentence = self._judge(received, whole)
        except Exception as error:  # whatever it is: bytes may have left, and the worker must live to record it
            logger.warning("The call to Kentik failed: %s", _named(error))
            outcome, sentence = self._judge_failure(error)
        finally:
            # A kept connection could be closed by Kentik just as the next POST leaves, and its outcome be unknown.
            self._adapter.close()
        return Call(
            sent=self._as_sent(request),
            received=received,
            started_at=started_at,
            duration_ms=round((time.monotonic() - begun) * 1000),
            outcome=outcome,
            sentence=self._redact(sentence),
            credentials=received is not None and reading.is_about_credentials(received.status),
        )

    def _prepare(self, message: StartMitigation) -> PreparedRequest:
        headers = {
            "Content-Type": "application/json",
            "X-CH-Auth-Email": self._account.email,
            "X-CH-Auth-API-Token": self._account.token,
            "Accept": "application/json",
            "User-Agent": "Breakwater/0.1",
        }
        url = self._account.base_url.rstrip("/") + MANUAL_MITIGATE
        return Request("POST", url, headers=headers, data=message.body(self._account.spelling).encode()).prepare()

    def _exchange(self, request: PreparedRequest) -> tuple[Received, bool]:
        """Send it, and take the answer up to the size that is kept; whether that was all of it."""
        timeout = (self._account.connect, self._account.read)
        response = self._adapter.send(request, stream=True, timeout=timeout, verify=True, proxies={})
        body, whole = _read(response)
        whole = whole and not self._watch.overran
        received = Received(
            status=response.status_code,
            headers=self._lines(response.headers, hidden=_SECRET_ANSWERS),
            body=self._redact(body.decode("utf-8", errors="replace"))[:_KEPT_BYTES],
            cut=not whole or len(body) > _KEPT_BYTES,
        )
        return received, whole

    def _judge(self, received: Received, whole: bool) -> tuple[Outcome, str]:
        outcome, sentence = reading.judge(received.status, received.body)
        if whole or outcome is Outcome.REFUSED:
            return outcome, sentence
        if self._watch.overran:
            return Outcome.UNKNOWN, self._too_long
        return Outcome.UNKNOWN, f"Kentik's answer ({received.status}) broke off before its end."

    def _judge_failure(self, error: Exception) -> tuple[Outcome, str]:
        connecting = _is_about_connecting(error) and not self._watch.saw_a_connection
        if connecting or self._watch.saw_it_fail_to_connect:
            return Outcome.NOT_SENT, f"Kentik could not be reached ({_named(error)}); nothing was sent."
        if self._watch.overran:
            return Outcome.UNKNOWN, self._too_long
        if isinstance(error, requests.Timeout):
            return Outcome.UNKNOWN, f"Kentik was silent for {self._account.read:g} s after the request was sent."
        return Outcome.UNKNOWN, f"The connection to Kentik broke before an answer came ({_named(error)})."

    @property
    def _too_long(self) -> str:
        return f"Kentik gave no whole answer within {self._account.total:g} s."

    def _as_sent(self, request: PreparedRequest) -> Sent:
        body = request.body
        assert isinstance(body, bytes)
        return Sent(
            method=str(request.method),
            url=str(request.url),
            headers=self._lines(request.headers, hidden=_CREDENTIAL_HEADERS),
            body=body.decode(),
        )

    def _lines(self, headers: Mapping[str, str], *, hidden: frozenset[str]) -> str:
        return "\n".join(
            f"{name}: {_REDACTED if name.lower() in hidden else self._redact(value)}" for name, value in headers.items()
        )

    def _redact(self, text: str) -> str:
        """Credentials out, wherever a server may have repeated them; and NUL, which PostgreSQL's text refuses."""
        for secret in self._account.secrets:
            text = text.replace(secret, _REDACTED)
        return text.replace("\x00", "␀")


def _read(response: requests.Response) -> tuple[bytes, bool]:
    """What came of the body, up to a little more than is kept; False when it broke off before its end."""
    body = bytearray()
    try:
        while len(body) < _KEPT_BYTES + _MARGIN and (chunk := response.raw.read1(8192, decode_content=True)):
            body += chunk
    except (HTTPError, OSError):
        return bytes(body), False
    return bytes(body), True


def _is_about_connecting(error: Exception) -> bool:
    """Whether it failed before a connection stood: a refused and a closed one are the same class in requests."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError):
        return True
    return isinstance(error, requests.ConnectionError) and isinstance(_inner(error), NewConnectionError)


def _named(error: Exception) -> str:
    """The innermost cause in a word or two, without addresses of objects or repeated text."""
    return type(_inner(error)).__name__


def _inner(error: Exception) -> Exception:
    inner = error.args[0] if error.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else inner
    return reason if isinstance(reason, Exception) else error
