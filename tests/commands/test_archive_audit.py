"""The command that moves the oldest of the log into a file, and the one that verifies both."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from mitigations.services import events
from tests.making import NOW, make_event, make_mitigation
from tests.people import Cast
from tests.services.auditing.test_archiving import sign_off

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _written(cast: Cast) -> None:
    for day in range(4):
        make_event(events.WITHDRAWN, make_mitigation(), at=NOW - timedelta(days=400 - day))


def test_moves_what_is_signed_off_and_verifies_afterwards(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sign_off(2)
    call_command("archive_audit", "--before", "2026-11-01", "--to", str(tmp_path))
    path = tmp_path / "breakwater-archive-1-2.zip"
    call_command("verify_audit", "--file", str(path))
    call_command("verify_audit", "--archive", str(path))
    said = capsys.readouterr().out
    assert f"Events 1 to 2 are in {path}." in said
    assert "2 records are deleted here." in said
    assert "Events 1 to 2 are as they were written." in said
    assert f"Events 1 to {Event.objects.latest('number').number - 1} are as they were written." in said


def test_says_why_nothing_may_go(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="signed off up to event 0"):
        call_command("archive_audit", "--before", "2026-11-01", "--to", str(tmp_path))


def test_verifying_what_is_no_file_of_ours_is_no_flaw(tmp_path: Path) -> None:
    (tmp_path / "x.ndjson").write_text("x\n")
    with pytest.raises(CommandError, match="is no record") as refused:
        call_command("verify_audit", "--file", str(tmp_path / "x.ndjson"))
    assert refused.value.returncode == 2
