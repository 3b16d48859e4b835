"""docs/api.md and the pages of its tasks are held to the API, and their examples run."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.authority import Scope
from accounts.bearer import make
from audit import selectors
from mitigations.api.problems import KINDS
from mitigations.models import Mitigation, Pairing
from sandbox.server import Sandbox
from tests.api.test_page import run
from tests.cli.test_lost_and_found import http, problem
from tests.cli.test_patience import says
from tests.docs.reading import commands, table
from tests.kentik.servers import Heard, answers, listening
from tests.making import make_mitigation, make_pairing, make_token
from tests.people import Cast
from tests.processes.running import until, worker
from tests.processes.web import Web

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "api.md").read_text()
TASKS = ("api.md", "ask-from-a-playbook.md", "approve-from-chat.md", "follow-the-log.md")


def test_tells_every_scope() -> None:
    assert table(TEXT, "scopes") == [[f"`{scope}`", scope.words] for scope in Scope]


def test_tells_every_error() -> None:
    assert table(TEXT, "errors") == [[str(kind.status), f"`{kind.name}`", kind.title] for kind in KINDS]


def test_tells_what_scanners_look_for() -> None:
    pattern = re.search(r"`(bwk_\[\S+)`", TEXT)

    assert pattern is not None
    assert re.fullmatch(pattern[1], make())


COMMANDS = [line for name in TASKS for line in commands((DOCS / name).read_text())]


@pytest.mark.django_db
@pytest.mark.parametrize("command", COMMANDS, ids=lambda line: shlex.split(line)[-1].rpartition("/")[2])
def test_every_command_runs(cast: Cast, command: str) -> None:
    owner = cast.ana if "events" in command else cast.lee if "appro" in command else cast.dana
    command = command.replace("https://breakwater.example.net", "http://testserver")
    pairing, row = make_pairing(), make_mitigation(target="192.0.2.1/32", at=timezone.now())
    answer = run(command, make_token(owner).text, pairing=pairing, row=row)

    assert answer.status in {200, 201, 202}, answer.body


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
class TestTheProgram:
    @pytest.fixture
    def start(self, portal: Web) -> Callable[..., subprocess.Popen[str]]:
        def start(name: str, token: str, *words: str, at: str = portal.url) -> subprocess.Popen[str]:
            environment = {**os.environ, "BREAKWATER": at, "BREAKWATER_TOKEN": token}
            command = [sys.executable, str(DOCS / "examples" / name), *words]
            return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

        return start

    def test_of_a_playbook_and_that_of_the_chat_bring_one_mitigation_into_force(
        self, start: Any, people: Cast, sandbox: Sandbox
    ) -> None:
        pairing = make_pairing()
        soar = make_token(people.dana, Scope.ASK, Scope.READ, at=timezone.now()).text
        lee = make_token(people.lee, Scope.DECIDE, at=timezone.now()).text
        words = ("203.0.113.7", "--alert", "4711", "--pairing", str(pairing.pk), "--reason", "UDP flood on the shop.")
        with worker(sandbox.url):
            both = [start("playbook.py", soar, *words) for _ in range(2)]
            until(lambda: Mitigation.objects.exists())
            cards = said(start("chat.py", lee, "waits"))
            reference = cards.split()[0]
            shown = cards.rpartition("shown: ")[2].strip()
            told = said(start("chat.py", lee, "approve", reference, shown, "Agreed."))
            ends = [each.communicate(timeout=60) for each in both]

        assert "203.0.113.7/32" in cards
        assert told == f"{reference} is approved.\n"
        assert [each.returncode for each in both] == [0, 0], ends
        assert f"{reference} is active." in ends[0][0]
        assert len(sandbox.journal()) == 1

    def test_of_a_playbook_says_what_blocks_it(self, start: Any, people: Cast) -> None:
        pairing: Pairing = make_pairing()
        soar = make_token(people.dana, Scope.ASK, Scope.READ, at=timezone.now()).text
        ended = start("playbook.py", soar, "10.0.0.1", "--alert", "1", "--pairing", str(pairing.pk), "--reason", "x")
        _, wrong = ended.communicate(timeout=60)

        assert ended.returncode == 1
        assert "special-purpose: 10.0.0.1/32 touches" in wrong

    def test_of_a_playbook_waits_on_while_the_portal_does_not_say_what_became_of_it(self, start: Any) -> None:
        row = {"reference": "MIT-1", "status": "pending", "status_note": "", "rule": "", "may_be_approved_by": []}
        trouble = http("502 Bad Gateway", b"<html>nginx</html>", "Content-Type: text/html")
        active = http("200 OK", json.dumps({**row, "status": "active"}).encode())
        talk = says(http("201 Created", json.dumps(row).encode()), problem(503, "away"), trouble, b"", active)
        words = ("203.0.113.7", "--alert", "1", "--pairing", "1", "--reason", "x", "--every", "0.01")
        with listening(talk) as heard:
            told = said(start("playbook.py", "bwk_x", *words, at=f"http://{heard.address}"))

        assert told.splitlines()[-1] == "MIT-1 is active."
        assert len(heard.requests) == 5

    def test_that_follows_the_log_lets_a_second_pass_when_it_is_answered_at_once_with_nothing(
        self, start: Any, tmp_path: Path
    ) -> None:
        times: list[float] = []

        def nothing(connection: socket.socket, heard: Heard) -> None:
            times.append(time.monotonic())
            answers(http("200 OK", b'{"items": [], "next": 0, "head": 0}'))(connection, heard)

        with listening(nothing) as heard:
            follows = start("follow_log.py", "bwk_x", str(tmp_path / "cursor"), at=f"http://{heard.address}")
            until(lambda: len(times) == 3)
            follows.kill()
            follows.communicate()

        assert times[2] - times[0] > 1.9

    def test_that_follows_the_log_goes_on_where_it_stopped(self, start: Any, people: Cast, tmp_path: Path) -> None:
        siem = make_token(people.ana, Scope.AUDIT, at=timezone.now()).text
        cursor = str(tmp_path / "cursor")
        first = said(start("follow_log.py", siem, cursor, "once"))
        make_token(people.dana, at=timezone.now())
        second = said(start("follow_log.py", siem, cursor, "once"))

        numbers = [int(each) for each in re.findall(r'"number": (\d+)', first + second)]
        assert numbers == list(range(1, selectors.head() + 1))

    def test_that_follows_the_log_stops_at_a_break(self, start: Any, people: Cast, tmp_path: Path) -> None:
        siem = make_token(people.ana, Scope.AUDIT, at=timezone.now()).text
        (tmp_path / "cursor").write_text(f'[1, "{"f" * 64}"]')
        ended = start("follow_log.py", siem, str(tmp_path / "cursor"), "once")
        _, wrong = ended.communicate(timeout=60)

        assert ended.returncode == 1
        assert "Event 2 does not follow event 1." in wrong


def said(process: subprocess.Popen[str]) -> str:
    out, wrong = process.communicate(timeout=60)
    assert process.returncode == 0, wrong
    return out
