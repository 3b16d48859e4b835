"""What happened on a target before: asked for here, and started elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F
from django.db.models.functions import Left

from mitigations.models import Mitigation, Sighting
from mitigations.policies.columns import Column
from mitigations.policies.history import Hit, Reach, Summary, reach
from mitigations.policies.network import Prefix, on_axis
from mitigations.policies.ordering import Order, Place
from mitigations.selectors.filtering import Filter
from mitigations.selectors.mitigations import shown
from mitigations.selectors.ordered import ids

# A summary of more would say no more to a person, and take as long as there are hits.
LOOKED_AT = 500
_OTHERS = 5
# What is told of each besides the terms.
SHOWN = frozenset({Column.APPROVED_BY})
_ELSEWHERE = 20
_REASON = 200


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One request beside the target that is looked at. `ran_for` is empty for what never ran."""

    mitigation: Mitigation
    reach: Reach
    ran_for: timedelta | None


def entries(rows: Iterable[Mitigation], *, beside: Prefix, at: datetime) -> list[Entry]:
    return [Entry(mitigation=each, reach=reach(each.prefix, beside), ran_for=_ran_for(each, at=at)) for each in rows]


def others(mitigation: Mitigation, *, at: datetime) -> list[Entry]:
    """The newest other ones that share an address with it."""
    wanted = Filter(overlapping=mitigation.prefix, besides=mitigation.pk)
    found = shown(ids(wanted, Order.NEWEST, count=_OTHERS), SHOWN)
    return entries(found, beside=mitigation.prefix, at=at)


def summary(prefix: Prefix, *, alone: bool = False, before: int | None = None) -> Summary | None:
    """Of the newest on what overlaps the prefix, or on it alone; None where there are none.

    `before`: only of those that were asked for before the one of this ID.
    """
    past = None if before is None else Place(id=before)
    found = _hits(ids(on(prefix, alone=alone), Order.NEWEST, past=past, count=LOOKED_AT + 1))
    return Summary(prefix=prefix, hits=found[:LOOKED_AT], more=len(found) > LOOKED_AT) if found else None


def summary_before(mitigation: Mitigation) -> Summary | None:
    """What had happened on its target when it was asked for."""
    return summary(mitigation.prefix, before=mitigation.pk)


def ran_before(mitigations: Collection[Mitigation], *, before: int) -> list[tuple[str, int]]:
    """Which of these targets were in force before the request of this ID, and how often: the most frequent first."""
    prefixes = [each.prefix for each in mitigations]
    places = {"family__in": {each.family for each in prefixes}, "first__in": {on_axis(each.first) for each in prefixes}}
    rows = Mitigation.objects.filter(**places, target__in=[each.text for each in prefixes], pk__lt=before)
    counted = rows.exclude(started_at=None).order_by().values_list("target").annotate(n=Count("pk"))
    return list(counted.order_by("-n", "target"))


def on(prefix: Prefix, *, alone: bool) -> Filter:
    """The filter of the list of all that happened there."""
    return Filter(exactly=prefix) if alone else Filter(overlapping=prefix)


def elsewhere(prefix: Prefix, *, alone: bool) -> list[Sighting]:
    """The newest at Kentik there that were not started here, live or over."""
    rows = Sighting.objects.exactly(prefix) if alone else Sighting.objects.overlapping(prefix)
    return list(rows.filter(mitigation=None).order_by("-pk")[:_ELSEWHERE])


def _hits(ids: list[int]) -> tuple[Hit, ...]:
    rows = Mitigation.objects.filter(pk__in=ids).order_by("-pk")
    columns = ("target", "requested_at", "started_at", "closed_at")
    named = rows.values(*columns, by=F("requested_by__username"), reason_told=Left("reason", _REASON))
    return tuple(Hit(reason=row.pop("reason_told"), **row) for row in named)


def _ran_for(mitigation: Mitigation, *, at: datetime) -> timedelta | None:
    if mitigation.started_at is None:
        return None
    return (mitigation.closed_at or at) - mitigation.started_at
