"""One HTTP call, in two steps: the connection, then the request. Which of the two failed says whether it was sent.

Python's own client, so that nothing in between repeats a call, follows a redirect with the token, takes other
credentials from a .netrc, or keeps a connection that the portal may have closed meanwhile.
"""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from breakwater_cli.address import Address

# A page of events with all that stands beside them has a few megabytes.
_MOST_BYTES = 64 * 1024 * 1024


class NeverLeft(Exception):
    """No connection stood, TLS included: nothing was sent."""


class Lost(Exception):
    """The request may have left, and no whole answer came."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """In seconds. `whole` bounds a call from its first byte to its last: a server may trickle."""

    connect: float = 10
    whole: float = 60


@dataclass(frozen=True, kw_only=True)
class Raw:
    status: int
    headers: Mapping[str, str]
    body: bytes


def exchange(
    address: Address, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None, limits: Limits
) -> Raw:
    """Raises NeverLeft and Lost."""
    connection = _connection(address, limits)
    try:
        connection.connect()
    except (OSError, HTTPException, UnicodeError) as error:
        connection.close()
        raise NeverLeft(_named(error)) from None
    try:
        with _bounded(connection, limits.whole):
            return _exchanged(connection, method, path, headers, body)
    except (OSError, HTTPException, ValueError) as error:
        raise Lost(_named(error)) from None
    finally:
        connection.close()


def _exchanged(
    connection: HTTPConnection, method: str, path: str, headers: Mapping[str, str], body: bytes | None
) -> Raw:
    connection.request(method, path, body=body, headers={**headers, "Connection": "close"})
    with connection.getresponse() as answer:
        content = answer.read(_MOST_BYTES)
        if not answer.isclosed() and answer.read(1):
            raise HTTPException("the answer is too long")
    return Raw(status=answer.status, headers={name.lower(): text for name, text in answer.getheaders()}, body=content)


def _connection(address: Address, limits: Limits) -> HTTPConnection:
    made: HTTPConnection
    host, port, through = _way(address)
    if address.scheme == "https":
        made = HTTPSConnection(host, port, timeout=limits.connect, context=ssl.create_default_context())
    else:
        made = HTTPConnection(host, port, timeout=limits.connect)
    # Where it is closed it stays closed, rather than be opened once more behind our back.
    made.auto_open = 0
    if through is not None:
        made.set_tunnel(address.host, address.port, headers=through)
    return made


def _way(address: Address) -> tuple[str, int, dict[str, str] | None]:
    """Straight there, or through the proxy that the environment names, with what that one asks for."""
    proxy = urlsplit(getproxies().get("https", ""))
    if address.scheme == "http" or not proxy.hostname or address.is_of_this_machine or proxy_bypass(address.host):
        return address.host, address.port, None
    headers = {}
    if proxy.username is not None:
        credentials = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        headers["Proxy-Authorization"] = f"Basic {base64.b64encode(credentials.encode()).decode()}"
    return proxy.hostname, proxy.port or 8080, headers


@contextmanager
def _bounded(connection: HTTPConnection, seconds: float) -> Iterator[None]:
    """Within, the connection is cut when the time is over."""
    line = connection.sock
    line.settimeout(seconds)

    def cut() -> None:
        with suppress(OSError):  # the other end may have closed it in the same instant
            # Not its own method: a TLS socket's drops the TLS layer, and whoever is reading would get ciphertext.
            socket.socket.shutdown(line, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
