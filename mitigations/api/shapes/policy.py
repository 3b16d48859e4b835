"""What the portal goes by: the caller's rights, the catalogue, the rules, the plan of addresses."""

from __future__ import annotations

from datetime import datetime

from mitigations.api.shapes.mitigations import Requirement
from mitigations.api.shapes.plain import Finding, Shape
from mitigations.policies.guardrails import Severity


class TokenShown(Shape):
    name: str
    beginning: str
    scopes: list[str]
    networks: list[str]
    expires_at: datetime


class Right(Shape):
    """`allowed`: whether this token may ever do it. To one mitigation it may still be too late, or one's own."""

    deed: str
    allowed: bool
    why_not: str


class Me(Shape):
    username: str
    name: str
    roles: list[str]
    token: TokenShown
    rights: list[Right]


class KentikThing(Shape):
    id: int
    kentik_id: str
    name: str
    kind: str
    retired_at: datetime | None


class PairingShown(Shape):
    id: int
    name: str
    platform: int
    method: int
    effect: str
    offered: bool
    linked: bool
    ipv4: bool
    ipv6: bool
    widest_ipv4: int
    widest_ipv6: int
    widens_to_24: bool
    needs_ports: bool
    default_minutes: int
    longest_minutes: int | None
    retired: bool


class Catalogue(Shape):
    platforms: list[KentikThing]
    methods: list[KentikThing]
    pairings: list[PairingShown]


class RuleShown(Shape):
    place: int
    when: dict[str, list[str | int | bool]]
    words: str
    approvals: int
    team: str | None
    waits_minutes: int
    because: str


class Rules(Shape):
    """The rules in force, in their order. Without a version one approval is needed."""

    version: int | None
    note: str
    published_by: str | None
    published_at: datetime | None
    rules: list[RuleShown]


class Protected(Shape):
    id: int
    prefix: str
    severity: Severity
    reason: str
    owner: str


class ProtectedList(Shape):
    items: list[Protected]
    next: str | None


class Space(Shape):
    """Without teams everybody who may ask may ask for it."""

    id: int
    prefix: str
    teams: list[str]
    note: str


class SpaceList(Shape):
    items: list[Space]
    next: str | None


class SimulatedRule(Shape):
    place: int
    when: str
    unmet: str
    decides: bool
    asked: bool


class Simulation(Shape):
    target: str
    acted_on: str
    findings: list[Finding]
    blocked: bool
    requirement: Requirement
    steps: list[SimulatedRule]
