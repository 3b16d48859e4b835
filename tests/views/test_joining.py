"""The page on which somebody who was invited sets their password."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts import invitations, inviting, managing
from accounts.authority import COMMAND_LINE
from accounts.inviting import Invitation
from accounts.models import User
from accounts.rights import State
from audit.author import Origin
from audit.models import Event
from audit.refusal import Conflict
from mitigations.services import people
from tests.making import NOW
from tests.views.facts import deeds
from tests.views.pages import Page

pytestmark = pytest.mark.django_db

PASSWORD = "harbour-lantern-1"
TYPED = {"new_password1": PASSWORD, "new_password2": PASSWORD}


@pytest.fixture
def amy(db: None) -> User:
    made = Invitation(username="amy", full_name="Amy Winter", email="", roles=frozenset(), by_mail=False)
    return people.invite(invitation=made, team_ids=(), by=COMMAND_LINE, at=NOW)


def opened(link: str) -> tuple[Client, str, Page]:
    """A browser in which the link was opened, where it led, and the page there."""
    client = Client()
    answer = client.get(link, follow=True)
    return client, answer.request["PATH_INFO"], Page(answer)


def accepted(link: str) -> Page:
    client, place, _ = opened(link)
    return Page(client.post(place, TYPED, follow=True))


def test_sets_the_password_of_whoever_was_invited(amy: User) -> None:
    client, place, page = opened(invitations.path_for(amy))
    assert page.heading == "Welcome, Amy Winter"
    assert "Your account is named amy" in page.main.text

    page = Page(client.post(place, TYPED, follow=True))

    amy.refresh_from_db()
    assert amy.check_password(PASSWORD)
    assert (amy.state, amy.invited_at) == (State.ACTIVE, None)
    assert page.heading == "Sign in"
    assert page.notices == ["Your password is set. Sign in as amy."]
    assert deeds("amy")[-1] == ("amy", "account.joined", "done")
    assert Event.objects.latest("number").review


def test_lets_them_sign_in(amy: User) -> None:
    accepted(invitations.path_for(amy))

    answer = Client().post("/account/login/", {"username": "amy", "password": PASSWORD})

    assert answer.status_code == 302


def test_keeps_the_token_out_of_the_address_and_of_copies(amy: User) -> None:
    link = invitations.path_for(amy)
    client, place, _ = opened(link)

    assert link.rsplit("/", 2)[1] not in place
    assert "no-store" in client.get(place).headers["Cache-Control"]


def test_is_valid_once(amy: User) -> None:
    link = invitations.path_for(amy)
    accepted(link)

    page = opened(link)[2]

    assert (page.status, page.heading) == (410, "This link holds no longer")


def test_is_valid_once_also_for_two_who_opened_it_before(amy: User) -> None:
    link = invitations.path_for(amy)
    token = link.rsplit("/", 2)[1]
    inviting.accept(id=amy.pk, token=token, password=PASSWORD, origin=Origin(), at=NOW)

    with pytest.raises(Conflict, match="holds no longer"):
        inviting.accept(id=amy.pk, token=token, password="another-lantern-2", origin=Origin(), at=NOW)

    amy.refresh_from_db()
    assert amy.check_password(PASSWORD)


def test_holds_for_three_days(amy: User) -> None:
    link = invitations.path_for(amy)
    assert invitations.ends_at(amy) == NOW + timedelta(days=3)

    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        assert opened(link)[2].status == 200
    with time_machine.travel(NOW + timedelta(days=3, seconds=1), tick=False):
        assert opened(link)[2].status == 410


def test_holds_no_longer_for_being_made_later(amy: User) -> None:
    with time_machine.travel(NOW + timedelta(hours=20), tick=False):
        link = invitations.path_for(amy)
    with time_machine.travel(NOW + timedelta(days=3, seconds=1), tick=False):
        assert opened(link)[2].status == 410


def _again() -> None:
    inviting.invite_again(username="amy", email="", by_mail=False, by=COMMAND_LINE, at=NOW + timedelta(seconds=1))


def _back() -> None:
    for deed in (people.deactivate, people.reactivate):
        deed(username="amy", note="", by=COMMAND_LINE, at=NOW)


ENDING: dict[str, Callable[[], object]] = {
    "invited again": _again,
    "deactivated": lambda: people.deactivate(username="amy", note="", by=COMMAND_LINE, at=NOW),
    "deactivated and back": _back,
    "signed out everywhere": lambda: managing.end_sessions(username="amy", note="", by=COMMAND_LINE, at=NOW),
    "signed in another way": lambda: User.objects.filter(username="amy").update(last_login=NOW),
}


@pytest.mark.parametrize("way", ENDING)
def test_ends_with(way: str, amy: User) -> None:
    link = invitations.path_for(amy)
    client, place, _ = opened(link)

    ENDING[way]()

    assert opened(link)[2].status == 410
    assert client.post(place, TYPED).status_code == 410
    assert not User.objects.get(username="amy").has_usable_password()


def test_is_for_nobody_who_was_not_invited(cast: Any) -> None:
    assert opened(invitations.path_for(cast.dana))[2].status == 410


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "This field is required."),
        ({"new_password1": PASSWORD, "new_password2": "else"}, "didn’t match"),
        ({"new_password1": "short", "new_password2": "short"}, "too short"),
        ({"new_password1": "password1", "new_password2": "password1"}, "too common"),
        ({"new_password1": "amy-winter", "new_password2": "amy-winter"}, "too similar"),
    ],
)
def test_takes_no_weak_password(typed: dict[str, str], said: str, amy: User) -> None:
    client, place, _ = opened(invitations.path_for(amy))

    page = Page(client.post(place, typed))

    assert page.status == 422
    assert said in page.alarms[0]
    assert not User.objects.get(username="amy").has_usable_password()


def test_is_not_accepted_where_somebody_is_signed_in(amy: User, signed_in: Callable[[str], Client]) -> None:
    max_ = signed_in("max")
    answer = max_.get(invitations.path_for(amy), follow=True)
    page = Page(answer)
    assert (page.status, page.heading) == (409, "Somebody is signed in here")

    assert max_.post(answer.request["PATH_INFO"], TYPED).status_code == 409
    assert not User.objects.get(username="amy").has_usable_password()
