"""Addresses that are no ordinary targets: IANA's special-purpose registries, and multicast.

The rows are IANA's IPv4 and IPv6 Special-Purpose Address Registries as they stood on 2026-07-18: block, name, RFC, date
of allocation, date of termination, and whether the registry affirms that the block is globally reachable ("N/A" and an
empty cell, as for 6to4 and terminated blocks, do not). Multicast has registries of its own (RFC 5771, RFC 4291) and is
added.
To bring them up to date, compare with https://www.iana.org/assignments/iana-ipv4-special-registry/ and
https://www.iana.org/assignments/iana-ipv6-special-registry/, and move SNAPSHOT.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mitigations.policies.network import Prefix, known

SNAPSHOT = date(2026, 7, 18)

_IPV4 = (
    ("0.0.0.0/8", "This network", "RFC 791", "1981-09", "", False),
    ("0.0.0.0/32", "This host on this network", "RFC 1122", "1981-09", "", False),
    ("10.0.0.0/8", "Private-Use", "RFC 1918", "1996-02", "", False),
    ("100.64.0.0/10", "Shared Address Space", "RFC 6598", "2012-04", "", False),
    ("127.0.0.0/8", "Loopback", "RFC 1122", "1981-09", "", False),
    ("169.254.0.0/16", "Link Local", "RFC 3927", "2005-05", "", False),
    ("172.16.0.0/12", "Private-Use", "RFC 1918", "1996-02", "", False),
    ("192.0.0.0/24", "IETF Protocol Assignments", "RFC 6890", "2010-01", "", False),
    ("192.0.0.0/29", "IPv4 Service Continuity Prefix", "RFC 7335", "2011-06", "", False),
    ("192.0.0.8/32", "IPv4 dummy address", "RFC 7600", "2015-03", "", False),
    ("192.0.0.9/32", "Port Control Protocol Anycast", "RFC 7723", "2015-10", "", True),
    ("192.0.0.10/32", "Traversal Using Relays around NAT Anycast", "RFC 8155", "2017-02", "", True),
    ("192.0.0.170/32", "NAT64/DNS64 Discovery", "RFC 8880", "2013-02", "", False),
    ("192.0.0.171/32", "NAT64/DNS64 Discovery", "RFC 8880", "2013-02", "", False),
    ("192.0.2.0/24", "Documentation (TEST-NET-1)", "RFC 5737", "2010-01", "", False),
    ("192.31.196.0/24", "AS112-v4", "RFC 7535", "2014-12", "", True),
    ("192.52.193.0/24", "AMT", "RFC 7450", "2014-12", "", True),
    ("192.88.99.0/24", "Deprecated (6to4 Relay Anycast)", "RFC 7526", "2001-06", "2015-03", False),
    ("192.88.99.2/32", "6a44-relay anycast address", "RFC 6751", "2012-10", "", False),
    ("192.168.0.0/16", "Private-Use", "RFC 1918", "1996-02", "", False),
    ("192.175.48.0/24", "Direct Delegation AS112 Service", "RFC 7534", "1996-01", "", True),
    ("198.18.0.0/15", "Benchmarking", "RFC 2544", "1999-03", "", False),
    ("198.51.100.0/24", "Documentation (TEST-NET-2)", "RFC 5737", "2010-01", "", False),
    ("203.0.113.0/24", "Documentation (TEST-NET-3)", "RFC 5737", "2010-01", "", False),
    ("240.0.0.0/4", "Reserved", "RFC 1112", "1989-08", "", False),
    ("255.255.255.255/32", "Limited Broadcast", "RFC 919", "1984-10", "", False),
)

_IPV6 = (
    ("::1/128", "Loopback Address", "RFC 4291", "2006-02", "", False),
    ("::/128", "Unspecified Address", "RFC 4291", "2006-02", "", False),
    ("::ffff:0:0/96", "IPv4-mapped Address", "RFC 4291", "2006-02", "", False),
    ("64:ff9b::/96", "IPv4-IPv6 Translation", "RFC 6052", "2010-10", "", True),
    ("64:ff9b:1::/48", "IPv4-IPv6 Translation", "RFC 8215", "2017-06", "", False),
    ("100::/64", "Discard-Only Address Block", "RFC 6666", "2012-06", "", False),
    ("100:0:0:1::/64", "Dummy IPv6 Prefix", "RFC 9780", "2025-04", "", False),
    ("2001::/23", "IETF Protocol Assignments", "RFC 2928", "2000-09", "", False),
    ("2001::/32", "TEREDO", "RFC 4380", "2006-01", "", False),
    ("2001:1::1/128", "Port Control Protocol Anycast", "RFC 7723", "2015-10", "", True),
    ("2001:1::2/128", "Traversal Using Relays around NAT Anycast", "RFC 8155", "2017-02", "", True),
    ("2001:1::3/128", "DNS-SD Service Registration Protocol Anycast", "RFC 9665", "2024-04", "", True),
    ("2001:2::/48", "Benchmarking", "RFC 5180", "2008-04", "", False),
    ("2001:3::/32", "AMT", "RFC 7450", "2014-12", "", True),
    ("2001:4:112::/48", "AS112-v6", "RFC 7535", "2014-12", "", True),
    ("2001:10::/28", "Deprecated (previously ORCHID)", "RFC 4843", "2007-03", "2014-03", False),
    ("2001:20::/28", "ORCHIDv2", "RFC 7343", "2014-07", "", True),
    ("2001:30::/28", "Drone Remote ID Protocol Entity Tags (DETs) Prefix", "RFC 9374", "2022-12", "", True),
    ("2001:db8::/32", "Documentation", "RFC 3849", "2004-07", "", False),
    ("2002::/16", "6to4", "RFC 3056", "2001-02", "", False),
    ("2620:4f:8000::/48", "Direct Delegation AS112 Service", "RFC 7534", "2011-05", "", True),
    ("3fff::/20", "Documentation", "RFC 9637", "2024-07", "", False),
    ("5f00::/16", "Segment Routing (SRv6) SIDs", "RFC 9602", "2024-04", "", False),
    ("fc00::/7", "Unique-Local", "RFC 4193", "2005-10", "", False),
    ("fe80::/10", "Link-Local Unicast", "RFC 4291", "2006-02", "", False),
)

_MULTICAST = (
    ("224.0.0.0/4", "Multicast", "RFC 5771", "", "", False),
    ("ff00::/8", "Multicast", "RFC 4291", "", "", False),
)


@dataclass(frozen=True, kw_only=True)
class Block:
    prefix: Prefix
    name: str
    rfc: str
    allocated: str
    terminated: str
    reachable: bool


BLOCKS = tuple(
    Block(prefix=known(text), name=name, rfc=rfc, allocated=allocated, terminated=terminated, reachable=reachable)
    for text, name, rfc, allocated, terminated, reachable in _IPV4 + _IPV6 + _MULTICAST
)


def touched(target: Prefix) -> tuple[Block, ...]:
    """The special blocks that a target touches, the most specific ones.

    A block inside another one speaks for itself: 192.0.0.9/32 is reachable although 192.0.0.0/24 around it is not.
    """
    around = [block for block in BLOCKS if block.prefix.contains(target)]
    inside = [block for block in BLOCKS if target.contains(block.prefix) and block.prefix != target]
    nearest = [max(around, key=lambda block: block.prefix.length)] if around else []
    return tuple(block for block in nearest + inside if not block.reachable)
