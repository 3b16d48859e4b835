"""Whose addresses, which are protected, and what is there already: examples that read like the rulebook."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mitigations.policies.guardrails import (
    Facts,
    Finding,
    Holding,
    Neighbour,
    PairingFacts,
    Protection,
    Severity,
    Terms,
    judge,
)
from mitigations.policies.network import known

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PAIRING = PairingFacts(
    name="Edge RTBH · Drop everything",
    offered=True,
    retired=False,
    ipv4=True,
    ipv6=True,
    widest_ipv4=8,
    widest_ipv6=16,
    widens_to_24=False,
    needs_ports=False,
    longest_minutes=None,
)
PUBLIC, DOCUMENTED = "8.8.8.8/32", "203.0.113.7/32"
OURS = Holding(prefix="8.0.0.0/8", teams=("NOC",), usable=True)
THEIRS = Holding(prefix="8.8.0.0/16", teams=("Web", "Mail"), usable=False)
DNS = Protection(prefix="8.8.8.8/32", severity=Severity.BLOCK, reason="Resolvers.", owner="max")
SHOP = replace(DNS, prefix="8.8.8.0/24", severity=Severity.REVIEW, reason="The shop.")
NOT_OURS = [("special-purpose", "block"), ("outside-address-space", "block")]
OTHER = Neighbour(reference="MIT-4", target="8.8.8.0/24", status="active")


def found(target: str, *, widens: bool = False, **facts: Any) -> tuple[Finding, ...]:
    pairing = replace(PAIRING, widens_to_24=widens)
    return judge(Terms(target=known(target), minutes=60), Facts(pairing=pairing, at=NOW, **facts))


@pytest.mark.parametrize(
    ("target", "facts", "expected"),
    [
        # Without any address space there is no limit to public targets.
        (PUBLIC, {}, []),
        # Special addresses are blocked, unless the requester's own address space names them.
        (DOCUMENTED, {}, [("special-purpose", "block")]),
        ("10.0.0.0/24", {"space_defined": True}, NOT_OURS),
        ("10.0.0.0/24", {"space_defined": True, "holdings": (OURS,)}, []),
        ("10.0.0.0/24", {"space_defined": True, "holdings": (THEIRS,)}, NOT_OURS),
        # With address space, the target must lie in a part that the requester's teams may use.
        (PUBLIC, {"space_defined": True}, [("outside-address-space", "block")]),
        (PUBLIC, {"space_defined": True, "holdings": (THEIRS,)}, [("outside-address-space", "block")]),
        (PUBLIC, {"space_defined": True, "holdings": (THEIRS, OURS)}, []),
        # A protected prefix blocks or asks to look closely, as its entry says.
        (PUBLIC, {"protections": (DNS,)}, [("protected", "block")]),
        (PUBLIC, {"protections": (DNS, SHOP)}, [("protected", "block"), ("protected", "review")]),
        # Another open mitigation of the same target blocks; one that overlaps asks to look closely.
        (PUBLIC, {"taken_by": "MIT-4"}, [("duplicate", "block")]),
        (PUBLIC, {"neighbours": (OTHER,)}, [("overlap", "review")]),
    ],
)  # fmt: skip
def test_finds(target: str, facts: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert [(finding.code, finding.severity) for finding in found(target, **facts)] == expected


def test_judges_the_widened_prefix() -> None:
    """192.0.1.255 is an ordinary host, and its /24 as well; 192.0.0.9 is a reachable host in a /24 that is not."""
    assert [finding.code for finding in found("192.0.0.9/32")] == []
    assert [finding.code for finding in found("192.0.0.9/32", widens=True)][:2] == ["widened", "special-purpose"]


def test_says_whose_the_addresses_are() -> None:
    [finding] = found(PUBLIC, space_defined=True, holdings=(THEIRS,))

    assert finding.sentence == "8.8.8.8/32 is for Mail and Web to ask for."


def test_says_why_it_is_protected_and_by_whom() -> None:
    [finding] = found("8.8.8.0/24", protections=(DNS,))

    assert finding.sentence == "8.8.8.0/24 touches 8.8.8.8/32, which is protected: Resolvers."
    assert "max" in finding.mend


@pytest.mark.parametrize(
    ("target", "facts", "sentence"),
    [
        (PUBLIC, {"protections": (DNS,)}, "8.8.8.8/32 is protected: Resolvers."),
        ("10.0.0.0/8", {}, "10.0.0.0/8 is set aside: Private-Use (RFC 1918)."),
    ],
)
def test_says_of_nothing_that_it_touches_itself(target: str, facts: dict[str, Any], sentence: str) -> None:
    [finding] = found(target, **facts)

    assert finding.sentence == sentence


def test_links_to_what_it_overlaps() -> None:
    [finding] = found(PUBLIC, neighbours=(OTHER,))

    assert finding.collides == "MIT-4"
