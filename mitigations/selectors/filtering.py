"""Which mitigations somebody wants to see.

By columns of the row itself, or by IDs found elsewhere: a filter through a join makes the planner walk the table for
what is rare.
"""

from __future__ import annotations

from collections.abc import Collection
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
from mitigations.policies.lifecycle import OPEN, Status
from mitigations.policies.network import Prefix
from mitigations.selectors.catalogue import pairing_ids_of

NO_TEAM = 0
# More than any database will ever give.
MOST_IDS = 2**62


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What a list shows; an empty filter shows all.

    `inside`: the target is this prefix or lies in it; `covering`: it is this prefix or holds it; `overlapping`: either;
    `exactly`: it is this very prefix. `besides`: the ID of one that is left out. `since`, `until`: asked for from the
    one on, before the other. `ticket`: how it begins, whatever its case. `team_id`: whoever asked is in it now;
    NO_TEAM: in none. `live_at`: in force then.
    """

    statuses: tuple[Status, ...] = ()
    platform_id: int | None = None
    method_id: int | None = None
    requester: str = ""
    ticket: str = ""
    team_id: int | None = None
    approved_by: str = ""
    rejected_by: str = ""
    inside: Prefix | None = None
    overlapping: Prefix | None = None
    covering: Prefix | None = None
    exactly: Prefix | None = None
    besides: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    glass: bool = False
    took: Took | None = None
    live_at: datetime | None = None

    @property
    def has_place(self) -> bool:
        """Whether it is told by where the target lies."""
        return any((self.inside, self.overlapping, self.covering, self.exactly))


class Reach(NamedTuple):
    """The lowest and the highest ID that may be looked at."""

    low: int
    high: int


def filtered(wanted: Filter, *, within: Reach | None = None, walks: bool = True) -> MitigationQuerySet:
    """What a filter lets through; of that, only what lies `within`.

    Unless it `walks`, another index than that of the numbers serves the filter: plus nothing forbids theirs.
    """
    rows, decisions = Mitigation.objects.all(), Decision.objects.order_by()
    reach = within
    if asked := asked_within(wanted.since, wanted.until):
        rows = rows.filter(asked)
        # With both ends named, every index that ends in the ID serves a time.
        reach = within or Reach(low=lowest(wanted), high=highest(wanted))
    if reach is not None and walks:
        rows = rows.filter(pk__range=reach)
        # SQLite gathers all that a person ever decided, unless it is told which.
        decisions = decisions.filter(mitigation__pk__range=reach)
    elif reach is not None:
        rows = rows.alias(number=F("pk") + 0).filter(number__range=reach)
    if wanted.statuses:
        rows = _of_status(rows, wanted.statuses)
    if wanted.besides is not None:
        rows = rows.exclude(pk=wanted.besides)
    if wanted.ticket:
        rows = rows.of_tickets(wanted.ticket).order_by("-pk")
    if wanted.platform_id is not None or wanted.method_id is not None:
        rows = rows.filter(pairing_id__in=pairing_ids_of(wanted.platform_id, wanted.method_id))
    if wanted.live_at is not None:
        rows = _live(rows, wanted.live_at, walks=within is not None and walks)
    return _by_people(_by_course(_by_place(rows, wanted), wanted), wanted, decisions)


def _of_status(rows: MitigationQuerySet, statuses: Collection[Status]) -> MitigationQuerySet:
    """What is open is told by that as well: there is a small index of it."""
    rows = rows.filter(status__in=statuses)
    return rows.open() if OPEN.issuperset(statuses) else rows


def _by_place(rows: MitigationQuerySet, wanted: Filter) -> MitigationQuerySet:
    if wanted.inside is not None:
        rows = rows.inside(wanted.inside)
    if wanted.overlapping is not None:
        rows = rows.overlapping(wanted.overlapping)
    if wanted.covering is not None:
        rows = rows.covering(wanted.covering)
    return rows if wanted.exactly is None else rows.exactly(wanted.exactly)


def _by_course(rows: MitigationQuerySet, wanted: Filter) -> MitigationQuerySet:
    """By what happened to them on the way."""
    if wanted.glass:
        rows = rows.filter(pk__in=BreakGlass.objects.values("mitigation_id"))
    if wanted.took is not None:
        rows = _that_took(rows, wanted.took)
    return rows


def _live(rows: MitigationQuerySet, at: datetime, *, walks: bool) -> MitigationQuerySet:
    """Of a few rows each can be looked at; among all, those are found by when they were over."""
    if not walks:
        return rows.filter(pk__in=live_ids(at))
    return rows.filter(Q(closed_at=None) | Q(closed_at__gte=at), started_at__lt=at)


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


def lowest(wanted: Filter) -> int:
    """The lowest ID that its times let through, or a lower one; 0 where there is none."""
    return 1 if wanted.since is None else _end(wanted, Min)


def highest(wanted: Filter) -> int:
    """The highest ID that its times let through, or a higher one; 0 where there is none."""
    return MOST_IDS if wanted.until is None else _end(wanted, Max)


def _end(wanted: Filter, end: type[Min | Max]) -> int:
    """IDs and times rise together, though not strictly, so each that was asked for then is looked at.

    Plus nothing: PostgreSQL takes the lowest of a plain column for the first along its index, and would walk for it.
    """
    asked = Mitigation.objects.filter(asked_within(wanted.since, wanted.until)).order_by()
    found: int | None = asked.aggregate(end=end(F("pk") + 0))["end"]
    return found or 0


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
