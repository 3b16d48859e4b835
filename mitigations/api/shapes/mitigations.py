"""Mitigations, and what became of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from mitigations.api.shapes.plain import Finding, Reference, Shape
from mitigations.policies.alerts import Outcome
from mitigations.policies.approval import Verdict
from mitigations.policies.lifecycle import Status


class PairingNamed(Shape):
    id: int
    name: str
    platform: str
    method: str
    effect: str


class DecisionShown(Shape):
    verdict: Verdict
    by: str
    at: datetime
    note: str


class Glass(Shape):
    """Sent without approval, on the word of whoever asked."""

    by: str
    at: datetime
    reason: str
    reviewed_at: datetime | None
    justified: bool | None


class AtKentik(Shape):
    """What Kentik shows of it."""

    kentik_id: str
    state: str
    seen_at: datetime


class MitigationShown(Shape):
    """A request for a mitigation, and what became of it."""

    reference: Reference
    target: str
    pairing: PairingNamed
    minutes: int
    comment: str
    reason: str
    ticket: str
    status: Status
    status_note: str
    requested_by: str
    source: Annotated[str | None, Field(description="The source of alerts that proposed it in their name.")]
    requested_at: datetime
    waits_until: datetime
    approved_at: datetime | None
    started_at: datetime | None
    ends_at: datetime | None
    closed_at: datetime | None
    approvals_needed: int
    approving_team: str | None
    rule: str
    rulebook: int | None
    asked_with: Reference | None
    findings_when_asked: list[Finding]
    decisions: list[DecisionShown]
    glass: Glass | None
    kentik: AtKentik | None
    being_stopped: bool


class MitigationWhole(MitigationShown):
    """The same with what is true of it at this moment.

    `findings`, `approvals_missing` and `may_be_approved_by` are about one that waits for approval. `may`: what this
    token may do to it now.
    """

    findings: list[Finding]
    approvals_missing: int
    may_be_approved_by: list[str]
    shown: Annotated[str, Field(description="The word that `approve` takes.")]
    disagreements: list[str]
    may: list[str]


class Heard(Shape):
    """What came of an alert. `mitigation`: the one that it led to, now or before."""

    outcome: Outcome
    sentence: str
    mitigation: Reference | None


class MitigationList(Shape):
    items: list[MitigationShown]
    next: str | None


class Asked(Shape):
    """In the order of the targets."""

    items: list[MitigationShown]


class Waiting(Shape):
    """One that waits for the decision of whoever asks. `appeared` and `gone`: what changed since it was asked for."""

    mitigation: MitigationShown
    findings: list[Finding]
    appeared: list[Finding]
    gone: list[str]
    approvals_missing: int
    shown: str


class WaitingList(Shape):
    items: list[Waiting]


class Requirement(Shape):
    """What the rules of approval ask for. `rule`: its place in version `rulebook`; null: none matched."""

    approvals: int
    team: str | None
    waits_minutes: int
    rule: int | None
    rulebook: int | None
    sentence: str


class Previewed(Shape):
    """What would happen. `obstacles`: what keeps it from being asked for; empty when nothing does."""

    target: str
    pairing: PairingNamed
    minutes: int
    findings: list[Finding]
    obstacles: list[Finding]
    requirement: Requirement
    may_be_approved_by: Annotated[list[str], Field(description="Empty: nobody has to, or more than four may.")]
    sentence: str
    kentik_request: dict[str, Any]


class ExchangeShown(Shape):
    """One HTTP request to Kentik, as sent and as received, without credentials."""

    number: int
    purpose: str
    method: str
    url: str
    request_headers: str
    request_body: str
    status: int | None
    response_headers: str
    response_body: str
    response_cut: bool
    started_at: datetime
    milliseconds: int | None
    outcome: str
    error: str
    redacted: bool


class ExchangeList(Shape):
    items: list[ExchangeShown]
    next: str | None
