"""The guardrails as a rulebook: what is asked for, where, and what speaks against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mitigations.policies.guardrails import (
    Facts,
    Finding,
    Holding,
    PairingFacts,
    Severity,
    Terms,
    blocks,
    change,
    judge,
)
from mitigations.policies.network import Prefix, parse

BLOCK, REVIEW = Severity.BLOCK, Severity.REVIEW
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PAIRING = PairingFacts(
    name="Edge RTBH · Drop everything",
    offered=True,
    retired=False,
    ipv4=True,
    ipv6=True,
    widest_ipv4=24,
    widest_ipv6=48,
    widens_to_24=False,
    needs_ports=False,
    longest_minutes=None,
)
HOST, NET_24, NET_23 = "203.0.113.7/32", "203.0.113.0/24", "203.0.112.0/23"
HOST_6, NET_48, NET_47 = "2001:db8::7/128", "2001:db8::/48", "2001:db8::/47"


def found(target: str, minutes: int = 60, taken_by: str | None = None, **facts: Any) -> tuple[Finding, ...]:
    prefix = parse(target)
    assert isinstance(prefix, Prefix)
    ours = (Holding(prefix="203.0.113.0/24", teams=(), usable=True),)
    pairing = replace(PAIRING, **facts)
    return judge(
        Terms(target=prefix, minutes=minutes), Facts(pairing=pairing, at=NOW, taken_by=taken_by, holdings=ours)
    )


@pytest.mark.parametrize(
    ("target", "asked", "facts", "expected"),
    [
        (HOST, {}, {}, []),
        (HOST_6, {}, {}, []),
        # retired, not offered
        (HOST, {}, {"retired": True}, [("retired", BLOCK)]),
        (HOST, {}, {"offered": False}, [("not-offered", BLOCK)]),
        (HOST, {}, {"retired": True, "offered": False}, [("retired", BLOCK)]),
        # needs ports
        (HOST, {}, {"needs_ports": True}, [("needs-ports", BLOCK)]),
        # family
        (HOST, {}, {"ipv4": False}, [("family", BLOCK)]),
        (HOST, {}, {"ipv6": False}, []),
        (HOST_6, {}, {"ipv6": False}, [("family", BLOCK)]),
        (HOST_6, {}, {"ipv4": False}, []),
        # too wide
        (NET_24, {}, {}, []),
        (NET_23, {}, {}, [("too-wide", BLOCK)]),
        (NET_23, {}, {"widest_ipv4": 23}, []),
        ("0.0.0.0/0", {}, {}, [("too-wide", BLOCK)]),
        (NET_48, {}, {}, []),
        (NET_47, {}, {}, [("too-wide", BLOCK)]),
        (NET_47, {}, {"widest_ipv6": 47}, []),
        ("::/0", {}, {}, [("too-wide", BLOCK)]),
        # widened
        (HOST, {}, {"widens_to_24": True}, [("widened", REVIEW)]),
        ("203.0.113.0/25", {}, {"widens_to_24": True}, [("widened", REVIEW)]),
        (NET_24, {}, {"widens_to_24": True}, []),
        (HOST_6, {}, {"widens_to_24": True}, []),
        # duplicate
        (HOST, {"taken_by": "MIT-7"}, {}, [("duplicate", BLOCK)]),
        # no auto-stop, too long
        (HOST, {"minutes": 0}, {}, [("no-auto-stop", REVIEW)]),
        (HOST, {"minutes": 0}, {"longest_minutes": 60}, [("no-auto-stop", BLOCK)]),
        (HOST, {"minutes": 60}, {"longest_minutes": 60}, []),
        (HOST, {"minutes": 61}, {"longest_minutes": 60}, [("too-long", BLOCK)]),
        (HOST, {"minutes": 525_600}, {}, []),
        # all at once
        (
            NET_23,
            {"minutes": 0, "taken_by": "MIT-7"},
            {"retired": True, "needs_ports": True, "ipv4": False, "longest_minutes": 60},
            [(code, BLOCK) for code in ("retired", "needs-ports", "family", "too-wide", "duplicate", "no-auto-stop")],
        ),
    ],
)
def test_finds(target: str, asked: dict[str, Any], facts: dict[str, Any], expected: list[tuple[str, Severity]]) -> None:
    assert [(finding.code, finding.severity) for finding in found(target, **asked, **facts)] == expected


@pytest.mark.parametrize(
    ("target", "facts", "sentence"),
    [
        (NET_23, {}, "203.0.112.0/23 is wider than the /24 that Edge RTBH · Drop everything allows."),
        (HOST, {"widens_to_24": True}, "This method acts on the whole 203.0.113.0/24: 256 addresses."),
        (HOST_6, {"ipv6": False}, "Edge RTBH · Drop everything does not do IPv6."),
        (HOST, {"retired": True}, "Edge RTBH · Drop everything has been retired."),
        (HOST, {"needs_ports": True}, "Edge RTBH · Drop everything needs a port, and Kentik's call cannot carry one."),
        (HOST, {"longest_minutes": 30}, "1 h is longer than the 30 min that Edge RTBH · Drop everything allows."),
    ],
)
def test_says_it_in_a_sentence(target: str, facts: dict[str, Any], sentence: str) -> None:
    [finding] = found(target, **facts)

    assert finding.sentence == sentence


def test_judges_the_widened_prefix_as_well() -> None:
    """A host on a method that turns it into its /24 is as wide as that /24."""
    assert "too-wide" in {finding.code for finding in found(HOST, widens_to_24=True, widest_ipv4=28)}


def test_offers_a_mend_with_every_block() -> None:
    everything = found(NET_23, 90, "MIT-7", retired=True, needs_ports=True, ipv4=False, longest_minutes=60)

    assert all(finding.mend for finding in blocks(everything))


def test_names_the_mitigation_that_it_collides_with() -> None:
    [finding] = found(HOST, taken_by="MIT-7")

    assert finding.collides == "MIT-7"
    assert finding.sentence.startswith("MIT-7 already holds 203.0.113.7/32")


def test_blocks_with_blocks_only() -> None:
    findings = found(HOST, 0, widens_to_24=True, needs_ports=True)

    assert [finding.code for finding in blocks(findings)] == ["needs-ports"]


@pytest.mark.parametrize(
    ("since", "expected"),
    [(timedelta(0), ["not-linked"]), (timedelta(seconds=179), ["not-linked"]), (timedelta(minutes=3), [])],
)
def test_blocks_what_was_changed_at_kentik_less_than_three_minutes_ago(since: timedelta, expected: list[str]) -> None:
    assert [finding.code for finding in found(HOST, modified_at=NOW - since)] == expected


def test_blocks_a_pairing_that_is_not_linked_at_kentik() -> None:
    assert [(finding.code, finding.severity) for finding in found(HOST, linked=False)] == [("not-linked", BLOCK)]


def test_says_what_has_changed_since_it_was_asked_for() -> None:
    now = found(NET_23, minutes=0)
    before = [("duplicate", "It was taken."), (now[0].code, now[0].sentence)]

    changed = change(before, now)

    assert [finding.code for finding in changed.appeared] == [finding.code for finding in now[1:]]
    assert changed.gone == ("It was taken.",)
    assert not change([(finding.code, finding.sentence) for finding in now], now)
