"""One bounded exchange with Kentik, whichever API it is for: sent once, recorded as it was, judged by nobody yet."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import requests
from requests import PreparedRequest, Request
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from mitigations.kentik import headers
from mitigations.kentik.account import Account
from mitigations.kentik.bounded import BoundedAdapter, Watch
from mitigations.kentik.messages import Fate, Raw, Received, Sent

logger = logging.getLogger(__name__)

KEPT_BYTES = 64 * 1024
# Read beyond what is kept, so that a credential on the edge is recognised as a whole.
_MARGIN = 4096
_REDACTED = "[redacted]"
_CREDENTIAL_HEADERS = frozenset({"x-ch-auth-email", "x-ch-auth-api-token"})
_SECRET_ANSWERS = frozenset({"set-cookie", "authorization"})


@dataclass(frozen=True, kw_only=True)
class _Response:
    """What came back, before anything is left out of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool


class Transport:
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
    def longest_call(self) -> float:
        """Seconds after which a call is over in any case."""
        return self._account.total

    def prepare(
        self, method: str, url: str, *, query: Iterable[tuple[str, str]] = (), body: str | None = None
    ) -> PreparedRequest:
        lines = {
            "X-CH-Auth-Email": self._account.email,
            "X-CH-Auth-API-Token": self._account.token,
            "Accept": "application/json",
            "User-Agent": "Breakwater/0.1",
        }
        if body is not None:
            lines = {"Content-Type": "application/json", **lines}
        data = None if body is None else body.encode()
        return Request(method, url, headers=lines, params=list(query), data=data).prepare()

    def describe(self, request: PreparedRequest) -> Sent:
        """The request as it leaves, credentials redacted."""
        body = request.body or b""
        assert isinstance(body, bytes)
        return Sent(
            method=str(request.method),
            url=str(request.url),
            headers=self._lines(request.headers, hidden=_CREDENTIAL_HEADERS),
            body=body.decode(),
        )

    def exchange(self, request: PreparedRequest, *, most_bytes: int = KEPT_BYTES) -> Raw:
        """Send it once, and read up to `most_bytes` of the answer. Raises nothing that the network may do."""
        started_at, begun = self._now(), time.monotonic()
        response: _Response | None = None
        try:
            with self._watch.bounding(self._account.total):
                response = self._send(request, most_bytes)
            fate, trouble = self._fate_of(response)
        except Exception as error:  # whatever it is: bytes may have left, and the worker must live to record it
            logger.warning("The call to Kentik failed: %s", _named(error))
            fate, trouble = self._fate_after(error)
        finally:
            # A kept connection could be closed by Kentik just as the next POST leaves, and its outcome be unknown.
            self._adapter.close()
        duration_ms = round((time.monotonic() - begun) * 1000)
        raw = Raw(
            sent=self.describe(request),
            received=None,
            text="",
            fate=fate,
            trouble=self.redact(trouble),
            started_at=started_at,
            duration_ms=duration_ms,
        )
        return self._answered(raw, response) if response else raw

    def redact(self, text: str) -> str:
        """Credentials out, wherever a server may have repeated them; and NUL, which PostgreSQL's text refuses."""
        for secret in self._account.secrets:
            text = text.replace(secret, _REDACTED)
        return text.replace("\x00", "␀")

    def _send(self, request: PreparedRequest, most_bytes: int) -> _Response:
        timeout = (self._account.connect, self._account.read)
        # Closed here whatever came: one that is not read to its end would hold its socket until the collector comes by.
        with self._adapter.send(request, stream=True, timeout=timeout, verify=True, proxies={}) as response:
            body, whole = _read(response, most_bytes)
        return _Response(
            status=response.status_code,
            headers=response.headers,
            body=body,
            whole=whole and not self._watch.overran,
        )

    def _answered(self, raw: Raw, response: _Response) -> Raw:
        text = self.redact(response.body.decode("utf-8", errors="replace"))
        server_at = headers.date(response.headers.get("Date"))
        return replace(
            raw,
            received=self._received(response, text),
            text=text,
            retry_after=headers.retry_after(response.headers.get("Retry-After"), at=server_at or raw.started_at),
            server_at=server_at,
        )

    def _received(self, response: _Response, text: str) -> Received:
        return Received(
            status=response.status,
            headers=self._lines(response.headers, hidden=_SECRET_ANSWERS),
            body=text[:KEPT_BYTES],
            cut=not response.whole or len(response.body) > KEPT_BYTES,
        )

    def _fate_of(self, response: _Response) -> tuple[Fate, str]:
        if response.whole:
            return Fate.ANSWERED, ""
        if self._watch.overran:
            return Fate.BROKE_OFF, self._too_long
        return Fate.BROKE_OFF, f"Kentik's answer ({response.status}) broke off before its end."

    def _fate_after(self, error: Exception) -> tuple[Fate, str]:
        connecting = _is_about_connecting(error) and not self._watch.saw_a_connection
        if connecting or self._watch.saw_it_fail_to_connect:
            return Fate.NOT_SENT, f"Kentik could not be reached ({_named(error)}); nothing was sent."
        if self._watch.overran:
            return Fate.LOST, self._too_long
        if isinstance(error, requests.Timeout):
            return Fate.LOST, f"Kentik was silent for {self._account.read:g} s after the request was sent."
        return Fate.LOST, f"The connection to Kentik broke before an answer came ({_named(error)})."

    @property
    def _too_long(self) -> str:
        return f"Kentik gave no whole answer within {self._account.total:g} s."

    def _lines(self, lines: Mapping[str, str], *, hidden: frozenset[str]) -> str:
        return "\n".join(
            f"{name}: {_REDACTED if name.lower() in hidden else self.redact(value)}" for name, value in lines.items()
        )


def _read(response: requests.Response, most_bytes: int) -> tuple[bytes, bool]:
    """What came of the body, up to a little more than is wanted; False when it broke off before its end."""
    body = bytearray()
    try:
        while len(body) < most_bytes + _MARGIN and (chunk := response.raw.read1(8192, decode_content=True)):
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
