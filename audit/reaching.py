"""Connecting to a host whose name somebody else may point anywhere: the address is judged, and then connected to.

Between a look at the name and a connection to it the name may change, so it is resolved once. Only public addresses,
and those in networks that the settings name (OUTGOING_NETWORKS), are connected to.
"""

from __future__ import annotations

import socket
from collections.abc import Collection, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from audit.delivery import NotDelivered

Network = IPv4Network | IPv6Network

# Where clouds keep the credentials of a machine, though the address looks like anybody's: Azure's.
_METADATA = ip_address("168.63.129.16")
# A gateway turns these into IPv4 addresses, which may be anybody's; so does an old form of IPv6.
_TRANSLATED = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "::/96")))
NOT_ALLOWED = "It is at an address that is not allowed: OUTGOING_NETWORKS names internal ones that are."


def is_allowed(address: str, *, named: Collection[Network] = ()) -> bool:
    """`named`: networks that are allowed though they are internal, or this machine.

    Never, whatever is named: what is no single host, nor the addresses where clouds keep the credentials of a machine.
    """
    ip = _plain(address)
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip in ip_network("0.0.0.0/8") or ip == _METADATA:
        return False
    return _is_public(ip) or any(ip in network for network in named)


def connect(host: str, port: int, *, named: Collection[Network], seconds: float | None) -> socket.socket:
    """To the first of the host's addresses that is allowed and answers. Raises NotDelivered, or OSError."""
    allowed = [each for each in _addresses(host, port) if is_allowed(each, named=named)]
    if not allowed:
        raise NotDelivered(NOT_ALLOWED)
    for address in allowed[:-1]:
        try:
            return socket.create_connection((address, port), timeout=seconds)
        except OSError:
            continue
    return socket.create_connection((allowed[-1], port), timeout=seconds)


def names_what_is_not_allowed(host: str, *, named: Collection[Network]) -> bool:
    """Whether this is an address, rather than a name, and none that is allowed."""
    try:
        return not is_allowed(host.strip("[]"), named=named)
    except ValueError:
        return False


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    old = isinstance(ip, IPv6Address) and ip.is_site_local
    return ip.is_global and not old and not any(ip in each for each in _TRANSLATED)


def _addresses(host: str, port: int) -> Iterator[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise NotDelivered("Its name cannot be resolved.") from None
    return iter(dict.fromkeys(str(address[0]) for *_, address in found))


def _plain(address: str) -> IPv4Address | IPv6Address:
    ip = ip_address(address)
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip
