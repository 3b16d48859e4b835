from __future__ import annotations

import pytest
from django.core.management import call_command

from accounts.authority import Deed, Role, may
from accounts.models import User
from tests.making import make_mitigation
from tests.people import Cast, acting
from tests.views.facts import deeds

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "harbour-tide-1234")
    call_command("createsuperuser", interactive=False, username="root", email="", verbosity=0)
    return User.objects.get(username="root")


def test_gives_an_administrator(root: User) -> None:
    assert acting(root).roles == {Role.ADMINISTRATOR}


def test_sets_the_password(root: User) -> None:
    assert root.check_password("harbour-tide-1234")


def test_gives_no_more_than_any_administrator_has(root: User, cast: Cast) -> None:
    mitigation = make_mitigation()
    for deed in Deed:
        assert may(acting(root), deed, mitigation) == may(acting(cast.max), deed, mitigation)


def test_gives_none_of_djangos_own_permissions(root: User) -> None:
    assert not root.has_perm("mitigations.change_mitigation")
    assert not root.has_module_perms("mitigations")


def test_leaves_an_event(root: User) -> None:
    """Somebody became an administrator: a manager must be able to prove later when, and from where."""
    assert [deed for _, deed, _ in deeds("root")] == ["account.enrolled"]
