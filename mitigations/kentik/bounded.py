"""An HTTP adapter that bounds a call as a whole and knows whether a connection ever stood.

requests' read timeout starts anew with each byte, so a server that trickles could hold the one lane to Kentik for
hours. And a call may be tried again only if it provably never left: whether `connect` returned is that proof, TLS
included, where the exceptions alone cannot tell a failed handshake from a connection that broke afterwards.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import ConnectionPool, HTTPConnectionPool
from urllib3.exceptions import NewConnectionError


class Watch:
    """The connection of the call under way. One call at a time: a client belongs to one thread."""

    def __init__(self) -> None:
        self._tried = self._established = self.overran = False
        self._socket: socket.socket | None = None

    @property
    def saw_it_fail_to_connect(self) -> bool:
        """The proof that nothing left: a connection was tried and never stood."""
        return self._tried and not self._established

    @property
    def saw_a_connection(self) -> bool:
        return self._established

    @contextmanager
    def bounding(self, seconds: float) -> Iterator[None]:
        """Within, a connection that is still open after `seconds` is cut."""
        self._tried = self._established = self.overran = False
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            self._socket = None

    def begins(self) -> None:
        self._tried = True

    def stands(self, connection: HTTPConnection) -> None:
        """Called when `connect` has returned, before the first byte of the request."""
        if self.overran:
            connection.close()
            raise NewConnectionError(connection, "the connection came too late")
        self._established = True
        self._socket = connection.sock
        if self.overran:  # the timer rang between the two lines above, when there was no socket yet to cut
            self._cut()

    def _cut(self) -> None:
        self.overran = True
        if self._socket is not None:
            with suppress(OSError):  # the peer may have closed it in the same instant
                # Not its own method: a TLS socket's drops the TLS layer, and whoever is reading would get ciphertext.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class BoundedAdapter(HTTPAdapter):
    """Sends once: no retries of any kind. Without a session around it there are no redirects and no cookies either."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(max_retries=0)
        self._classes = {"http": _watched(HTTPConnection, watch), "https": _watched(HTTPSConnection, watch)}

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: Any = None,
    ) -> ConnectionPool:
        pool = super().get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert)
        assert isinstance(pool, HTTPConnectionPool)
        pool.ConnectionCls = self._classes[str(pool.scheme)]
        return pool


def _watched(base: type[HTTPConnection], watch: Watch) -> type[HTTPConnection]:
    class Watched(base):  # type: ignore[misc, valid-type] # mypy does not follow a base class that is a value
        def connect(self) -> None:
            watch.begins()
            super().connect()
            watch.stands(self)

    return Watched
