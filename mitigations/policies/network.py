"""IP prefixes: reading them, their one text, and where they lie.

Both families share one axis of 128 bits: IPv4 lies at ::ffff:0:0/96, as in RFC 4291 §2.5.5.2. Prefixes nest or are
disjoint, so whatever overlaps a prefix starts inside it or is one of its supernets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Literal

from audit.refusal import Objection

_V4_BASE = 0xFFFF_0000_0000
_WIDTH = {4: 32, 6: 128}
_SHAPE = re.compile(r"(?P<address>[0-9A-Fa-f:.]{2,45})(?:/(?P<length>0|[1-9][0-9]{0,2}))?")
_EXAMPLE = "Write it like 203.0.113.7/32 or 2001:db8::7/128."


@dataclass(frozen=True, kw_only=True)
class Prefix:
    """A network in canonical form. `first` and `last` are its addresses on the 128-bit axis, both included."""

    text: str
    family: Literal[4, 6]
    length: int
    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1

    @property
    def is_host(self) -> bool:
        return self.size == 1

    @property
    def addresses(self) -> str:
        """How many, for a person: "1 address", "256 addresses"."""
        return "1 address" if self.is_host else f"{self.size:,} addresses"

    def overlaps(self, other: Prefix) -> bool:
        return self.family == other.family and self.first <= other.last and other.first <= self.last

    def contains(self, other: Prefix) -> bool:
        return self.family == other.family and self.first <= other.first and other.last <= self.last

    def widened(self, length: int) -> Prefix:
        """The prefix of at most this length that holds this one; itself when it is as wide already."""
        if self.length <= length:
            return self
        return _prefix(ip_network(self.text).supernet(new_prefix=length))

    def supernet_starts(self) -> list[int]:
        """The first addresses of every prefix that holds this one (itself included), on the axis: at most 129."""
        width = _WIDTH[self.family]
        base = _V4_BASE if self.family == 4 else 0
        offset = self.first - base
        return sorted({base + (offset >> shift << shift) for shift in range(width - self.length, width + 1)})


@dataclass(frozen=True, kw_only=True)
class BadPrefix(Objection):
    """Why a text is no prefix, and the texts that the person may have meant."""

    mends: tuple[str, ...] = ()


def parse(text: str) -> Prefix | BadPrefix:
    """Read an address or a prefix as a person or a machine wrote it. A bare address is that single host."""
    shape = _SHAPE.fullmatch(text.strip())
    if shape is None:
        return _garbage(text)
    try:
        address = ip_address(shape["address"])
    except ValueError:
        return _garbage(text)
    if address.version == 6 and address.ipv4_mapped is not None:
        mapped = str(address.ipv4_mapped)
        sentence = f"{shape['address']} is an IPv4 address in IPv6 clothes. Write it as {mapped}."
        return BadPrefix(code="mapped", sentence=sentence, mends=(f"{mapped}/32",))
    width = _WIDTH[address.version]
    length = width if shape["length"] is None else int(shape["length"])
    if length > width:
        sentence = f"/{length} is too long: an IPv{address.version} prefix ends at /{width}."
        return BadPrefix(code="garbage", sentence=sentence, mends=(f"{address}/{width}",))
    network = ip_network((address, length), strict=False)
    if network.network_address != address:
        return BadPrefix(
            code="not-canonical",
            sentence=f"{address}/{length} has bits set outside its /{length}. "
            f"The network is {network}; the single host is {address}/{width}.",
            mends=(str(network), f"{address}/{width}"),
        )
    return _prefix(network)


@lru_cache(maxsize=10_000)  # Judging many targets asks for the same few thousand prefixes a million times.
def known(text: str) -> Prefix:
    """A prefix that is canonical already: from the database, or written in the code. Raises ValueError otherwise."""
    return _prefix(ip_network(text))


def on_axis(value: int) -> bytes:
    """A place on the axis as the 16 bytes that the database keeps; their order is the order of the numbers."""
    return value.to_bytes(16, "big")


def _prefix(network: IPv4Network | IPv6Network) -> Prefix:
    base = _V4_BASE if network.version == 4 else 0
    return Prefix(
        text=str(network),
        family=network.version,
        length=network.prefixlen,
        first=base + int(network.network_address),
        last=base + int(network.broadcast_address),
    )


def _garbage(text: str) -> BadPrefix:
    shown = text.strip()
    if not shown:
        return BadPrefix(code="garbage", sentence=f"No IP address or prefix was given. {_EXAMPLE}")
    shown = shown if len(shown) <= 50 else f"{shown[:50]}…"
    return BadPrefix(code="garbage", sentence=f"“{shown}” is not an IP address or prefix. {_EXAMPLE}")
