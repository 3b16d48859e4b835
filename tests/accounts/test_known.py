"""The cookie that says in which browsers somebody was signed in before. It signs nobody in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.people import Cast

DOOR, PASSWORD = "/account/login/", "harbour-tide-1234"


@pytest.fixture(autouse=True)
def _people(cast: Cast, settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.TRIES_PER_ACCOUNT, settings.TRIES_PER_ADDRESS = 3, 1000
    for user in (cast.dana, cast.lee):
        user.set_password(PASSWORD)
        user.save()


def sign_in(client: Client, name: str = "dana", password: str = PASSWORD) -> Any:
    return client.post(DOOR, {"username": name, "password": password}, REMOTE_ADDR="203.0.113.9")


def strangers_guess(name: str = "dana") -> None:
    for number in range(5):
        Client().post(DOOR, {"username": name, "password": "x"}, REMOTE_ADDR=f"198.51.100.{number}")


def elsewhere(client: Client, name: str = "dana") -> int:
    """Signing in with this browser in a network that nobody knows."""
    answer = client.post(DOOR, {"username": name, "password": PASSWORD}, REMOTE_ADDR="192.0.2.200")
    return answer.status_code


def used() -> Client:
    client = Client()
    sign_in(client)
    client.post("/account/logout/")
    return client


def test_opens_a_locked_account_to_its_own_browser_wherever_that_is() -> None:
    client = used()
    strangers_guess()
    assert (elsewhere(Client()), elsewhere(client)) == (429, 302)


def test_is_of_no_use_to_another_account() -> None:
    client = used()
    strangers_guess("lee")
    assert elsewhere(client, "lee") == 429


@pytest.mark.parametrize("forged", ["", "x", "eyIxIjoiYSJ9:1abcde:forged", "a" * 5000])
def test_that_is_forged_counts_for_nothing(forged: str) -> None:
    client = Client()
    client.cookies["known"] = forged
    strangers_guess()
    assert elsewhere(client) == 429


def test_is_for_no_script_and_no_other_site() -> None:
    cookie = sign_in(Client()).cookies["known"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/account/")


def test_signs_nobody_in() -> None:
    assert used().get("/").headers["Location"].startswith(DOOR)


def test_keeps_all_who_share_the_browser() -> None:
    client = used()
    sign_in(client, "lee")
    client.post("/account/logout/")
    for name in ("dana", "lee"):
        strangers_guess(name)
    assert elsewhere(client) == 302
