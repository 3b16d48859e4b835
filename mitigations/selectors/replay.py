"""The requests of the last weeks, judged by the rules in force and by a draft."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mitigations.models import Mitigation
from mitigations.policies.approval import Requirement
from mitigations.policies.guardrails import Severity
from mitigations.policies.rule_replay import Difference, difference
from mitigations.policies.rules import Names, Rule, requirement
from mitigations.selectors import rules
from mitigations.selectors.facts import Case, teams_of

WINDOW = timedelta(days=90)
_LOOKED_AT = 2000
_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class Row:
    mitigation: Mitigation
    before: Requirement
    after: Requirement
    difference: Difference


@dataclass(frozen=True, kw_only=True)
class Replay:
    """`rows` are the newest of those that differ; `counts` are of all that were looked at. `cut`: there were more."""

    looked_at: int
    cut: bool
    counts: dict[Difference, int]
    rows: list[Row]


def replay(draft: Sequence[Rule], *, at: datetime) -> Replay:
    """Requests of the last 90 days, the newest 2,000 of them, with their requesters' teams as they are now."""
    asked = list(
        Mitigation.objects.filter(requested_at__gte=at - WINDOW)
        .select_related("pairing__platform", "pairing__method", "requested_by")
        .order_by("-requested_at")[: _LOOKED_AT + 1]
    )
    looked_at = asked[:_LOOKED_AT]
    current = rules.in_force()
    book, called = current.parsed if current else (), rules.names()
    teams = teams_of({each.requested_by_id for each in looked_at})
    rows = [
        row
        for each in looked_at
        if (row := _row(each, book, draft, teams=teams[each.requested_by_id], called=called)) is not None
    ]
    counts = Counter(row.difference for row in rows)
    return Replay(
        looked_at=len(looked_at),
        cut=len(asked) > _LOOKED_AT,
        counts={each: counts[each] for each in Difference},
        rows=rows[:_SHOWN],
    )


def _row(
    mitigation: Mitigation, book: Sequence[Rule], draft: Sequence[Rule], *, teams: frozenset[int], called: Names
) -> Row | None:
    case = Case(pairing=mitigation.pairing, terms=mitigation.terms, requester=mitigation.requested_by_id)
    needs_a_look = any(each["severity"] == Severity.REVIEW for each in mitigation.findings_when_asked)
    asked = rules.asked_in(case, needs_a_look=needs_a_look, teams=teams)
    before, after = requirement(book, asked, called), requirement(draft, asked, called)
    differs = difference(before, after)
    return Row(mitigation=mitigation, before=before, after=after, difference=differs) if differs else None
