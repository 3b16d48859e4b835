"""Nobody audits who also asks or approves: the database says so, whatever writes."""

from __future__ import annotations

from itertools import permutations

import pytest
from django.contrib.auth.models import Group

from accounts.authority import INCOMPATIBLE, PEOPLE, Role
from accounts.models import User
from tests.models.refusing import refused_by_the_database
from tests.people import make_person

pytestmark = pytest.mark.django_db

BECAUSE = "an auditor cannot also be requester or approver"
CLASHING = [(role, other) for role, others in INCOMPATIBLE.items() for other in sorted(others)]
CLASHING += [(other, role) for role, other in CLASHING]
PAIRS = sorted(permutations(PEOPLE, 2))


def group(role: Role) -> Group:
    return Group.objects.get(name=role)


@pytest.mark.parametrize(("has", "gets"), PAIRS)
def test_takes_the_pairs_that_the_table_allows_and_no_other(has: Role, gets: Role) -> None:
    person = make_person("zoe", [has])
    if (has, gets) in CLASHING:
        with refused_by_the_database(BECAUSE):
            person.groups.add(group(gets))
    else:
        person.groups.add(group(gets))

    assert person.groups.count() == (1 if (has, gets) in CLASHING else 2)


@pytest.mark.parametrize(("has", "gets"), CLASHING)
def test_takes_it_by_no_way_around(has: Role, gets: Role) -> None:
    person, other = make_person("zoe", [has, Role.VIEWER]), make_person("yan", [gets])
    rows = User.groups.through.objects
    with refused_by_the_database(BECAUSE):
        rows.bulk_create([User.groups.through(user=person, group=group(gets))])
    with refused_by_the_database(BECAUSE):
        rows.filter(user=person, group__name=Role.VIEWER).update(group=group(gets))
    with refused_by_the_database(BECAUSE):
        rows.filter(user=other).update(user=person)


def test_lets_a_row_become_another_role() -> None:
    person = make_person("zoe", [Role.APPROVER])
    User.groups.through.objects.filter(user=person).update(group=group(Role.AUDITOR))

    assert [each.name for each in person.groups.all()] == [Role.AUDITOR]


@pytest.mark.parametrize(("was", "becomes"), [("viewer", "guest"), ("guest", "auditor"), ("approver", "viewer-2")])
def test_lets_no_role_get_another_name_and_nothing_else_a_role_s(was: str, becomes: str) -> None:
    Group.objects.get_or_create(name=was)
    Group.objects.filter(name=becomes).delete()
    with refused_by_the_database("a role keeps its name"):
        Group.objects.filter(name=was).update(name=becomes)


def test_lets_other_groups_be_named_as_they_like() -> None:
    made = Group.objects.create(name="guest")
    Group.objects.filter(pk=made.pk).update(name="guests")

    assert Group.objects.filter(name="guests").exists()
