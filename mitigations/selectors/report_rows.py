"""The rows of a report for the file: each mitigation of a period with how long its steps took, the newest so many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from mitigations.models import BreakGlass, Exchange, Mitigation
from mitigations.models.mitigation import MitigationQuerySet
from mitigations.policies.approval import Verdict
from mitigations.policies.budget import Purpose
from mitigations.policies.lifecycle import Status
from mitigations.policies.periods import Period
from mitigations.selectors.filtering import Filter, filtered

LISTED = 1000


@dataclass(frozen=True, kw_only=True)
class Course:
    """What happened to one. Each length is None where the step was not taken, or is not over."""

    mitigation: Mitigation
    approved_by: tuple[str, ...]
    rejected_by: tuple[str, ...]
    agreed_after: timedelta | None
    sent_after: timedelta | None
    answered_after: timedelta | None
    ran_for: timedelta | None


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Each part holds at most LISTED, the newest. `asked` is how many there are of the first.

    `refused`: by Kentik, by a guardrail when it was to be sent, or by an approver. `open`: asked for before the end of
    the period, and not over when the report was made.
    """

    asked: int
    courses: list[Course]
    refused: list[Mitigation]
    open: list[Mitigation]
    glass: list[BreakGlass]

    @property
    def is_cut(self) -> bool:
        return self.asked > len(self.courses)

    @property
    def most(self) -> int:
        return LISTED


def of(period: Period, asked: int) -> Rows:
    """`asked`: how many were asked for in the period, which somebody has counted."""
    within = Filter(since=period.start, until=period.end)
    refused = Filter(since=period.start, until=period.end, statuses=(Status.REFUSED, Status.REJECTED))
    glass = BreakGlass.objects.select_related("mitigation", "broken_by", "reviewed_by")
    broken = filtered(Filter(since=period.start, until=period.end, glass=True))
    return Rows(
        asked=asked,
        courses=_courses(_newest(filtered(within).prefetch_related("decisions__decided_by"))),
        refused=_newest(filtered(refused)),
        open=_newest(Mitigation.objects.open().filter(requested_at__lt=period.end)),
        glass=list(glass.filter(mitigation__in=broken.order_by().values("pk")).order_by("-mitigation_id")[:LISTED]),
    )


def _newest(rows: MitigationQuerySet) -> list[Mitigation]:
    return list(
        rows.select_related("requested_by", "pairing__platform", "pairing__method", "glass").order_by("-pk")[:LISTED]
    )


def _courses(rows: list[Mitigation]) -> list[Course]:
    answers = _answer_times(rows)
    return [_course(each, answers.get(each.pk)) for each in rows]


def _course(mitigation: Mitigation, answered_after: timedelta | None) -> Course:
    decisions = list(mitigation.decisions.all())
    approved_at, claimed_at = mitigation.approved_at, mitigation.claimed_at
    sent_since_then = approved_at is not None and claimed_at is not None and claimed_at >= approved_at
    return Course(
        mitigation=mitigation,
        approved_by=tuple(each.decided_by.username for each in decisions if each.verdict == Verdict.APPROVE),
        rejected_by=tuple(each.decided_by.username for each in decisions if each.verdict == Verdict.REJECT),
        agreed_after=_between(mitigation.requested_at, approved_at),
        sent_after=_between(approved_at, claimed_at) if sent_since_then else None,
        answered_after=answered_after,
        ran_for=_between(mitigation.started_at, mitigation.closed_at),
    )


def _answer_times(rows: list[Mitigation]) -> dict[int, timedelta]:
    """How long Kentik took to answer the last call that started each of them, as the exchange says."""
    starts = Exchange.objects.filter(
        mitigation__in=[each.pk for each in rows], purpose=Purpose.START, status__isnull=False
    )
    found = starts.order_by("pk").values_list("mitigation_id", "duration_ms")
    return {mitigation: timedelta(milliseconds=ms) for mitigation, ms in found if mitigation and ms is not None}


def _between(begin: datetime | None, end: datetime | None) -> timedelta | None:
    return end - begin if begin is not None and end is not None else None
