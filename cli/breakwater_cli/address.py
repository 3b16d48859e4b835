"""Where the portal is."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
# What may stand in a path as it is, as RFC 3986 says; the rest would fail only when it is sent.
_PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*", re.ASCII)


class BadAddress(ValueError):
    """With a sentence that says why."""


@dataclass(frozen=True, kw_only=True)
class Address:
    scheme: str
    host: str
    port: int
    base: str
    is_of_this_machine: bool

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.base}"


def read(text: str) -> Address:
    """Raises BadAddress. Without TLS only this machine is spoken to: a token is as good as a password."""
    if not text.isprintable() or " " in text:
        raise BadAddress("It has no blanks in it.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise BadAddress("This is no address.") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise BadAddress("It is an address such as https://breakwater.example.net.")
    if parts.username is not None or parts.query or parts.fragment:
        raise BadAddress("It has no name, password, question mark or fragment in it.")
    if not _PATH.fullmatch(parts.path):
        raise BadAddress("Behind its name it is plain ASCII: ü is written %C3%BC there.")
    is_here = is_of_this_machine(parts.hostname)
    if parts.scheme == "http" and not is_here:
        raise BadAddress("It begins with https://, or anybody on the way could read the token.")
    return Address(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port if port is not None else _PORTS[parts.scheme],
        base=parts.path.rstrip("/"),
        is_of_this_machine=is_here,
    )


def is_of_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
