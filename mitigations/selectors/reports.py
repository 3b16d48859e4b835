"""Figures of the mitigations that were asked for in a period, added up by the database.

A constant number of queries. The counting ones read the index `mitigation_reported` alone; the others the rows of the
period.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from django.db.models import Count, Max, Min
from django.db.models.expressions import CombinedExpression

from accounts.models import User
from mitigations.models import BreakGlass, Decision, Mitigation, Pairing, Team
from mitigations.models.epoch import Epoch
from mitigations.models.mitigation import MitigationQuerySet
from mitigations.policies.approval import Verdict
from mitigations.policies.durations import Spread, Step, spread
from mitigations.policies.lifecycle import Status
from mitigations.policies.periods import Kind, Period, containing
from mitigations.selectors.filtering import NO_TEAM, Reach, asked_within, live_ids, seconds_of, through

Statuses: TypeAlias = Counter[Status]


@dataclass(frozen=True, kw_only=True)
class Named:
    """How many there are of something that has a name. `key` is what the filter of a list calls it."""

    key: str
    name: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What became of them, as they stand now. `slices` are the hours or days of the period, as it tells them.

    `teams` counts a person's for each team that they are in now, so it may add up to more. `live` were in force at the
    end of the period, whenever they were asked for.
    """

    statuses: Statuses
    slices: tuple[Statuses, ...]
    requesters: list[Named]
    teams: list[Named]
    approvers: list[Named]
    rejecters: list[Named]
    platforms: list[Named]
    methods: list[Named]
    steps: Mapping[Step, Spread | None]
    glass: int
    live: int

    @property
    def asked(self) -> int:
        return self.statuses.total()


def figures(period: Period) -> Figures:
    rows = asked_in(period)
    slices, reach = _by_slice(period, rows)
    requesters, pairings = _by_requester_and_pairing(rows)
    approvers, rejecters = _by_decider(period, reach)
    glass = BreakGlass.objects.filter(mitigation__pk__range=reach, mitigation__in=rows.values("pk"))
    return Figures(
        statuses=sum(slices, Counter()),
        slices=slices,
        requesters=_people(requesters),
        teams=_by_team(requesters),
        approvers=_people(approvers),
        rejecters=_people(rejecters),
        platforms=_things(pairings, "platform"),
        methods=_things(pairings, "method"),
        steps={step: _spread(rows.filter(pk__range=reach), step) for step in Step},
        glass=glass.count(),
        live=live_ids(period.end).count(),
    )


def last_days(count: int, *, at: datetime) -> list[tuple[datetime, int]]:
    """How many were asked for on each of the last days of UTC, today's last: when the day begins, and the number."""
    first = containing(Kind.DAY, at).start - timedelta(days=count - 1)
    rows = Mitigation.objects.filter(requested_at__gte=first).order_by()
    by_day = rows.annotate(day=_place("requested_at", first, timedelta(days=1))).values_list("day")
    counts = dict(by_day.annotate(count=Count("pk")))
    return [(first + timedelta(days=day), counts.get(day, 0)) for day in range(count)]


def asked_in(period: Period) -> MitigationQuerySet:
    return Mitigation.objects.filter(asked_within(period.start, period.end)).order_by()


def _by_slice(period: Period, rows: MitigationQuerySet) -> tuple[tuple[Statuses, ...], Reach]:
    """How many there are in each slice by status, and between which IDs they all lie."""
    parts = period.slices()
    start, end = parts[0]
    grouped = rows.annotate(slice=_place("requested_at", start, end - start)).values("slice", "status")
    slices = tuple(Counter[Status]() for _ in parts)
    low = high = 0
    for row in grouped.annotate(count=Count("pk"), low=Min("pk"), high=Max("pk")):
        slices[row["slice"]][Status(row["status"])] += row["count"]
        low, high = min(low or row["low"], row["low"]), max(high, row["high"])
    return slices, Reach(low=low, high=high)


def _place(field: str, start: datetime, width: timedelta) -> CombinedExpression:
    """In which slice of this width after `start` a time lies: 0 is the first."""
    return (Epoch(field) - int(start.timestamp())) / int(width.total_seconds())


def _by_requester_and_pairing(rows: MitigationQuerySet) -> tuple[Counter[int], Counter[int]]:
    requesters, pairings = Counter[int](), Counter[int]()
    for person, pairing, count in rows.values_list("requested_by_id", "pairing_id").annotate(count=Count("pk")):
        requesters[person] += count
        pairings[pairing] += count
    return requesters, pairings


def _by_decider(period: Period, reach: Reach) -> tuple[Counter[int], Counter[int]]:
    """Who approved and who rejected how many of those that were asked for in the period."""
    given: dict[str, Counter[int]] = {verdict: Counter() for verdict in Verdict}
    decisions = Decision.objects.filter(
        mitigation__pk__range=reach, mitigation__requested_at__gte=period.start, mitigation__requested_at__lt=period.end
    )
    for verdict, person, count in decisions.order_by().values_list("verdict", "decided_by_id").annotate(n=Count("pk")):
        given[verdict][person] += count
    return given[Verdict.APPROVE], given[Verdict.REJECT]


def _spread(rows: MitigationQuerySet, step: Step) -> Spread | None:
    timed = through(rows, step).annotate(seconds=seconds_of(step))
    return spread(dict(timed.values_list("seconds").annotate(count=Count("pk"))))


def _people(counts: Counter[int]) -> list[Named]:
    names = dict(User.objects.filter(pk__in=counts).values_list("pk", "username"))
    return _most_first((names[person], names[person], count) for person, count in counts.items())


def _by_team(requesters: Counter[int]) -> list[Named]:
    members = Team.members.through.objects.filter(user_id__in=requesters).values_list("team_id", "user_id")
    teams, teamed = Counter[int](), set()
    for team, person in members:
        teams[team] += requesters[person]
        teamed.add(person)
    names = dict(Team.objects.filter(pk__in=teams).values_list("pk", "name"))
    alone = sum(count for person, count in requesters.items() if person not in teamed)
    named = _most_first((str(team), names[team], count) for team, count in teams.items())
    return [*named, Named(key=str(NO_TEAM), name="no team", count=alone)] if alone else named


def _things(pairings: Counter[int], thing: str) -> list[Named]:
    """By the platform or the method of the pairings."""
    found = Pairing.objects.order_by().values_list("pk", f"{thing}_id", f"{thing}__name")
    counts, names = Counter[int](), dict[int, str]()
    for pairing, number, name in found.filter(pk__in=pairings):
        counts[number] += pairings[pairing]
        names[number] = name
    return _most_first((str(number), names[number], count) for number, count in counts.items())


def _most_first(rows: Iterable[tuple[str, str, int]]) -> list[Named]:
    named = [Named(key=key, name=name, count=count) for key, name, count in rows]
    return sorted(named, key=lambda each: (-each.count, each.name))
