"""How often somebody may try to sign in, and what each try counts against. A pure policy; `counting` counts.

A try from a place that the account is known in counts in that place alone. So a stranger who guesses at an account
locks it for strangers, and never for its person at their own desk (docs/adr/0024).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import timedelta

# Whoever has all of an IPv6 network of this length counts as one.
_IPV6_LENGTH = 64


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many may fail within a time: on one account from one kind of place, and from one address on all accounts."""

    per_account: int
    per_address: int
    within: timedelta


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a try comes from. `browser`: the mark of one in which this account was signed in before; empty for any
    other. `is_known`: the account was signed in from this network before.
    """

    network: str
    browser: str = ""
    is_known: bool = False


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """Something that at most so many tries that failed fit in; each leaves it after a while."""

    key: str
    most: int
    within: timedelta


def choices(account: str, place: Place, limits: Limits) -> tuple[tuple[Bucket, ...], ...]:
    """Ways in which a try may be counted: the first counts of which every bucket has room. With none, it is one try too
    many.

    A browser that is known counts by itself, whoever else is in its network; when that is full, it is like any other.
    """
    address = address_bucket(place.network, limits)
    elsewhere = f"network:{place.network}" if place.is_known else "elsewhere"
    ways: list[tuple[Bucket, ...]] = [(address, _of(account, elsewhere, limits))]
    if place.browser:
        ways.insert(0, (_of(account, f"browser:{place.browser}", limits),))
    return tuple(ways)


def address_bucket(network: str, limits: Limits) -> Bucket:
    return Bucket(key=f"address:{network}", most=limits.per_address, within=limits.within)


def _of(account: str, where: str, limits: Limits) -> Bucket:
    return Bucket(key=f"account:{account}:{where}", most=limits.per_account, within=limits.within)


def network_of(ip: str) -> str:
    """What of an address stands for whoever has it; empty for none."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.IPv6Network((address, _IPV6_LENGTH), strict=False))
