"""Which Kentik, as whom, and how long to wait for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mitigations.kentik.messages import Spelling

BASES = {"us": "https://api.kentik.com", "eu": "https://api.kentik.eu"}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_HEADER_SAFE = re.compile(r"[!-~]+")


class BadAccount(ValueError):
    """A setting that no call can be made with. The message never repeats a credential."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """`connect`, `read` and `total` are seconds: for the connection, between two bytes, and for the call as a whole."""

    base_url: str
    email: str = field(repr=False)
    token: str = field(repr=False)
    spelling: Spelling = Spelling.DOCUMENTED
    connect: float = 5.0
    read: float = 30.0
    total: float = 45.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
            raise BadAccount(f"{self.base_url!r} is not the address of a server, such as {BASES['us']}.")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise BadAccount("Credentials go over https only; plain http is for a sandbox on this machine.")
        for name, value in (("e-mail", self.email), ("token", self.token)):
            if not _HEADER_SAFE.fullmatch(value):
                raise BadAccount(
                    f"The Kentik API {name} is empty, or has spaces or characters that no header may have."
                )

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.token, self.email)


def base_url(region: str) -> str:
    """The address of a region's API. Raises BadAccount for a region that Kentik does not have."""
    try:
        return BASES[region.lower()]
    except KeyError:
        raise BadAccount(f"There is no Kentik region {region!r}; choose one of {', '.join(BASES)}.") from None
