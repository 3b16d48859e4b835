"""Rows of mitigations as the API shows them. They come from selectors that have fetched all that is read here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mitigations.api.problems import finding_of
from mitigations.api.shapes.mitigations import (
    AtKentik,
    DecisionShown,
    ExchangeShown,
    Glass,
    MitigationShown,
    PairingNamed,
    Requirement,
)
from mitigations.api.shapes.plain import Finding
from mitigations.policies.approval import Verdict
from mitigations.policies.columns import Column
from mitigations.policies.lifecycle import Status
from mitigations.selectors.rules import Judgement

if TYPE_CHECKING:
    from mitigations.models import Exchange, Mitigation, Pairing, Sighting

# What a list has to fetch for a row to be told.
COLUMNS = frozenset({Column.APPROVED_BY})


def mitigation(row: Mitigation) -> MitigationShown:
    return MitigationShown.model_validate(shown(row))


def shown(row: Mitigation) -> dict[str, object]:
    """The members of a mitigation, for it alone or with more beside it."""
    return {
        "reference": row.reference,
        "target": row.target,
        "pairing": pairing(row.pairing),
        "minutes": row.minutes,
        "comment": row.comment,
        "reason": row.reason,
        "ticket": row.ticket,
        "status": Status(row.status),
        "status_note": row.status_note,
        "requested_by": row.requested_by.username,
        "source": row.proposal.source.name if hasattr(row, "proposal") else None,
        "requested_at": row.requested_at,
        "waits_until": row.waits_until,
        "approved_at": row.approved_at,
        "started_at": row.started_at,
        "ends_at": row.ends_at,
        "closed_at": row.closed_at,
        "approvals_needed": row.approvals_needed,
        "approving_team": row.approving_team.name if row.approving_team else None,
        "rule": row.rule,
        "rulebook": row.rulebook,
        "asked_with": row.lead_reference if row.asked_with_id else None,
        "findings_when_asked": [Finding(**each) for each in row.findings_when_asked],
        "decisions": [
            DecisionShown(
                verdict=Verdict(each.verdict), by=each.decided_by.username, at=each.decided_at, note=each.note
            )
            for each in row.decisions.all()
        ],
        "glass": _glass(row),
        "kentik": _at_kentik(getattr(row, "sighting", None)),
        "being_stopped": row.open_order is not None,
    }


def pairing(row: Pairing) -> PairingNamed:
    names = {"platform": row.platform.name, "method": row.method.name}
    return PairingNamed(id=row.pk, name=str(row), effect=row.effect, **names)


def exchange(row: Exchange) -> ExchangeShown:
    return ExchangeShown(
        number=row.number,
        purpose=row.purpose,
        method=row.method,
        url=row.url,
        request_headers=row.request_headers,
        request_body=row.request_body,
        status=row.status,
        response_headers=row.response_headers,
        response_body=row.response_body,
        response_cut=row.response_cut,
        started_at=row.started_at,
        milliseconds=row.duration_ms,
        outcome=row.outcome,
        error=row.error,
        redacted=row.is_redacted,
    )


def requirement(judgement: Judgement, teams: dict[int, str]) -> Requirement:
    needed = judgement.requirement
    return Requirement(
        approvals=needed.approvals,
        team=teams.get(needed.team) if needed.team is not None else None,
        waits_minutes=int(needed.waits.total_seconds() // 60),
        rule=needed.rule,
        rulebook=judgement.rulebook,
        sentence=needed.sentence,
    )


def findings(judgement: Judgement) -> list[Finding]:
    return [finding_of(each) for each in judgement.findings]


def _glass(row: Mitigation) -> Glass | None:
    broken = row.broken_glass
    if broken is None:
        return None
    return Glass(
        by=broken.broken_by.username,
        at=broken.broken_at,
        reason=broken.reason,
        reviewed_at=broken.reviewed_at,
        justified=broken.justified,
    )


def _at_kentik(sighting: Sighting | None) -> AtKentik | None:
    if sighting is None:
        return None
    return AtKentik(kentik_id=sighting.kentik_id, state=sighting.label, seen_at=sighting.seen_at)
