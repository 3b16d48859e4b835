"""What the shell gets after TAB from a portal that says strange things: one thing a line, or nothing at all."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from breakwater_cli.operations import CATALOGUE, LIST, Operation
from tests.cli.running import TOKEN, environment
from tests.cli.test_lost_and_found import closes, http, problem
from tests.kentik.servers import Talk, answers, listening

WORDS = {LIST: "breakwater show ", CATALOGUE: "breakwater ask 203.0.113.7 --pairing "}


def offered(talk: Talk, operation: Operation) -> list[str]:
    words = WORDS[operation]
    asked = {"_BREAKWATER_COMPLETE": "zsh_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    with listening(talk) as heard:
        process = subprocess.run(
            [sys.executable, "-m", "breakwater_cli"],
            env=environment(f"http://{heard.address}", TOKEN, **asked),
            capture_output=True,
            text=True,
        )
    assert len(heard.requests) == 1
    assert process.stderr == ""
    return process.stdout.strip().splitlines()


def told(body: object) -> Talk:
    return answers(http("200 OK", json.dumps(body).encode()))


ROW = {"reference": "MIT-42\nMIT-43", "target": "203.0.113.7/32\n", "status": "pend\ning"}


@pytest.mark.parametrize(
    "talk",
    [
        closes,
        answers(problem(403, "scope")),
        told({"items": [{}], "next": None}),
        told({"items": 5, "next": None}),
        told({"items": [None], "next": None}),
    ],
)
def test_offers_nothing_and_says_nothing_whatever_goes_wrong(talk: Talk) -> None:
    assert offered(talk, LIST) == []


def test_offers_a_reference_on_one_line() -> None:
    found = offered(told({"items": [ROW], "next": None}), LIST)

    assert found == ["plain", "MIT-42 MIT-43", "203.0.113.7/32 pend ing"]


def test_offers_a_pairing_on_one_line() -> None:
    pairing = {"id": "7\n8", "name": "Edge RTBH\n· Drop everything", "offered": True}

    assert offered(told({"pairings": [pairing]}), CATALOGUE) == ["plain", "7 8", "Edge RTBH · Drop everything"]
