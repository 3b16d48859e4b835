"""Reading mitigations: one, a page of them, what waits for somebody, what is live."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, Min, Q, QuerySet, When, Window
from django.db.models.functions import Coalesce, RowNumber

from accounts.authority import Actor
from mitigations.models import BreakGlass, Exchange, Mitigation, Team
from mitigations.models.mitigation import MitigationQuerySet
from mitigations.policies.budget import Purpose
from mitigations.policies.columns import Column
from mitigations.policies.lifecycle import IN_FORCE, WAITING, Status
from mitigations.policies.network import Prefix, known
from mitigations.selectors.filtering import Filter, filtered

_MANY = 100
_UNKNOWN_FIRST = Case(When(status=Status.UNKNOWN, then=0), default=1)
# As many as the page of what waits judges, so that it opens within a second.
_JUDGED = 300
_ALIKE = 1000
_BY_EXPIRY = ("waits_until", "pk")
# Of those that were asked for in the same breath, the first one's ID.
_AT_ONCE = Coalesce("asked_with_id", "pk")
_RELATED = (
    "requested_by",
    "pairing__platform",
    "pairing__method",
    "approving_team",
    "glass__broken_by",
    "proposal__source",
    "sighting",
)
# What takes queries of its own, and is asked for only where a column shows it.
_BESIDE = {Column.APPROVED_BY: "decisions__decided_by", Column.TEAM: "requested_by__teams"}


@dataclass(frozen=True, kw_only=True)
class Overview:
    counts: dict[Status, int]
    live: list[Mitigation]
    waiting: list[Mitigation]
    unknown: list[Mitigation]
    stuck: list[Mitigation]
    credentials_refused: Exchange | None

    @property
    def all_waiting(self) -> int:
        return sum(self.counts.get(status, 0) for status in WAITING)

    @property
    def approved(self) -> int:
        """How many wait for the lane to Kentik."""
        return self.counts.get(Status.APPROVED, 0)


def one(reference: str) -> Mitigation:
    """With everything that its page shows. Raises Mitigation.DoesNotExist."""
    rows = _listed().prefetch_related("exchanges", "stop_orders__ordered_by")
    return rows.referred(reference)


def target(reference: str) -> str:
    """Of one, and nothing else of it. Raises Mitigation.DoesNotExist."""
    return Mitigation.objects.only("target").referred(reference).target


def exists(reference: str) -> bool:
    return Mitigation.objects.filter(pk=int(reference.removeprefix("MIT-"))).exists()


def referred(references: Collection[str]) -> list[Mitigation]:
    """Those of these references that exist, as a list shows them, newest first."""
    return list(_timed().filter(pk__in=[int(each.removeprefix("MIT-")) for each in references]))


def shown(ids: Sequence[int], columns: Collection[Column] = frozenset(Column)) -> list[Mitigation]:
    """These, in this order, with everything that these columns of a list and the deeds on it ask for.

    Finding IDs first keeps the sorting of many hits to what an index holds.
    """
    beside = [relation for column, relation in _BESIDE.items() if column in columns]
    found = Mitigation.objects.select_related(*_RELATED).prefetch_related("stop_orders", *beside).in_bulk(ids)
    return [found[each] for each in ids if each in found]


def following(wanted: Filter, *, after: int, up_to: int, count: int) -> list[Mitigation]:
    """The first `count` after an ID, oldest first, none beyond `up_to`. With all that is said of each in a list."""
    ids = filtered(wanted).filter(pk__gt=after, pk__lte=up_to).order_by("pk").values_list("pk", flat=True)
    return list(_listed().filter(pk__in=list(ids[:count])).order_by("pk"))


def how_many(wanted: Filter, *, up_to: int, most: int) -> int:
    """How many there are; `most` + 1 when there are more."""
    return filtered(wanted).filter(pk__lte=up_to).order_by()[: most + 1].count()


def awaiting(actor: Actor) -> list[Mitigation]:
    """What this person may still decide on; what expires first, first, as the overview has it.

    At most 100 requests, where those that were asked for at once are one, and 300 rows: of each group the first ones
    come before the fourth of any, and `waiting_together` says how many they are. So a large group pushes nothing else
    off the page.
    """
    grouped = _awaiting(actor).annotate(at_once=_AT_ONCE).filter(at_once__in=_groups_awaiting(actor).values("at_once"))
    numbered = grouped.annotate(
        waiting_together=Window(Count("pk"), partition_by="at_once"),
        place=Window(RowNumber(), partition_by="at_once", order_by=_BY_EXPIRY),
    )
    return sorted(numbered.order_by("place", *_BY_EXPIRY)[:_JUDGED], key=lambda each: (each.waits_until, each.pk))


def groups_awaiting(actor: Actor) -> dict[int, int]:
    """The same requests in numbers: of each group the first one's ID, and how many of it wait."""
    return {row["at_once"]: row["n"] for row in _groups_awaiting(actor).annotate(n=Count("pk"))}


def _groups_awaiting(actor: Actor) -> QuerySet[Any, Any]:
    groups = _awaiting(actor).order_by().values(at_once=_AT_ONCE)
    return groups.annotate(expires_at=Min("waits_until")).order_by("expires_at", "at_once")[:_MANY]


def targets_awaiting(actor: Actor) -> dict[str, Prefix]:
    """The targets of the newest that this person may still decide on, by reference."""
    rows = _awaiting(actor).values_list("pk", "target")[:_ALIKE]
    return {f"MIT-{pk}": known(target) for pk, target in rows}


def count_awaiting(actor: Actor) -> int:
    """Decisions and reviews, each at most 100: a badge needs no more."""
    return _awaiting(actor)[:_MANY].count() + _glass_to_review(actor)[:_MANY].count()


def overview(*, stuck_since: datetime) -> Overview:
    """What is going on. Alarms have queries of their own, so that nothing else can push them off the page.

    `waiting`: of those that were asked for at once and wait for the same, the first; `waiting_together` says how many.
    `stuck`: approved before `stuck_since`, and not taken by any worker. `credentials_refused`: Kentik's newest answer
    to a start, if it was that; V6 may be closed to the portal and starting open.
    """
    open_ones = Mitigation.objects.open()
    counts = {Status(row["status"]): row["n"] for row in open_ones.order_by().values("status").annotate(n=Count("pk"))}
    live = _timed().open().filter(status__in=IN_FORCE).order_by(_UNKNOWN_FIRST, F("ends_at").asc(nulls_last=True), "pk")
    alike = (_AT_ONCE, "status", "approving_team", "approvals_needed")
    waiting = (
        _listed()
        .open()
        .filter(status__in=WAITING)
        .annotate(
            waiting_together=Window(Count("pk"), partition_by=alike),
            place=Window(RowNumber(), partition_by=alike, order_by=_BY_EXPIRY),
        )
        .filter(place=1)
        .order_by(*_BY_EXPIRY)
    )
    unknown = Mitigation.objects.open().filter(status=Status.UNKNOWN).order_by("-pk")
    stuck = Mitigation.objects.open().filter(status=Status.APPROVED, approved_at__lt=stuck_since).order_by("-pk")
    starts = Exchange.objects.filter(status__isnull=False, purpose=Purpose.START)
    answer = starts.select_related("mitigation").order_by("-pk").first()
    return Overview(
        counts=counts,
        live=sorted(live[:_MANY], key=_is_well),
        waiting=list(waiting[:_MANY]),
        unknown=list(unknown[:_MANY]),
        stuck=list(stuck[:_MANY]),
        credentials_refused=answer if answer is not None and answer.credentials_refused else None,
    )


def _is_well(mitigation: Mitigation) -> bool:
    """Whether it runs as it was asked for, as far as anybody knows: those of which that cannot be said come first."""
    return mitigation.status != Status.UNKNOWN and (mitigation.plight is None or not mitigation.plight.is_grave)


def together(reference: str) -> list[Mitigation]:
    """Those that were asked for at once, the first of which is named; that one alone when it was asked for alone."""
    lead = Mitigation.objects.referred(reference).pk
    return list(_timed().filter(Q(pk=lead) | Q(asked_with=lead)).order_by("pk"))


def mark_together(reference: str) -> str:
    """A word that changes when any of them comes to another status."""
    lead = Mitigation.objects.referred(reference).pk
    rows = Mitigation.objects.filter(Q(pk=lead) | Q(asked_with=lead)).order_by("status").values_list("status")
    return ".".join(f"{status}{count}" for status, count in rows.annotate(n=Count("pk")))


def has_companions(mitigation: Mitigation) -> bool:
    """Whether others were asked for in the same breath."""
    return mitigation.asked_with_id is not None or Mitigation.objects.filter(asked_with=mitigation).exists()


def awaiting_together(reference: str, actor: Actor) -> list[Mitigation]:
    """Those of them that this person may still decide on."""
    lead = Mitigation.objects.referred(reference).pk
    return list(_awaiting(actor).filter(Q(pk=lead) | Q(asked_with=lead)).order_by("pk"))


def count_before(approved: Mitigation) -> int:
    """How many others the worker sends first."""
    earlier = Q(approved_at__lt=approved.approved_at) | Q(approved_at=approved.approved_at, pk__lt=approved.pk)
    return Mitigation.objects.open().filter(earlier, status=Status.APPROVED).count()


def glass_to_review(actor: Actor) -> list[Mitigation]:
    """Those that went out on their requester's word and that this person may review, oldest first."""
    return list(_glass_to_review(actor).order_by("glass__broken_at")[:_MANY])


def _glass_to_review(actor: Actor) -> MitigationQuerySet:
    # By their IDs: through the join SQLite would look at every mitigation for a glass.
    broken = BreakGlass.objects.filter(reviewed_at=None).order_by().values("mitigation_id")
    return _listed().filter(pk__in=broken).exclude(requested_by_id=actor.id)


def _awaiting(actor: Actor) -> MitigationQuerySet:
    """Pending ones of others for which this person's approval would count, and on which they have not decided."""
    teams = Team.members.through.objects.filter(user_id=actor.id or 0).values("team_id")
    return (
        _listed()
        .open()
        .filter(Q(approving_team=None) | Q(approving_team__in=teams), status=Status.PENDING)
        .exclude(requested_by_id=actor.id)
        .exclude(decisions__decided_by_id=actor.id)
    )


def _listed() -> MitigationQuerySet:
    return Mitigation.objects.select_related(*_RELATED).prefetch_related("decisions__decided_by")


def _timed() -> MitigationQuerySet:
    """With what is said of those in force in place of the time that they have left."""
    return _listed().prefetch_related("stop_orders")
