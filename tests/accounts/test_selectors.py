from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from accounts.authority import Deed, Role, may
from accounts.models import User
from accounts.selectors import actor_for, still
from audit.author import Origin
from tests.people import ROLES, Cast, acting, make_person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ROLES)
def test_has_the_roles_of_the_groups(cast: Cast, name: str) -> None:
    person: User = getattr(cast, name)

    assert acting(person).roles == set(ROLES[name])


def test_has_no_roles_when_it_was_deactivated(cast: Cast) -> None:
    cast.lee.is_active = False

    assert acting(cast.lee).roles == frozenset()


@pytest.mark.parametrize("deed", [deed for deed in Deed if deed is not Deed.ANSWER_QUESTION])
def test_has_no_right_from_the_bits_of_superuser_and_staff(deed: Deed) -> None:
    root = make_person("root")
    root.is_superuser = root.is_staff = True

    assert [objection.code for objection in may(acting(root), deed)] == ["role"]


def test_is_never_the_worker() -> None:
    person = make_person("eve")
    person.groups.add(Group.objects.create(name=Role.WORKER), Group.objects.create(name="somebody else's group"))

    assert acting(person).roles == frozenset()


def test_has_the_roles_of_this_moment(cast: Cast) -> None:
    cast.lee.groups.clear()

    assert acting(cast.lee).roles == frozenset()


def test_knows_who_it_is_and_where_it_comes_from(cast: Cast) -> None:
    origin = Origin(request_id="r", ip="192.0.2.99", user_agent="x")

    actor = actor_for(cast.dana, origin=origin)

    assert (actor.id, actor.username, actor.name, actor.origin) == (cast.dana.pk, "dana", "Dana", origin)


def test_reads_the_roles_in_one_query(cast: Cast, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        acting(cast.dana)


def test_counts_active_approvers_among_those_who_are_asked_about(cast: Cast) -> None:
    User.objects.filter(pk=cast.kim.pk).update(is_active=False)
    make_person("zoe", [Role.APPROVER])

    asked_about = [person.pk for person in (cast.dana, cast.lee, cast.kim, cast.ana, cast.max, cast.eve)]

    assert still(asked_about, Role.APPROVER) == {cast.lee.pk}


def test_counts_no_superuser_as_an_approver(cast: Cast) -> None:
    User.objects.filter(pk=cast.eve.pk).update(is_superuser=True, is_staff=True)

    assert still([cast.eve.pk], Role.APPROVER) == frozenset()
