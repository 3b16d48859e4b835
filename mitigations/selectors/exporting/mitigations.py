from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from audit.canonical import time_text
from audit.chain import Head
from audit.models import What
from audit.spreadsheet import Value
from mitigations.models import Mitigation
from mitigations.selectors import mitigations
from mitigations.selectors.exporting.chained import MOST_COUNTED
from mitigations.selectors.exporting.source import Row
from mitigations.selectors.filtering import Filter

_BATCH = 500


@dataclass(frozen=True)
class Mitigations:
    """Mitigations that a filter lets through, each as it is when it is read."""

    WHAT: ClassVar[What] = What.MITIGATIONS
    HEADER: ClassVar[tuple[str, ...]] = (
        *("reference", "target", "platform", "method", "status", "why it is there", "minutes", "comment", "reason"),
        *("ticket", "asked by", "asked at", "asked with", "approvals needed", "of the team", "rule", "rules version"),
        *("approved by", "rejected by", "glass broken by", "approved at", "started at", "ends at", "closed at"),
    )
    wanted: Filter

    @property
    def is_whole(self) -> bool:
        return self.wanted == Filter()

    def newest(self) -> int:
        return Mitigation.objects.values_list("pk", flat=True).first() or 0

    def how_many(self, *, up_to: int) -> int | None:
        found = mitigations.how_many(self.wanted, up_to=up_to, most=MOST_COUNTED)
        return found if found <= MOST_COUNTED else None

    def lines(self, *, after: int, up_to: int) -> list[Row]:
        return [Row(number=each.pk, written=_line(each)) for each in self._next(after, up_to)]

    def cells(self, *, after: int, up_to: int) -> list[Row]:
        return [Row(number=each.pk, written=_cells(each)) for each in self._next(after, up_to)]

    def head_at(self, number: int) -> Head | None:
        return None

    def _next(self, after: int, up_to: int) -> list[Mitigation]:
        return mitigations.following(self.wanted, after=after, up_to=up_to, count=_BATCH)


def _line(mitigation: Mitigation) -> str:
    glass = mitigation.broken_glass
    pairing = mitigation.pairing
    said = {
        "reference": mitigation.reference,
        "target": mitigation.target,
        "platform": {"kentik_id": pairing.platform.kentik_id, "name": pairing.platform.name},
        "method": {"kentik_id": pairing.method.kentik_id, "name": pairing.method.name},
        "status": mitigation.status,
        "status_note": mitigation.status_note,
        "minutes": mitigation.minutes,
        "comment": mitigation.comment,
        "reason": mitigation.reason,
        "ticket": mitigation.ticket,
        "asked_by": mitigation.requested_by.username,
        "asked_at": _time(mitigation.requested_at),
        "asked_with": mitigation.lead_reference if mitigation.asked_with_id else None,
        "findings_when_asked": mitigation.findings_when_asked,
        "approvals_needed": mitigation.approvals_needed,
        "approving_team": str(mitigation.approving_team) if mitigation.approving_team else None,
        "rule": mitigation.rule,
        "rules_version": mitigation.rulebook,
        "decisions": [_decision(each) for each in mitigation.decisions.all()],
        "glass": {"broken_by": glass.broken_by.username, "at": _time(glass.broken_at), "reason": glass.reason}
        if glass
        else None,
        "approved_at": _time(mitigation.approved_at),
        "started_at": _time(mitigation.started_at),
        "ends_at": _time(mitigation.ends_at),
        "closed_at": _time(mitigation.closed_at),
    }
    return json.dumps(said, separators=(",", ":"))


def _decision(decision: Any) -> dict[str, Any]:
    return {
        "verdict": decision.verdict,
        "by": decision.decided_by.username,
        "at": _time(decision.decided_at),
        "note": decision.note,
    }


def _cells(mitigation: Mitigation) -> tuple[Value, ...]:
    glass, decisions = mitigation.broken_glass, list(mitigation.decisions.all())
    by = {verdict: [each.decided_by.username for each in decisions if each.verdict == verdict] for verdict in _VERDICTS}
    return (
        mitigation.reference,
        mitigation.target,
        mitigation.pairing.platform.name,
        mitigation.pairing.method.name,
        mitigation.status,
        mitigation.status_note,
        mitigation.minutes,
        mitigation.comment,
        mitigation.reason,
        mitigation.ticket,
        mitigation.requested_by.username,
        mitigation.requested_at,
        mitigation.lead_reference if mitigation.asked_with_id else None,
        mitigation.approvals_needed,
        str(mitigation.approving_team) if mitigation.approving_team else None,
        mitigation.rule,
        mitigation.rulebook,
        ", ".join(by["approve"]),
        ", ".join(by["reject"]),
        glass.broken_by.username if glass else None,
        mitigation.approved_at,
        mitigation.started_at,
        mitigation.ends_at,
        mitigation.closed_at,
    )


_VERDICTS = ("approve", "reject")


def _time(at: datetime | None) -> str | None:
    return None if at is None else time_text(at)
