"""Requests as whoever decides on them sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mitigations.models import Mitigation
from mitigations.policies import approval, guardrails
from mitigations.policies.approval import Resolution
from mitigations.policies.guardrails import Change, Finding, Severity
from mitigations.selectors import mitigations as reading
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


def words_of(said: Mapping[str, Sequence[Finding]]) -> str:
    """The words for what a page of many says of each. Whether each then goes out such a page says of all at once."""
    return " ".join(f"{reference} {_word(findings)}" for reference, findings in said.items())


def outdated(words: str, *, of: Sequence[str], at: datetime) -> dict[str, str]:
    """Those words of `words_of` that no longer stand for what is to be said, each by its reference."""
    parts = words.split()
    all_told = dict(zip(parts[::2], parts[1::2], strict=False))
    told = {reference: all_told[reference] for reference in of if reference in all_told}
    rows = reading.shown([int(reference.removeprefix("MIT-")) for reference in told])
    judged = zip(rows, findings_of(rows, at=at), strict=True)
    return {row.reference: told[row.reference] for row, found in judged if told[row.reference] != _word(found)}


def _word(findings: Sequence[Finding]) -> str:
    return approval.as_shown(after_one_more=0, findings=findings)


def seen(mitigations: Sequence[Mitigation], *, at: datetime) -> list[Waiting]:
    """All of them as of now, in one number of queries however many they are."""
    judged = zip(mitigations, findings_of(mitigations, at=at), resolutions_of(mitigations), strict=True)
    return [Waiting(mitigation=each, findings=found, resolution=resolved) for each, found, resolved in judged]
