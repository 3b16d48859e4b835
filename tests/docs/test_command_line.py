"""docs/command-line.md is held to the command, and its examples run, one after another, at a real portal."""

from __future__ import annotations

import re
import shlex
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from breakwater_cli.exits import Exit
from breakwater_cli.main import COMMANDS
from mitigations.models import Mitigation
from mitigations.policies.lifecycle import Status
from sandbox.server import Sandbox
from tests.cli.running import run
from tests.docs.reading import commands
from tests.making import make_token
from tests.processes.running import worker
from tests.processes.web import Web

TEXT = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text()
EXAMPLES = commands(TEXT)
# Whoever else than dana types it, and how it ends where that is not with 0: without V6 the portal can stop nothing.
WHO = {"waiting": "lee", "approve": "lee", "reject": "lee", "verify": "ana"}
ENDS = {"stop": Exit.CONFLICT}


def test_tells_every_way_to_end() -> None:
    found = re.search(r"<!-- exits:.*?-->\n(.*?)\n<!-- /exits -->", TEXT, re.DOTALL)

    assert found is not None
    assert found[1].splitlines()[2:] == [f"| {int(each)} | {each.words} |" for each in Exit]


def test_names_every_command() -> None:
    assert {command.name for command in COMMANDS} <= set(re.findall(r"(?:breakwater |`)(?!breakwater)([a-z]+)\b", TEXT))


def test_names_no_option_that_is_not_there() -> None:
    known = {option for command in COMMANDS for param in command.params for option in param.opts} | {"--portal"}

    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT)) <= known


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_every_example_runs(transactional_db: None, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """At what `make demo` shows, where whoever tries the command first would type them."""
    monkeypatch.setenv("DEMO_PASSWORD", "only for this test")
    call_command("seed_demo", stdout=StringIO())
    people = {each.username: each for each in User.objects.all()}
    tokens = {name: make_token(people[name], at=timezone.now()).text for name in ("dana", "lee", "ana")}
    names: dict[str, str] = {}
    with Web(sandbox.url) as portal, worker(sandbox.url):
        for example in EXAMPLES:
            word, *rest = shlex.split(example)[1:]
            typed = [word, *(names.get(each, each) for each in rest)]
            result = run(portal.url, tokens[WHO.get(word, "dana")], *typed)
            assert result.exit_code == ENDS.get(word, Exit.DONE), (example, result.output)
            made = Mitigation.objects.order_by("pk")
            names = {f"MIT-{place}": row.reference for place, row in enumerate(made, 1)}

    assert [row.status for row in made] == [Status.ACTIVE, Status.REJECTED, Status.WITHDRAWN]
    assert [(call["method"], call["status"]) for call in sandbox.journal()] == [("POST", 200)]
