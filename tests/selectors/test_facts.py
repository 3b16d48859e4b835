"""The facts that come from the database are those that a look at every row gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from mitigations.models import AddressSpace, Pairing, Team
from mitigations.policies.guardrails import Facts, Holding, Neighbour, Protection, Severity, Terms
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import Prefix, known
from mitigations.selectors.facts import Case, facts_of
from tests.making import make_mitigation, make_pairing, make_protected, make_space
from tests.people import make_person
from tests.policies.plans import NOW, Plan
from tests.policies.strategies import prefixes

pytestmark = pytest.mark.django_db
TEAMS = {"everybody's": (), "ours": ("NOC",), "theirs": ("Web",), "shared": ("NOC", "Web")}


def some(what: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(prefixes().map(lambda prefix: prefix.text), what, max_size=6)


@dataclass(kw_only=True)
class World:
    """The same plan in rows and in plain values. Dana asks, and belongs to the NOC."""

    pairing: Pairing
    dana: User
    spaces: list[Holding] = field(default_factory=list)
    protected: list[Protection] = field(default_factory=list)
    others: list[Neighbour] = field(default_factory=list)

    def add_space(self, text: str, whose: str) -> None:
        make_space(text, *Team.objects.filter(name__in=TEAMS[whose]))
        self.spaces.append(Holding(prefix=text, teams=TEAMS[whose], usable=whose != "theirs"))

    def add_protected(self, text: str, severity: str) -> None:
        make_protected(text, owner=self.dana, severity=severity)
        entry = Protection(prefix=text, severity=Severity(severity), reason="Resolvers.", owner="dana")
        self.protected.append(entry)

    def add_other(self, text: str, status: str) -> None:
        other = make_mitigation(Status(status), target=text, pairing=self.pairing, requested_by=self.dana)
        if status != Status.ENDED:
            self.others.append(Neighbour(reference=other.reference, target=text, status=status))

    def found(self, target: Prefix) -> Facts:
        case = Case(pairing=self.pairing, terms=Terms(target=target, minutes=60), requester=self.dana.pk)
        return facts_of([case], at=NOW)[0]

    def expected(self, target: Prefix) -> Facts:
        plan = Plan(pairing=self.pairing.facts(), **{name: tuple(getattr(self, name)) for name in _PARTS})
        return plan.facts(target)


_PARTS = ("spaces", "protected", "others")


@contextmanager
def a_world(*, widens: bool) -> Iterator[World]:
    """Undone afterwards: mitigations are never deleted."""
    with transaction.atomic():
        pairing, dana = make_pairing(widens_to_24=widens), make_person("dana")
        AddressSpace.objects.all().delete()
        Team.objects.create(name="NOC").members.add(dana)
        Team.objects.create(name="Web")
        yield World(pairing=pairing, dana=dana)
        transaction.set_rollback(True)


def in_any_order(facts: Facts) -> tuple[object, ...]:
    """The database has an order of its own; what matters is what is there."""
    found = (facts.holdings, facts.protections, facts.neighbours)
    return (facts.pairing, facts.at, facts.taken_by, facts.space_defined, *map(set, found))


@given(
    prefixes(),
    st.booleans(),
    some(st.sampled_from(list(TEAMS))),
    some(st.sampled_from(("block", "review"))),
    some(st.sampled_from(("pending", "approved", "active", "unknown", "ended"))),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_gathers_what_a_look_at_every_row_gives(
    target: Prefix, widens: bool, spaces: dict[str, str], protected: dict[str, str], others: dict[str, str]
) -> None:
    with a_world(widens=widens) as world:
        for add, rows in ((world.add_space, spaces), (world.add_protected, protected), (world.add_other, others)):
            for text, what in rows.items():
                add(text, what)

        found = world.found(target)

        assert in_any_order(found) == in_any_order(world.expected(target))


def test_finds_what_the_widened_prefix_meets() -> None:
    with a_world(widens=True) as world:
        world.add_protected("203.0.113.128/25", "block")

        found = world.found(known("203.0.113.7/32"))

        assert [each.prefix for each in found.protections] == ["203.0.113.128/25"]
