"""Whose token Kentik is called with, and what happens when it is changed under a worker that runs."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mitigations.kentik.account import BadAccount
from mitigations.models import Exchange, Mitigation
from mitigations.policies.lifecycle import Status
from mitigations.services import worker
from mitigations.services.kentik_account import Renewal, account
from sandbox.server import Sandbox
from tests.making import NOW, make_mitigation
from tests.people import Cast

OLD, NEW = "canary-of-the-old-token", "canary-of-the-new-token"


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{OLD}\n")
    settings.KENTIK_API_TOKEN_FILE = str(path)
    return path


def test_it_is_that_of_the_file_as_it_is_now(file: Path) -> None:
    assert account().token == OLD
    file.write_text(NEW)
    assert account().token == NEW


@pytest.mark.parametrize("content", ["", "\n", "two words", "ä"])
def test_one_that_no_header_can_carry_is_told_without_it(content: str, file: Path) -> None:
    file.write_text(content)
    with pytest.raises(BadAccount) as raised:
        account()
    assert not content.strip() or content not in str(raised.value)


def test_a_file_that_is_gone_is_told(file: Path) -> None:
    file.unlink()
    with pytest.raises(BadAccount, match=r"^KENTIK_API_TOKEN_FILE cannot be read \(FileNotFoundError\)\.$"):
        account()


class TestRenewing:
    def test_says_nothing_while_nothing_changes(self, file: Path) -> None:
        renewal = Renewal(account())
        assert [renewal(), renewal()] == [None, None]

    def test_brings_the_new_one_once(self, file: Path) -> None:
        renewal = Renewal(account())
        file.write_text(NEW)
        found = renewal()
        assert found is not None
        assert (found.token, renewal()) == (NEW, None)

    def test_keeps_the_old_one_while_the_file_is_of_no_use_and_says_so_once(
        self, file: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        renewal = Renewal(account())
        file.write_text("")
        assert [renewal(), renewal()] == [None, None]
        assert [record.levelno for record in caplog.records] == [logging.ERROR]
        file.write_text(NEW)
        assert renewal() is not None

    def test_looks_at_no_file_where_none_is_named(self, settings: Any) -> None:
        renewal = Renewal(account())
        settings.KENTIK_API_TOKEN = NEW
        assert renewal() is None


def tokens(sandbox: Sandbox) -> list[str]:
    """With which token each call came."""
    return [dict(call["headers"])["X-CH-Auth-API-Token"] for call in sandbox.journal()]


def test_a_worker_that_runs_calls_with_the_new_one_and_keeps_neither(
    cast: Cast, file: Path, sandbox: Sandbox, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings.KENTIK_BASE_URL = sandbox.url
    running = worker.build(lease=timedelta(seconds=90), now=lambda: NOW)
    for token in (OLD, NEW):
        file.write_text(token)
        running._next_tick = 0.0  # a second has gone by
        make_mitigation(Status.APPROVED)
        running.turn()
    assert tokens(sandbox) == [OLD, NEW]
    assert set(Mitigation.objects.values_list("status", flat=True)) == {Status.ACTIVE}
    kept = "".join(str(row) for row in Exchange.objects.values())
    assert "[redacted]" in kept
    assert "canary" not in kept + caplog.text
