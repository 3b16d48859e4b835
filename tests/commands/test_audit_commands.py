"""verify_audit, checkpoint_audit and audit_key, as somebody runs them in a shell."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from audit.signing import new_key, public_key, signing_key
from mitigations.services import events
from tests.audit.logbook import behind_its_back, rewrite_from
from tests.making import make_event, make_mitigation
from tests.people import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _written(cast: Cast, settings) -> None:
    settings.AUDIT_SIGNING_KEY = new_key("portal")
    for _ in range(3):
        make_event(events.WITHDRAWN, make_mitigation())


def run(command: str, *arguments: str) -> tuple[int, str]:
    """What the process would end with, and what it says."""
    said = StringIO()
    try:
        call_command(command, *arguments, stdout=said)
    except CommandError as error:
        return error.returncode, str(error)
    return 0, said.getvalue()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A checkpoint that somebody keeps elsewhere."""
    file = tmp_path / "checkpoint.txt"
    file.write_text(run("checkpoint_audit")[1])
    return file


def test_verify_says_that_all_is_well_and_records_it() -> None:
    assert run("verify_audit") == (0, "Events 1 to 3 are as they were written.\n0 checkpoints agree.\n")
    newest = Event.objects.first()
    assert newest is not None
    assert (newest.deed, newest.actor) == (events.VERIFIED, "system:manage.py")


def test_verify_names_the_first_event_that_is_not_as_it_was() -> None:
    behind_its_back("DELETE FROM audit_event WHERE number = 2")
    assert run("verify_audit") == (1, "Event 2 is missing.")


def test_verify_walks_on_from_the_newest_checkpoint(kept: Path) -> None:
    assert run("verify_audit", "--since-checkpoint")[1].startswith("Events 4 to 4 are")


def test_verify_compares_with_a_checkpoint_kept_elsewhere(kept: Path) -> None:
    assert run("verify_audit", "--checkpoint", str(kept))[0] == 0
    behind_its_back("DELETE FROM audit_checkpoint")
    rewrite_from(2, subject="nothing of that kind")

    assert run("verify_audit")[0] == 0
    code, said = run("verify_audit", "--checkpoint", str(kept))
    assert code == 1
    assert "states event 3; the log has another event there" in said


def test_verify_believes_a_key_that_it_is_given(kept: Path, settings) -> None:
    public = signing_key(settings.AUDIT_SIGNING_KEY).public
    settings.AUDIT_SIGNING_KEY = ""
    assert run("verify_audit", "--checkpoint", str(kept))[0] == 2
    assert run("verify_audit", "--checkpoint", str(kept), "--key", str(public))[0] == 0


@pytest.mark.parametrize("content", [b"", b"hello\n", b"\xff\xfe", b"breakwater/audit\n\n\xe2\x80\x94 portal AAAA\n"])
def test_verify_says_that_a_file_is_no_checkpoint(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.txt"
    file.write_bytes(content)
    code, said = run("verify_audit", "--checkpoint", str(file))
    assert code == 2
    assert str(file) in said


def test_verify_says_that_a_file_is_not_there(tmp_path: Path) -> None:
    assert run("verify_audit", "--checkpoint", str(tmp_path / "gone.txt"))[0] == 2


def test_checkpoint_needs_a_key(settings) -> None:
    settings.AUDIT_SIGNING_KEY = ""
    assert "audit_key" in run("checkpoint_audit")[1]


def test_a_new_key_is_written_as_the_settings_take_it() -> None:
    private, public = run("audit_key", "portal.example.net")[1].splitlines()
    key = signing_key(private.removeprefix("AUDIT_SIGNING_KEY="))
    assert public_key(public.removeprefix("# Public: ")) == key.public


def test_a_key_needs_a_name_of_one_word() -> None:
    assert "one word" in run("audit_key", "two words")[1]
