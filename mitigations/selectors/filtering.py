"""Which mitigations somebody wants to see.

By columns of the row itself, or by IDs found elsewhere: a filter through a join makes the planner walk the table for
what is rare.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import F, Max, Min, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from accounts.models import User
from accounts.selectors import user_id
from mitigations.models import BreakGlass, Decision, Mitigation
from mitigations.models.epoch import Epoch
from mitigations.models.mitigation import MitigationQuerySet
from mitigations.policies.approval import Verdict
from mitigations.policies.durations import Step, Took
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import Prefix
from mitigations.selectors.catalogue import pairing_ids_of

NO_TEAM = 0


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What a list shows; an empty filter shows all.

    `overlapping`: the target shares an address with it; `exactly`: it is this very prefix. `besides`: the ID of one
    that is left out. `since`, `until`: asked for from the one on, before the other.
    `ticket`: how it begins, whatever its case. `team_id`: whoever asked is in it now; NO_TEAM: in none. `live_at`: in
    force at that moment.
    """

    statuses: tuple[Status, ...] = ()
    platform_id: int | None = None
    method_id: int | None = None
    requester: str = ""
    ticket: str = ""
    team_id: int | None = None
    approved_by: str = ""
    rejected_by: str = ""
    overlapping: Prefix | None = None
    exactly: Prefix | None = None
    besides: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    glass: bool = False
    took: Took | None = None
    live_at: datetime | None = None


class Reach(NamedTuple):
    """The lowest and the highest ID of those that were asked for within a time."""

    low: int
    high: int


def filtered(wanted: Filter) -> MitigationQuerySet:
    rows, decisions = Mitigation.objects.all(), Decision.objects.order_by()
    if wanted.since is not None or wanted.until is not None:
        asked = asked_within(wanted.since, wanted.until)
        reach = _reach(asked)
        rows = rows.filter(asked, pk__range=reach)
        # SQLite gathers all that a person ever decided, unless it is told which.
        decisions = decisions.filter(mitigation__pk__range=reach)
    if wanted.overlapping is not None:
        rows = rows.overlapping(wanted.overlapping)
    if wanted.exactly is not None:
        rows = rows.exactly(wanted.exactly)
    if wanted.besides is not None:
        rows = rows.exclude(pk=wanted.besides)
    if wanted.ticket:
        rows = rows.of_tickets(wanted.ticket).order_by("-pk")
    if wanted.statuses:
        rows = rows.filter(status__in=wanted.statuses)
    if wanted.platform_id is not None or wanted.method_id is not None:
        rows = rows.filter(pairing_id__in=pairing_ids_of(wanted.platform_id, wanted.method_id))
    return _by_people(_by_course(rows, wanted), wanted, decisions)


def _by_course(rows: MitigationQuerySet, wanted: Filter) -> MitigationQuerySet:
    """By what happened to them on the way."""
    if wanted.glass:
        rows = rows.filter(pk__in=BreakGlass.objects.values("mitigation_id"))
    if wanted.took is not None:
        rows = _that_took(rows, wanted.took)
    if wanted.live_at is not None:
        rows = rows.filter(pk__in=live_ids(wanted.live_at))
    return rows


def _by_people(rows: MitigationQuerySet, wanted: Filter, decisions: QuerySet[Decision]) -> MitigationQuerySet:
    if wanted.requester:
        rows = rows.filter(requested_by_id=user_id(wanted.requester))
    if wanted.team_id is not None:
        rows = rows.filter(requested_by_id__in=_member_ids(wanted.team_id))
    for verdict, name in ((Verdict.APPROVE, wanted.approved_by), (Verdict.REJECT, wanted.rejected_by)):
        if name:
            decided = decisions.filter(decided_by_id=user_id(name), verdict=verdict)
            rows = rows.filter(pk__in=decided.values("mitigation_id"))
    return rows


def asked_within(since: datetime | None, until: datetime | None) -> Q:
    asked = Q()
    if since is not None:
        asked &= Q(requested_at__gte=since)
    if until is not None:
        asked &= Q(requested_at__lt=until)
    return asked


def _reach(asked: Q) -> Reach:
    """The IDs between which all of these lie; between 0 and 0, where none is, if there are none.

    IDs and times rise together, though not strictly. With both named, every index that ends in the ID serves a time.
    Plus nothing: PostgreSQL takes the lowest of a plain column for the first along its index, and would walk for it.
    """
    ends = Mitigation.objects.filter(asked).order_by().aggregate(low=Min(F("pk") + 0), high=Max(F("pk") + 0))
    return Reach(low=ends["low"] or 0, high=ends["high"] or 0)


def live_ids(at: datetime) -> QuerySet[Mitigation, int]:
    """Those in force at a moment: Kentik had taken them, and they were not over."""
    began = Mitigation.objects.order_by().filter(started_at__lt=at)
    still, until_later = began.filter(closed_at=None), began.filter(closed_at__gte=at)
    return still.values_list("pk", flat=True).union(until_later.values_list("pk", flat=True), all=True)


# When each step begins and ends, and which mitigations went through it.
_BEGINS = {Step.AGREED: "requested_at", Step.SENT: "approved_at", Step.ANSWERED: "requested_at"}
_ENDS = {Step.AGREED: "approved_at", Step.SENT: "claimed_at", Step.ANSWERED: "started_at"}


def through(rows: MitigationQuerySet, step: Step) -> MitigationQuerySet:
    """Those of `rows` that went through this step.

    Nobody approved what needs no approval, nor what went out by broken glass. An approval that came after the last
    attempt to send has not led to one yet.
    """
    went = rows.filter(**{f"{_BEGINS[step]}__isnull": False, f"{_ENDS[step]}__isnull": False})
    if step is Step.AGREED:
        return went.filter(approvals_needed__gt=0, glass=None)
    return went.filter(claimed_at__gte=F("approved_at")) if step is Step.SENT else went


def seconds_of(step: Step) -> Combinable:
    """How long this step of a mitigation took: the difference of two whole seconds."""
    return Epoch(_ENDS[step]) - Epoch(_BEGINS[step])


def _that_took(rows: MitigationQuerySet, took: Took) -> MitigationQuerySet:
    went, seconds = through(rows, took.step), seconds_of(took.step)
    if took.bucket.at_least is not None:
        went = went.filter(GreaterThanOrEqual(seconds, took.bucket.at_least))
    if took.bucket.below is not None:
        went = went.filter(LessThan(seconds, took.bucket.below))
    return went


def _member_ids(team_id: int) -> list[int]:
    people = User.objects.filter(teams=None) if team_id == NO_TEAM else User.objects.filter(teams=team_id)
    return list(people.values_list("pk", flat=True))
