"""Where the token comes from, and that nobody sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

from breakwater_cli import address, tokens
from breakwater_cli.exits import Exit
from breakwater_cli.tokens import Token
from tests.cli.running import TOKEN, run
from tests.cli.test_lost_and_found import PROBLEM, against, closes, http
from tests.kentik.servers import answers, listening

HERE = address.read("http://127.0.0.1:8000")


class Ring(KeyringBackend):
    """Of this test alone."""

    priority = 1
    name = "Ring"

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringLocked("canary")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.is_locked:
            raise KeyringLocked("canary")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


@pytest.fixture
def ring() -> Iterator[Ring]:
    before = keyring.get_keyring()
    keyring.set_keyring(made := Ring())
    yield made
    keyring.set_keyring(before)


def test_takes_the_environment_before_the_keyring(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    Token(f"bwk_{'k' * 43}", whence="test").store(HERE)
    monkeypatch.setenv("BREAKWATER_TOKEN", TOKEN)

    assert tokens.find(HERE).header == f"Bearer {TOKEN}"
    monkeypatch.delenv("BREAKWATER_TOKEN")
    assert tokens.find(HERE).header == f"Bearer bwk_{'k' * 43}"


def test_keeps_one_for_each_portal(ring: Ring) -> None:
    Token(TOKEN, whence="test").store(HERE)
    result = run("http://127.0.0.1:9", "", "me")

    assert result.exit_code == Exit.NO_TOKEN
    assert "There is no token for http://127.0.0.1:9." in result.stderr


def test_says_so_when_the_keyring_is_locked(ring: Ring) -> None:
    ring.is_locked = True
    result = run("http://127.0.0.1:9", "", "me")

    assert result.exit_code == Exit.NO_TOKEN
    assert "KeyringLocked" in result.stderr
    assert "canary" not in result.output


def test_forgets_it(ring: Ring) -> None:
    Token(TOKEN, whence="test").store(address.read("http://127.0.0.1:9"))

    assert "has forgotten it" in run("http://127.0.0.1:9", "", "logout").stderr
    assert ring.kept == {}
    assert "had none" in run("http://127.0.0.1:9", "", "logout").stderr


def test_asks_for_none_where_nobody_sits(ring: Ring) -> None:
    assert run("http://127.0.0.1:9", "", "login", input=f"{TOKEN}\n").exit_code == Exit.USAGE
    assert ring.kept == {}


@pytest.mark.parametrize("secret", ["hunter2", TOKEN[:-1], f"{TOKEN}\r\nX-Other: 1", f"{TOKEN}x", "bwk_canary"])
def test_sends_no_other_secret_that_was_set_by_mistake(secret: str) -> None:
    with listening(closes) as heard:
        result = run(f"http://{heard.address}", secret, "me")

    assert result.exit_code == Exit.NO_TOKEN
    assert secret not in result.output
    assert heard.connections == 0


def test_has_no_option_for_it() -> None:
    assert run("http://127.0.0.1:9", "", "me", "--token", TOKEN).exit_code == Exit.USAGE
    assert run("http://127.0.0.1:9", "", "--token", TOKEN, "me").exit_code == Exit.USAGE


ECHO = {"type": "urn:breakwater:problem:forbidden", "title": TOKEN, "detail": TOKEN, "findings": []}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (http("200 OK", json.dumps({"items": [], "next": None, "x": TOKEN}).encode()), ["list", "--json"]),
        (http("403 No", json.dumps(ECHO).encode(), PROBLEM), ["me"]),
        (http("403 No", json.dumps(ECHO).encode(), PROBLEM), ["me", "--json"]),
        (http("302 Found", b"", f"Location: https://elsewhere.example/{TOKEN}"), ["me"]),
        (f"HTTP/1.1 {TOKEN}\r\n\r\n".encode(), ["me"]),
    ],
    ids=["json", "refusal", "refusal as json", "redirect", "no http"],
)
def test_shows_it_to_nobody_even_where_it_comes_back(raw: bytes, words: list[str]) -> None:
    result, heard = against(answers(raw), *words)

    assert TOKEN.encode() in heard.requests[0]
    assert TOKEN not in result.output


def test_has_a_text_that_shows_nowhere() -> None:
    token: Any = Token(TOKEN, whence="test")

    assert TOKEN not in f"{token!r} {token} {token.__dict__.keys()}"
