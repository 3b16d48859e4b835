"""`requests`, as much of it as Apprise's ways use, that reaches only what is allowed.

Apprise's ways call `requests.post` of their own module, so that is what they are given instead. Each call is sent once,
follows no redirect, checks certificates against those that this machine trusts, and takes neither proxies nor passwords
from the environment. The address that is connected to is judged, not the name.

`tests/audit/ways/test_guarded.py` reads the code of every way that is offered: a new release that called anything else
would fail there.
"""

from __future__ import annotations

import socket
import ssl
import sys
from collections.abc import Mapping
from typing import Any

import requests
from django.conf import settings
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import ConnectionPool, HTTPConnectionPool

from audit import reaching

# What an address may wish for and does not get.
_OVERRULED = {"allow_redirects": False, "verify": True, "proxies": None}


class Guarded:
    """Stands where `requests` stood."""

    RequestException = requests.RequestException
    codes = requests.codes

    def request(self, method: str, url: str, **options: Any) -> Response:
        """Raises NotDelivered when it would reach what is not allowed; otherwise what requests raises."""
        with requests.Session() as session:
            session.trust_env = False
            session.mount("http://", _Adapter())
            session.mount("https://", _Adapter())
            return session.request(method, url, **{**options, **_OVERRULED})

    def get(self, url: str, **options: Any) -> Response:
        return self.request("GET", url, **options)

    def post(self, url: str, data: Any = None, **options: Any) -> Response:
        return self.request("POST", url, data=data, **options)

    def delete(self, url: str, **options: Any) -> Response:
        return self.request("DELETE", url, **options)


GUARDED = Guarded()


def guard(way: object) -> None:
    """From here on this kind of way reaches only what is allowed."""
    vars(sys.modules[type(way).__module__])["requests"] = GUARDED


class _Adapter(HTTPAdapter):
    def __init__(self) -> None:
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """With this machine's authorities (SSL_CERT_FILE names others) beside those that requests brings."""
        super().init_poolmanager(*args, **options, ssl_context=ssl.create_default_context())

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: Any = None,
    ) -> ConnectionPool:
        pool = super().get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert)
        assert isinstance(pool, HTTPConnectionPool)
        pool.ConnectionCls = _CLASSES[str(pool.scheme)]
        return pool


def _reaching(base: type[HTTPConnection]) -> type[HTTPConnection]:
    class Reaching(base):  # type: ignore[misc, valid-type] # mypy does not follow a base class that is a value
        def _new_conn(self) -> socket.socket:
            seconds = self.timeout if isinstance(self.timeout, int | float) else None
            named = settings.OUTGOING_NETWORKS
            return reaching.connect(self._dns_host, self.port, named=named, seconds=seconds)

    return Reaching


_CLASSES = {"http": _reaching(HTTPConnection), "https": _reaching(HTTPSConnection)}
