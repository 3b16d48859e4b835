"""Which Kentik, as whom, and how long to wait for it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mitigations.kentik.messages import Spelling

BASES = {"us": "https://api.kentik.com", "eu": "https://api.kentik.eu"}
V6_BASES = {"us": "https://grpc.api.kentik.com", "eu": "https://grpc.api.kentik.eu"}
PORTALS = {"us": "https://portal.kentik.com", "eu": "https://portal.kentik.eu"}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"https?://(?:\[::1\]|{_LABEL}(?:\.{_LABEL})*)(?::[0-9]+)?/?")
_HEADER_SAFE = re.compile(r"[!-~]+")


class BadAccount(ValueError):
    """A setting that no call can be made with. The message never repeats a credential."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """`connect`, `read` and `total` are seconds: for the connection, between two bytes, and for the call as a whole.

    Without a `v6_url` there is no V6: nothing can be read or stopped.
    """

    base_url: str
    email: str = field(repr=False)
    token: str = field(repr=False)
    spelling: Spelling = Spelling.DOCUMENTED
    connect: float = 5.0
    read: float = 30.0
    total: float = 45.0
    v6_url: str = ""

    def __post_init__(self) -> None:
        _check_address(self.base_url)
        if self.v6_url:
            _check_address(self.v6_url)
        for name, value in (("e-mail", self.email), ("token", self.token)):
            if not _HEADER_SAFE.fullmatch(value):
                sentence = f"The Kentik API {name} is empty, or has spaces or characters that no header may have."
                raise BadAccount(sentence)
        for seconds in (self.connect, self.read, self.total):
            if not (math.isfinite(seconds) and seconds > 0):
                raise BadAccount(f"{seconds:g} seconds is no time that anybody can wait for Kentik.")

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.token, self.email)


def base_url(region: str) -> str:
    """The address of a region's API. Raises BadAccount for a region that Kentik does not have."""
    return _of(region, BASES)


def v6_base_url(region: str) -> str:
    """The address of a region's V6 API. Raises BadAccount for a region that Kentik does not have."""
    return _of(region, V6_BASES)


def mitigation_link(region: str, mitigation_id: str) -> str | None:
    """Where people see this mitigation in Kentik's portal; None when the ID is not one of Kentik's numbers.

    Raises BadAccount for a region that Kentik does not have.
    """
    portal = _of(region, PORTALS)
    return f"{portal}/v4/protect/mitigations/{mitigation_id}" if is_id(mitigation_id) else None


def is_id(text: str) -> bool:
    """Whether this is an ID as Kentik gives them, which may stand in a path: `[0-9]+` and nothing else."""
    return text.isascii() and text.isdigit()


def _of(region: str, addresses: Mapping[str, str]) -> str:
    try:
        return addresses[region.lower()]
    except KeyError:
        raise BadAccount(f"There is no Kentik region {region!r}; choose one of {', '.join(addresses)}.") from None


def _check_address(url: str) -> None:
    """Raises BadAccount; the sentence repeats no address that might carry a password."""
    try:
        parts = urlsplit(url)
        host, in_range = parts.hostname, parts.port != 0
    except ValueError:
        host, in_range = None, False
    if host and parts.scheme == "http" and host not in _LOOPBACK:
        raise BadAccount("Credentials go over https only; plain http is for a sandbox on this machine.")
    if "@" in url:
        raise BadAccount(
            "The address of Kentik must not carry a user name; its credentials have settings of their own."
        )
    if not in_range or not _ADDRESS.fullmatch(url):
        raise BadAccount(f"{url!r} is not the address of a server, such as {BASES['us']}.")
