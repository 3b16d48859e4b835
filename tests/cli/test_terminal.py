"""Somebody sits there: what they see in 80 columns, what they are asked, and what their keys do."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from breakwater_cli.exits import Exit
from mitigations.models import Decision, Mitigation
from mitigations.policies.lifecycle import Status
from tests.cli.running import CLI, TOKEN, Terminal
from tests.kentik.servers import Heard, listening, read_request
from tests.making import make_mitigation, make_pairing, make_token
from tests.people import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
Before = Callable[..., Terminal]
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def before(cast: Cast, portal: str) -> Before:
    """`before("dana", "list")`: dana sits before a terminal in which this runs."""

    def start(name: str, *words: str, **more: Any) -> Terminal:
        return Terminal(portal, make_token(getattr(cast, name)).text, *words, **more)

    return start


class TestAsking:
    WORDS = ("ask", "203.0.113.7", "--pairing", "drop", "--minutes", "60")

    def test_shows_what_would_happen_and_takes_enter_for_no(self, before: Before) -> None:
        make_pairing()
        terminal = before("dana", *self.WORDS, "--reason", "A flood.")
        terminal.reads("Ask for it? [y/N]: ")
        terminal.types("\n")

        assert terminal.ends() == Exit.DECLINED
        assert '"ipCidr": "203.0.113.7/32"' in terminal.seen
        assert not Mitigation.objects.exists()

    def test_asks_for_it_with_the_reason_from_an_editor(self, before: Before, tmp_path: Path) -> None:
        make_pairing()
        editor = tmp_path / "editor"
        editor.write_text('#!/bin/sh\necho "UDP flood on the shop." >> "$1"\n')
        editor.chmod(0o700)
        terminal = before("dana", *self.WORDS, EDITOR=str(editor), VISUAL="")
        terminal.reads("Ask for it? [y/N]: ")
        terminal.types("y\n")

        assert terminal.ends() == Exit.DONE
        assert Mitigation.objects.get().reason == "UDP flood on the shop."

    def test_asks_for_nothing_without_a_reason(self, before: Before) -> None:
        make_pairing()
        terminal = before("dana", *self.WORDS, EDITOR="true", VISUAL="")
        terminal.reads("[y/N]: ")
        terminal.types("y\n")

        assert terminal.ends() == Exit.USAGE
        assert "Say why" in terminal.seen
        assert not Mitigation.objects.exists()

    def test_does_not_ask_whether_to_go_on_with_what_is_blocked(self, before: Before) -> None:
        make_pairing()
        terminal = before("dana", "ask", "10.0.0.1", "203.0.113.7", "--pairing", "drop")

        assert terminal.ends() == Exit.UNACCEPTABLE
        assert "[y/N]" not in terminal.seen
        assert "blocked" in terminal.seen


def test_approves_after_showing_all_of_it(before: Before) -> None:
    row = make_mitigation(at=timezone.now())
    terminal = before("lee", "approve", row.reference)
    shown = terminal.reads("Approve it? [y/N]: ")
    assert not Decision.objects.exists()
    terminal.types("y\n")

    assert terminal.ends() == Exit.DONE
    for words in (row.target, "UDP flood since 02:50, the shop is down.", "for 1 h", "by dana", "Needs 1 approval"):
        assert words in shown
    assert Decision.objects.get().decided_by.username == "lee"


def test_keeps_a_token_that_nobody_saw_being_typed(cast: Cast, portal: str, tmp_path: Path) -> None:
    token = make_token(cast.dana).text
    more = {
        "PYTHON_KEYRING_BACKEND": "tests.cli.ring.FileRing",
        "RING": str(tmp_path),
        "PYTHONPATH": f"{CLI}:{CLI.parent}",
    }
    login = Terminal(portal, "", "login", **more)
    login.reads("not shown: ")
    login.types(f"{token}\n")
    assert login.ends() == Exit.DONE
    me = Terminal(portal, "", "me", **more)

    assert me.ends() == Exit.DONE
    assert "The token of dana is kept in “File of a test”." in " ".join(login.seen.split())
    assert token not in login.seen + me.seen
    assert [each.read_text() for each in tmp_path.iterdir()] == [token]


def test_keeps_no_token_that_the_portal_does_not_take(portal: str, tmp_path: Path) -> None:
    ring = {"PYTHON_KEYRING_BACKEND": "tests.cli.ring.FileRing", "RING": str(tmp_path)}
    login = Terminal(portal, "", "login", **ring, PYTHONPATH=f"{CLI}:{CLI.parent}")
    login.reads("not shown: ")
    login.types(f"{TOKEN}\n")

    assert login.ends() == Exit.NO_TOKEN
    assert list(tmp_path.iterdir()) == []


TRICK = "\x1b[2J\x1b[1;1H\x1b]0;owned\x07approved\x9b31m\u202e"


@pytest.mark.parametrize("words", [("list",), ("waiting",), ("waiting", "--json")], ids=" ".join)
def test_obeys_nothing_that_somebody_wrote(before: Before, words: tuple[str, ...]) -> None:
    make_mitigation(at=timezone.now(), reason=TRICK, ticket=TRICK, comment=TRICK)
    terminal = before("lee", *words)

    assert terminal.ends() == Exit.DONE
    assert "MIT-" in terminal.seen
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(_COLOURS.sub("", terminal.seen))


def test_is_without_colours_where_that_is_wished(before: Before) -> None:
    make_mitigation(at=timezone.now())
    plain, coloured = before("lee", "list", NO_COLOR="1"), before("lee", "list")
    plain.ends(), coloured.ends()

    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", plain.seen)
    assert re.search(r"\x1b\[[0-9;]*3[0-9]m", coloured.seen)


def test_keeps_targets_whole_in_80_columns(before: Before) -> None:
    long = make_mitigation(at=timezone.now(), target="2001:db8:1111:2222:3333:4444:5555:6666/128")
    make_mitigation(Status.ACTIVE, at=timezone.now())
    terminal = before("lee", "list", NO_COLOR="1")
    terminal.ends()
    lines = _COLOURS.sub("", terminal.seen).splitlines()

    assert max(map(len, lines)) <= 80
    assert any(re.match(rf"{long.reference} +{re.escape(long.target)} ", line) for line in lines)


def test_counts_down_and_leaves_by_ctrl_c(before: Before) -> None:
    row = make_mitigation(Status.ACTIVE, at=timezone.now())
    terminal = before("dana", "watch", row.reference, "--until", "over")
    terminal.reads("59 min left. Ctrl-C ends the watching")
    terminal.types("\x03")

    assert terminal.ends() == Exit.INTERRUPTED
    row.refresh_from_db()
    assert row.status == Status.ACTIVE


def test_says_that_it_may_have_happened_when_ctrl_c_comes_in_the_middle() -> None:
    def never(connection: Any, heard: Heard) -> None:
        heard.requests.append(read_request(connection))
        connection.recv(1)

    words = ("ask", "203.0.113.7", "--pairing", "1", "--reason", "A flood.", "--yes")
    with listening(never) as heard:
        terminal = Terminal(f"http://{heard.address}", TOKEN, *words)
        deadline = time.monotonic() + 20
        while not heard.requests:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        terminal.types("\x03")
        code = terminal.ends()

    assert code == Exit.UNCLEAR
    assert "Interrupted while the call was under way." in terminal.seen
    assert "--key cli-" in " ".join(terminal.seen.split())


def test_offers_pairings_and_references_after_tab(before: Before, portal: str) -> None:
    pairing, row = make_pairing(), make_mitigation(at=timezone.now())

    def offered(*words: str) -> str:
        asked = {
            "_BREAKWATER_COMPLETE": "zsh_complete",
            "COMP_WORDS": " ".join(words),
            "COMP_CWORD": str(len(words) - 1),
        }
        terminal = before("lee", **asked)
        terminal.ends()
        return terminal.seen

    assert f"{pairing.pk}" in offered("breakwater", "ask", "203.0.113.7", "--pairing", "")
    assert row.reference in offered("breakwater", "approve", "mit-")
    assert "approve" in offered("breakwater", "app")
