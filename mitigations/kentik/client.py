"""The client of Kentik's V5 API: one POST a call, whatever happens.

Nothing is retried and no redirect is followed. Kentik's own SDKs repeat this POST up to four times; it has no
idempotency key, so a repeat can announce a blackhole that nobody approved.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime

import requests
from requests import PreparedRequest, Request, Session
from urllib3.exceptions import MaxRetryError, NewConnectionError

from mitigations.kentik import reading
from mitigations.kentik.account import Account
from mitigations.kentik.bounded import BoundedAdapter, Watch
from mitigations.kentik.messages import MANUAL_MITIGATE, Call, Outcome, Received, Sent, StartMitigation

_KEPT_BYTES = 64 * 1024
_REDACTED = "[redacted]"
_CREDENTIAL_HEADERS = frozenset({"x-ch-auth-email", "x-ch-auth-api-token"})
_SECRET_ANSWERS = frozenset({"set-cookie", "authorization"})


class Client:
    """Belongs to one thread. `now` tells the time for the record; durations are measured apart from it."""

    def __init__(self, account: Account, *, now: Callable[[], datetime]) -> None:
        self._account = account
        self._now = now
        self._watch = Watch()
        self._session = Session()
        # No proxy, .netrc or CA bundle from the environment: what is sent depends on the settings alone.
        self._session.trust_env = False
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, BoundedAdapter(self._watch))

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
                response = self._session.send(
                    request,
                    timeout=(self._account.connect, self._account.read),
                    allow_redirects=False,
                    stream=True,
                )
                received, broke = self._receive(response)
            outcome, sentence = self._judge(received, broke)
        except requests.RequestException as error:
            outcome, sentence = self._judge_failure(error)
        finally:
            # A kept connection could be closed by Kentik just as the next POST leaves, and its outcome be unknown.
            self._session.close()
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
            "X-CH-Auth-Email": self._account.email,
            "X-CH-Auth-API-Token": self._account.token,
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "Breakwater/0.1",
        }
        url = self._account.base_url.rstrip("/") + MANUAL_MITIGATE
        return self._session.prepare_request(
            Request("POST", url, headers=headers, data=message.body(self._account.spelling).encode())
        )

    def _receive(self, response: requests.Response) -> tuple[Received, bool]:
        """The answer up to the size that is kept, and whether it broke off before its end."""
        body, broke = bytearray(), False
        try:
            for chunk in response.iter_content(8192):
                body += chunk
                if len(body) > _KEPT_BYTES:
                    break
        except requests.RequestException:
            broke = True
        text = bytes(body[:_KEPT_BYTES]).decode("utf-8", errors="replace")
        received = Received(
            status=response.status_code,
            headers=self._lines(response.headers, hidden=_SECRET_ANSWERS),
            body=self._redact(text),
            cut=broke or len(body) > _KEPT_BYTES,
        )
        return received, broke

    def _judge(self, received: Received, broke: bool) -> tuple[Outcome, str]:
        outcome, sentence = reading.judge(received.status, received.body)
        if broke and outcome is not Outcome.REFUSED:
            return Outcome.UNKNOWN, f"Kentik's answer ({received.status}) broke off before its end."
        return outcome, sentence

    def _judge_failure(self, error: requests.RequestException) -> tuple[Outcome, str]:
        if not self._watch.established and _is_about_connecting(error):
            return Outcome.NOT_SENT, f"Kentik could not be reached ({_named(error)}); nothing was sent."
        if self._watch.overran:
            return Outcome.UNKNOWN, f"Kentik gave no whole answer within {self._account.total:g} s."
        if isinstance(error, requests.Timeout):
            return Outcome.UNKNOWN, f"Kentik was silent for {self._account.read:g} s after the request was sent."
        return Outcome.UNKNOWN, f"The connection to Kentik broke before an answer came ({_named(error)})."

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


def _is_about_connecting(error: requests.RequestException) -> bool:
    """Whether it failed before a connection stood: a refused and a closed one are the same class in requests."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError):
        return True
    inner = error.args[0] if error.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else inner
    return isinstance(error, requests.ConnectionError) and isinstance(reason, NewConnectionError)


def _named(error: requests.RequestException) -> str:
    """The innermost cause in a word or two, without addresses of objects or repeated text."""
    inner = error.args[0] if error.args else None
    reason = getattr(inner, "reason", None) or inner or error
    return type(reason).__name__ if isinstance(reason, BaseException) else str(reason)
