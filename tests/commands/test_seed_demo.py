from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from mitigations.models import Pairing
from mitigations.selectors import presets, rules
from tests.people import ROLES
from tests.views.facts import deeds, row_counts

pytestmark = pytest.mark.django_db


@pytest.fixture
def seed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def seed(password: str = "harbour-tide-1234") -> str:
        said = StringIO()
        monkeypatch.setenv("DEMO_PASSWORD", password)
        call_command("seed_demo", stdout=said)
        return said.getvalue()

    return seed


def test_gives_the_cast_its_roles(seed) -> None:
    seed()
    groups = {user.username: {group.name for group in user.groups.all()} for user in User.objects.all()}
    assert groups == {name: {role.value for role in roles} for name, roles in ROLES.items()}


def test_gives_everybody_the_password(seed) -> None:
    seed()
    assert all(user.check_password("harbour-tide-1234") for user in User.objects.all())


def test_gives_nobody_the_superuser_or_staff_bit(seed) -> None:
    seed()
    assert not User.objects.filter(is_superuser=True).exists()
    assert not User.objects.filter(is_staff=True).exists()


def test_fills_the_catalogue(seed) -> None:
    seed()
    assert Pairing.objects.filter(platform__kentik_id="257", method__kentik_id="775", offered=True).exists()


def test_leaves_an_event_for_each_person_and_the_catalogue(seed) -> None:
    seed()
    done = [deed for _, deed, _ in deeds()]
    assert (done.count("account.enrolled"), done.count("catalogue.imported")) == (6, 1)


def test_gives_presets_that_can_be_chosen(seed) -> None:
    seed()
    assert [row.choosable for row in presets.everything()] == [True, True, True]
    assert deeds("Shop host under UDP flood") == [("manage.py", "preset.saved", "done")]


def test_publishes_rules_of_approval(seed) -> None:
    seed()
    book = rules.in_force()
    assert book is not None
    assert (book.number, book.published_by.username, [rule.approvals for rule in book.parsed]) == (1, "max", [2, 2, 2])


def test_changes_nothing_the_second_time(seed) -> None:
    seed()
    before, passwords = row_counts(), list(User.objects.order_by("pk").values_list("password"))
    seed()
    assert row_counts() == before
    assert list(User.objects.order_by("pk").values_list("password")) == passwords


def test_changes_the_passwords_when_told_another(seed) -> None:
    seed()
    seed("lantern-anchor-5678")
    assert all(user.check_password("lantern-anchor-5678") for user in User.objects.all())


def test_leaves_a_catalogue_that_somebody_has_edited(seed) -> None:
    seed()
    Pairing.objects.update(offered=False)
    seed()
    assert not Pairing.objects.filter(offered=True).exists()


def test_says_where_and_how_to_sign_in(seed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8123")
    said = seed()
    assert "http://127.0.0.1:8123/" in said
    assert "harbour-tide-1234" in said
    assert all(name in said for name in ROLES)


@pytest.mark.parametrize("password", [None, ""])
def test_refuses_without_a_password(password: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    if password is not None:
        monkeypatch.setenv("DEMO_PASSWORD", password)
    with pytest.raises(CommandError, match="DEMO_PASSWORD is not set"):
        call_command("seed_demo")
    assert not User.objects.exists()
