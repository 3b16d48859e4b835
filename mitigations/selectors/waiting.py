"""Requests as whoever decides on them sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mitigations.models import Mitigation
from mitigations.policies import approval, guardrails
from mitigations.policies.approval import Resolution
from mitigations.policies.guardrails import Change, Finding, Severity
from mitigations.selectors.approvers import resolutions_of
from mitigations.selectors.facts import findings_of


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One with what speaks against it now, what has changed since it was made, and what is missing."""

    mitigation: Mitigation
    findings: tuple[Finding, ...]
    resolution: Resolution

    @property
    def change(self) -> Change:
        return guardrails.change(self.mitigation.kept_findings, self.findings)

    @property
    def is_blocked(self) -> bool:
        return bool(guardrails.blocks(self.findings))

    @property
    def needs_a_look(self) -> bool:
        return any(finding.severity is not Severity.NOTE for finding in self.findings)

    @property
    def shown(self) -> str:
        """The word for what stands on the page, which comes back with the decision."""
        return approval.as_shown(after_one_more=self.resolution.after_one_more, findings=self.findings)


def seen(mitigations: Sequence[Mitigation], *, at: datetime) -> list[Waiting]:
    """All of them as of now, in one number of queries however many they are."""
    judged = zip(mitigations, findings_of(mitigations, at=at), resolutions_of(mitigations), strict=True)
    return [Waiting(mitigation=each, findings=found, resolution=resolved) for each, found, resolved in judged]
