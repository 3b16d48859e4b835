"""docs/alerts.md is held to the code, and its examples run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from django.utils import timezone

from accounts.authority import Scope
from accounts.bearer import SOURCE_MARK, make
from mitigations.api.alerting import status_of
from mitigations.models import Mitigation, Notice, Preset
from mitigations.policies import alerts
from mitigations.policies.alerts import Kind, Meaning, Outcome, Places, Proof
from mitigations.policies.lifecycle import Status
from sandbox.server import Sandbox
from tests.alerting import ALARM, BAN, MITIGATION
from tests.api.test_page import run
from tests.docs.reading import commands, table
from tests.making import make_mitigation, make_pairing, make_source, make_token, secret_of
from tests.people import Cast
from tests.processes.running import until, worker
from tests.processes.web import Web

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "alerts.md").read_text()
COMMANDS = commands(TEXT)


def test_tells_every_outcome_with_its_status() -> None:
    found = {name: status for status, name, _ in table(TEXT, "outcomes")}

    assert found == {f"`{each}`": str(int(status_of(each))) for each in Outcome}


def test_tells_what_scanners_look_for() -> None:
    pattern = re.search(r"`(bwh_\[\S+)`", TEXT)

    assert pattern is not None
    assert re.fullmatch(pattern[1], make(SOURCE_MARK))


@pytest.mark.django_db
@pytest.mark.any_database
@pytest.mark.parametrize("command", COMMANDS, ids=["kentik", "anything"])
def test_every_command_proposes(cast: Cast, command: str) -> None:
    places = Places(target="/attack/target", key="/attack/id", words="/attack/text", when="/status", holds="firing")
    name = command.rstrip("'").rpartition("/")[2]
    kind = Kind.KENTIK if name == "kentik" else Kind.JSON
    secret = secret_of(make_source(name, kind=kind, proof=Proof.SECRET, places=places), at=timezone.now())
    command = command.replace("https://breakwater.example.net", "http://testserver")
    answer = run(command, secret, pairing=make_pairing(), row=make_mitigation(target="192.0.2.1/32"))

    assert answer.status == 201, answer.body


def rendered(event: dict[str, Any]) -> bytes:
    """The template for Kentik as Kentik's engine fills it in, of which no more is needed than this."""
    details = {**event, **event.get("Dimensions", {}), **event.get("Metrics", {})}
    text = (DOCS / "examples" / "kentik-alert.tmpl").read_text()
    text = re.sub(
        r"{{ \.Details\.GetValue \"(\w+)\" \| toJSON }}", lambda found: json.dumps(details.get(found[1])), text
    )
    text = re.sub(r"{{ \.(\w+) \| toJSON }}", lambda found: json.dumps(event.get(found[1])), text)
    return text.replace("{{ with .Event }}", "").replace("{{ end }}", "").encode()


@pytest.mark.parametrize(("event", "meaning"), [(ALARM, Meaning.START), (MITIGATION, Meaning.STIR)])
def test_kentik_s_template_makes_what_is_read(event: dict[str, Any], meaning: Meaning) -> None:
    found = alerts.read(rendered(event), kind=Kind.KENTIK, places=Places())

    assert found.meaning is meaning
    assert found.key == str(event.get("AlarmID") or event.get("MitigationID"))
    assert found.words


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
class TestTheProgram:
    def test_tells_of_an_attack_which_people_then_stop_by_one_call(
        self, portal: Web, people: Cast, sandbox: Sandbox, tmp_path: Path
    ) -> None:
        """FastNetMon's document, over a real socket, to Kentik's one POST."""
        source = make_source()
        known = {"address": f"{portal.url}/api/v1/alerts/edge-fnm", "secret": secret_of(source, at=timezone.now())}
        (tmp_path / "alert.json").write_text(json.dumps(known))
        said = {**BAN, "packet_dump": ["2026-11-23 …"] * 5000}
        with worker(sandbox.url):
            first, again = (told(said, tmp_path), told({**said, "again": True}, tmp_path))
            reference = json.loads(first.stdout.partition(" ")[2])["mitigation"]
            before = Mitigation.objects.get().status, len(sandbox.journal())
            approve(portal, people, reference)
            until(lambda: Mitigation.objects.get().status == Status.ACTIVE)
            over = told({**BAN, "action": "unban"}, tmp_path)

        assert [each.stdout[:3] for each in (first, again, over)] == ["201", "200", "200"], first.stderr
        assert before == (Status.PENDING, 0)
        assert Mitigation.objects.get().status == Status.ACTIVE
        assert [(call["method"], "203.0.113.7/32" in call["body"]) for call in sandbox.journal()] == [("POST", True)]
        assert [each.outcome for each in Notice.objects.all()] == ["ended", "repeated", "proposed"]
        assert "packet_dump" not in Notice.objects.all()[0].body

    def test_says_what_came_of_it_where_it_was_refused(self, portal: Web, people: Cast, tmp_path: Path) -> None:
        secret_of(make_source(), at=timezone.now())
        Preset.objects.update(inside="198.51.100.0/24")
        known = {"address": f"{portal.url}/api/v1/alerts/edge-fnm", "secret": "bwh_wrong"}
        (tmp_path / "alert.json").write_text(json.dumps(known))
        ended = told(BAN, tmp_path)

        assert (ended.returncode, ended.stdout[:3]) == (1, "401")
        assert not Mitigation.objects.exists()


def told(said: Any, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "BREAKWATER_ALERT": str(folder / "alert.json")}
    command = [sys.executable, str(DOCS / "examples" / "alert.py"), "ban", "203.0.113.7"]
    return subprocess.run(
        command, input=json.dumps(said), env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def approve(portal: Web, people: Cast, reference: str) -> None:
    token = make_token(people.lee, Scope.DECIDE, at=timezone.now()).text
    address = f"{portal.url}/api/v1/mitigations/{reference}/approve"
    answer = requests.post(address, json={"note": "Seen."}, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    assert answer.status_code == 202, answer.text
