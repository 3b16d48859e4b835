"""The facts that policies judge by, gathered from the database in a constant number of queries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from mitigations.models import AddressSpace, Mitigation, Pairing, ProtectedPrefix, Sighting, Team
from mitigations.policies import guardrails
from mitigations.policies.guardrails import Terms
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import Prefix
from mitigations.selectors import kentik

TOGETHER = "asked for together with it"
# More collisions than a person reads; one is enough to block.
_SHOWN = 10
# Rows that a judgement of several requests at once may look through.
_LOOKED_AT = 2000


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is to be judged. `besides` is the request itself, which collides with nothing of its own.

    `lead`: the first of those with which it was asked for. `together`: what is asked for in the same breath and
    overlaps it, which the database does not know yet. `by_a_source`: a source of alerts asks in the requester's name.
    """

    pairing: Pairing
    terms: Terms
    requester: int | None
    besides: int | None = None
    lead: int | None = None
    together: tuple[guardrails.Neighbour, ...] = ()
    by_a_source: bool = False

    @property
    def target(self) -> Prefix:
        return self.terms.target

    @property
    def wide(self) -> Prefix:
        return guardrails.acted_on(self.target, self.pairing.facts())


def findings_for(mitigation: Mitigation, *, at: datetime) -> tuple[guardrails.Finding, ...]:
    """What speaks against a request as of now."""
    return findings_of([mitigation], at=at)[0]


def findings_of(mitigations: Sequence[Mitigation], *, at: datetime) -> list[tuple[guardrails.Finding, ...]]:
    """What speaks against each of several requests, in one number of queries however many they are."""
    return judged(
        [
            Case(
                pairing=each.pairing,
                terms=each.terms,
                requester=each.requested_by_id,
                besides=each.pk,
                lead=each.lead,
            )
            for each in mitigations
        ],
        at=at,
    )


def judged(cases: list[Case], *, at: datetime) -> list[tuple[guardrails.Finding, ...]]:
    """What speaks against each case, in one number of queries however many they are."""
    return [guardrails.judge(case.terms, facts) for case, facts in zip(cases, facts_of(cases, at=at), strict=True)]


def facts_of(cases: list[Case], *, at: datetime) -> list[guardrails.Facts]:
    """All rows that touch any of the targets are fetched at once, and then asked for each target.

    One target can touch more rows than are looked through only if it is enormous; what is cut then is how many
    collisions are told, never whether there is one. Several at once could hide each other's, so they are then judged
    one by one.
    """
    wides = [case.wide for case in cases]
    spaces = list(AddressSpace.objects.overlapping(*wides).prefetch_related("teams")[:_LOOKED_AT])
    protected = list(_protected(wides)[:_LOOKED_AT])
    others = list(Mitigation.objects.open().overlapping(*wides).order_by("requested_at", "pk")[:_LOOKED_AT])
    if len(cases) > 1 and _LOOKED_AT in (len(spaces), len(protected), len(others)):
        return [facts_of([case], at=at)[0] for case in cases]
    elsewhere = kentik.occupied(*wides, at=at)
    teams = teams_of({case.requester for case in cases})
    defined = bool(spaces) or AddressSpace.objects.exists()
    return [_assemble(case, at, defined, teams[case.requester], spaces, protected, others, elsewhere) for case in cases]


def _protected(wides: list[Prefix]) -> QuerySet[ProtectedPrefix]:
    """Those that block first, so that a cut never hides one behind those that only ask to look closely."""
    return ProtectedPrefix.objects.overlapping(*wides).select_related("owner").order_by("severity", "pk")


def _assemble(
    case: Case,
    at: datetime,
    defined: bool,
    mine: frozenset[int],
    spaces: list[AddressSpace],
    protected: list[ProtectedPrefix],
    others: list[Mitigation],
    elsewhere: list[Sighting],
) -> guardrails.Facts:
    wide = case.wide
    meeting = [each for each in others if each.pk != case.besides and each.prefix.overlaps(wide)]
    taken = [each for each in meeting if each.target == case.target.text]
    neighbours = [each for each in meeting if each.target != case.target.text]
    return guardrails.Facts(
        pairing=case.pairing.facts(),
        at=at,
        taken_by=taken[0].reference if taken else None,
        space_defined=defined,
        holdings=tuple(each.holding(mine) for each in spaces if each.network.contains(wide)),
        protections=tuple(each.protection for each in protected if each.network.overlaps(wide))[:_SHOWN],
        neighbours=(*(_neighbour(each, case) for each in neighbours[:_SHOWN]), *case.together)[:_SHOWN],
        elsewhere=tuple(
            guardrails.Elsewhere(kentik_id=each.kentik_id, target=each.target, state=each.label)
            for each in elsewhere
            if each.network is not None and each.network.overlaps(wide)
        )[:_SHOWN],
    )


def _neighbour(other: Mitigation, case: Case) -> guardrails.Neighbour:
    """One that was asked for in the same breath is called so for as long as it waits: that is no news to anybody."""
    beside = other.status == Status.PENDING and other.lead == case.lead
    return guardrails.Neighbour(
        reference=other.reference, target=other.target, status=TOGETHER if beside else other.status
    )


def teams_of(people: Collection[int | None]) -> dict[int | None, frozenset[int]]:
    """The teams of each of these people."""
    found: dict[int | None, set[int]] = {person: set() for person in people}
    known = [person for person in people if person is not None]
    for person, team in Team.members.through.objects.filter(user_id__in=known).values_list("user_id", "team_id"):
        found[person].add(team)
    return {person: frozenset(teams) for person, teams in found.items()}
