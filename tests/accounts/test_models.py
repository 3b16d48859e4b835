from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from accounts.authority import PEOPLE, Role
from accounts.models import User
from tests.people import acting, make_person

pytestmark = pytest.mark.django_db


def test_has_one_group_for_each_role_of_people() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == PEOPLE


def test_makes_the_first_superuser_an_administrator_and_nothing_else() -> None:
    root = User.objects.create_superuser("root", password="long enough to be one")

    assert acting(root).roles == {Role.ADMINISTRATOR}


def test_asks_nothing_of_django_s_own_permissions() -> None:
    root = User.objects.create_superuser("root", password="long enough to be one")

    assert not root.has_perm("mitigations.add_decision")
    assert not root.has_perms(["mitigations.add_decision"])
    assert not root.has_module_perms("mitigations")


def test_gives_an_ordinary_account_no_role() -> None:
    assert acting(User.objects.create_user("eve")).roles == frozenset()


def test_is_called_by_the_full_name_where_there_is_one() -> None:
    assert make_person("dana").name == "Dana"
    assert User(username="dana").name == str(User(username="dana")) == "dana"
