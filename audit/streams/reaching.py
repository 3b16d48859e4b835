"""Connecting to a host whose name somebody else may point anywhere: the address is judged, and then connected to.

Between a look at the name and a connection to it the name may change, so it is resolved once.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from audit.delivery import NotDelivered

# A gateway turns these into IPv4 addresses, which may be anybody's.
_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))


def is_allowed(address: str, *, private: bool) -> bool:
    """`private`: internal networks and this machine as well. Never what is no single host, nor link-local addresses,
    where clouds keep the credentials of a machine.
    """
    ip = _plain(address)
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip in ip_network("0.0.0.0/8"):
        return False
    return private or (ip.is_global and not any(ip in each for each in _TRANSLATED))


def connect(host: str, port: int, *, private: bool, seconds: float) -> socket.socket:
    """To the first of the host's addresses that is allowed and answers. Raises NotDelivered, or OSError."""
    allowed = [each for each in _addresses(host, port) if is_allowed(each, private=private)]
    if not allowed:
        raise NotDelivered("It is at an address that is not allowed: AUDIT_WEBHOOK_ALLOW_PRIVATE says which are.")
    for address in allowed[:-1]:
        try:
            return socket.create_connection((address, port), timeout=seconds)
        except OSError:
            continue
    return socket.create_connection((allowed[-1], port), timeout=seconds)


def _addresses(host: str, port: int) -> Iterator[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise NotDelivered("Its name cannot be resolved.") from None
    return iter(dict.fromkeys(str(address[0]) for *_, address in found))


def _plain(address: str) -> IPv4Address | IPv6Address:
    ip = ip_address(address)
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip
