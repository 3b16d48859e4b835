"""A webhook: each line as the body of a POST, signed, so that the receiver knows from whom it is and when it was sent.

By http.client, which follows no redirects and takes neither proxies nor passwords from the environment. The address may
hold tokens: nothing here puts it into a sentence.
"""

from __future__ import annotations

import hmac
import re
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from audit import reaching
from audit.delivery import NotDelivered
from audit.lines import line
from audit.models import Event
from audit.reaching import Network
from audit.ways.bounded import within

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PATH = re.compile(r"[!-~]*")
# Shorter ones can be guessed from one signed line.
_SHORTEST_SECRET = 16


class BadHook(ValueError):
    """`str()` of it finishes a sentence that begins with the name of a setting, without address or secret."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something is posted. `named`: the internal networks that it may be in."""

    url: str = field(repr=False)
    named: tuple[Network, ...] = ()

    def __post_init__(self) -> None:
        parts = _parts(self.url)
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise BadHook("must begin with https://; plain http is for this machine alone.")
        if reaching.names_what_is_not_allowed(str(parts.hostname), named=self.named):
            raise BadHook("names an address that is not allowed. OUTGOING_NETWORKS names internal ones that are.")

    @property
    def label(self) -> str:
        parts = _parts(self.url)
        return f"{parts.scheme}://{parts.hostname}/…"


@dataclass(frozen=True, kw_only=True)
class Hook(Place):
    """Where events are posted. `secret` signs them."""

    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.secret) < _SHORTEST_SECRET:
            raise BadHook(
                f"needs AUDIT_STREAM_WEBHOOK_SECRET, a random text of at least {_SHORTEST_SECRET} characters."
            )


def send(event: Event, *, to: Hook, seconds: float, now: Callable[[], datetime]) -> None:
    """Over in so many seconds. Raises NotDelivered unless it answers with a 2xx."""
    body = line(event).encode("ascii")
    sent_at = str(int(now().timestamp()))
    headers = {
        "Content-Type": "application/json",
        "X-Breakwater-Event": str(event.number),
        "X-Breakwater-Timestamp": sent_at,
        "X-Breakwater-Signature": f"sha256={signature(body, sent_at=sent_at, secret=to.secret)}",
    }
    post(body, headers, to=to, seconds=seconds)


def post(body: bytes, headers: dict[str, str], *, to: Place, seconds: float) -> None:
    """Over in so many seconds. Raises NotDelivered unless it answers with a 2xx."""
    within(seconds, lambda: _post(body, {"User-Agent": "Breakwater", **headers}, to, seconds))


def signature(body: bytes, *, sent_at: str, secret: str) -> str:
    return hmac.new(secret.encode(), sent_at.encode() + b"." + body, "sha256").hexdigest()


def _post(body: bytes, headers: dict[str, str], to: Place, seconds: float) -> None:
    try:
        status = _answer(body, headers, to, seconds)
    except ssl.SSLCertVerificationError:
        raise NotDelivered("Its certificate is not trusted.") from None
    except TimeoutError:
        raise NotDelivered("It did not answer in time.") from None
    except OSError as error:
        raise NotDelivered(f"It cannot be reached: {error.strerror or type(error).__name__}.") from None
    except HTTPException as error:
        raise NotDelivered(f"Its answer cannot be read ({type(error).__name__}).") from None
    if not 200 <= status < 300:
        raise NotDelivered(f"It answered with HTTP {status}.")


def _answer(body: bytes, headers: dict[str, str], to: Place, seconds: float) -> int:
    parts = _parts(to.url)
    host = str(parts.hostname)
    kind, usual = (HTTPSConnection, 443) if parts.scheme == "https" else (HTTPConnection, 80)
    port = parts.port or usual
    connection = kind(host, port)
    try:
        connection.sock = _socket(parts.scheme, host, port, to, seconds)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body=body, headers=headers)
        with connection.getresponse() as answer:
            return answer.status
    finally:
        connection.close()


def _socket(scheme: str, host: str, port: int, to: Place, seconds: float) -> socket.socket:
    tls = ssl.create_default_context() if scheme == "https" else None
    connected = reaching.connect(host, port, named=to.named, seconds=seconds)
    return tls.wrap_socket(connected, server_hostname=host) if tls else connected


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise BadHook(_READS_LIKE) from None
    bare = not (parts.username or parts.password or parts.fragment)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not bare or not _PATH.fullmatch(url):
        raise BadHook(_READS_LIKE)
    return parts


_READS_LIKE = (
    "is no address of a webhook. It reads like https://siem.example.net/breakwater, without name and password."
)
