"""Who and what the demo begins with, beside the examples in docs/."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accounts.authority import Role
from mitigations.policies.network import known
from mitigations.policies.presets import TargetClass
from mitigations.policies.rules import LongerThan, NeedsALook, Rule, WiderThan

CAST: dict[str, tuple[str, tuple[Role, ...], str]] = {
    "dana": ("Dana Reyes", (Role.REQUESTER, Role.BREAK_GLASS), "asks for mitigations, and may break the glass"),
    "lee": ("Lee Park", (Role.APPROVER,), "approves"),
    "kim": ("Kim Osei", (Role.APPROVER,), "approves"),
    "ana": ("Ana Silva", (Role.AUDITOR,), "audits"),
    "max": ("Max Brandt", (Role.ADMINISTRATOR,), "administers"),
    "eve": ("Eve Moran", (), "has an account and no role"),
}

# By the Kentik IDs of platform and method.
PRESETS: dict[tuple[str, str], dict[str, Any]] = {
    ("257", "775"): {
        "name": "Shop host under UDP flood",
        "kind": TargetClass.HOST,
        "inside": known("203.0.113.0/24"),
        "minutes": 60,
        "comment": "UDP flood on a shop host",
        "reason": "UDP flood since …, at … Gbps, seen in …: the host is lost anyway, dropping it saves the rest.",
    },
    ("258", "781"): {
        "name": "UDP fragments from reflection",
        "kind": TargetClass.ANY,
        "inside": None,
        "minutes": 120,
        "comment": "UDP fragments (reflection)",
        "reason": "Fragments of reflected … answers since …, at … Gbps: nothing that we serve needs them.",
    },
    ("259", "791"): {
        "name": "Customer network to the scrubber",
        "kind": TargetClass.NETWORK,
        "inside": known("198.51.100.0/24"),
        "minutes": 240,
        "comment": "Diverted to the scrubber in Frankfurt",
        "reason": "Mixed attack on customer … since …: they know that latency rises while it is diverted.",
    },
}

# What most teams begin with: a second pair of eyes on what is wide, long, or to be looked at closely.
RULES = (
    Rule(
        when=(WiderThan(ipv4=28, ipv6=64),),
        approvals=2,
        waits=timedelta(hours=1),
        because="it is wider than a /28, or a /64 of IPv6",
    ),
    Rule(
        when=(LongerThan(720),),
        approvals=2,
        waits=timedelta(hours=4),
        because="it runs for more than 12 hours",
    ),
    Rule(
        when=(NeedsALook(),),
        approvals=2,
        waits=timedelta(hours=1),
        because="a guardrail says to look closely",
    ),
)
