"""What only looks goes on while the portal is away, at the portal's own pace, and hears of what became of it."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from breakwater_cli.exits import Exit
from breakwater_cli.operations import ONE
from tests.cli.running import TOKEN, run
from tests.cli.test_lost_and_found import MADE, http, problem
from tests.kentik.servers import Heard, Talk, listening, read_request

# Of what `show` alone tells it matters no more than that it is there.
PENDING: dict[str, Any] = {**dict.fromkeys(ONE.gives), **MADE, "decisions": []}
ACTIVE = {**PENDING, "status": "active", "status_note": "Kentik accepted it."}


def told(row: dict[str, Any], etag: str) -> bytes:
    return http("200 OK", json.dumps(row).encode(), f"ETag: {etag}")


def says(*answers: bytes) -> Talk:
    """One after the other; an empty one: the connection is closed without a word."""
    left = list(answers)

    def talk(connection: socket.socket, heard: Heard) -> None:
        heard.requests.append(read_request(connection))
        connection.sendall(left.pop(0))

    return talk


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr("breakwater_cli.commands.patience.time.sleep", found.append)
    return found


def watched(talk: Talk, *words: str) -> tuple[Any, Heard]:
    with listening(talk) as heard:
        return run(f"http://{heard.address}", TOKEN, *words), heard


def test_waits_out_a_portal_that_is_away(pauses: list[float]) -> None:
    away = (b"", problem(503, "away", "Retry-After: 45"), problem(429, "too-often", "Retry-After: 7"))
    result, heard = watched(says(told(PENDING, '"a"'), *away, told(ACTIVE, '"b"')), "watch", "MIT-42")

    assert (result.exit_code, len(heard.requests)) == (Exit.DONE, 5)
    assert pauses == [2, 2, 45, 8]
    assert result.stderr.count("It is tried again.") == 3
    assert "● active  Kentik accepted it." in result.stdout


def test_asks_only_for_news_and_tells_nothing_twice(pauses: list[float]) -> None:
    same, looked_at_again = http("304 Not Modified"), told({**PENDING, "kentik": None}, '"b"')
    answers = (told(PENDING, '"a"'), same, looked_at_again, told(ACTIVE, '"c"'))
    result, heard = watched(says(*answers), "watch", "MIT-42", "--json")

    assert [b'If-None-Match: "a"' in each for each in heard.requests] == [False, True, True, False]
    assert b'If-None-Match: "b"' in heard.requests[3]
    assert [json.loads(line)["status"] for line in result.stdout.splitlines()] == ["pending", "active"]


@pytest.mark.parametrize("answer", [b"", problem(401, "revoked-token"), problem(503, "away")])
def test_does_not_begin_where_the_first_look_fails(answer: bytes, pauses: list[float]) -> None:
    result, _ = watched(says(answer), "watch", "MIT-42")

    assert result.exit_code in {Exit.BROKEN, Exit.NO_TOKEN, Exit.LATER}
    assert pauses == []


def test_ends_when_the_token_is_revoked_meanwhile(pauses: list[float]) -> None:
    result, heard = watched(says(told(PENDING, '"a"'), problem(401, "revoked-token")), "watch", "MIT-42")

    assert (result.exit_code, len(heard.requests)) == (Exit.NO_TOKEN, 2)


@pytest.mark.parametrize("trouble", [b"", problem(503, "away"), problem(429, "too-often")])
def test_what_was_asked_for_stays_asked_for_whatever_the_watching_meets(trouble: bytes, pauses: list[float]) -> None:
    words = ("ask", "203.0.113.7", "--pairing", "1", "--reason", "A flood.", "--yes", "--watch")
    talk = says(told({**PENDING}, '"a"'), trouble, told(ACTIVE, '"b"'))
    result, heard = watched(talk, *words)

    assert result.exit_code == Exit.DONE
    assert [each.split(b" ")[0] for each in heard.requests] == [b"POST", b"GET", b"GET"]
