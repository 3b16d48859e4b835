"""Eight writers at once, each with a connection of its own, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections

from audit.ledger import recorded
from audit.models import Event
from audit.refusal import Forbidden, Objection
from tests.audit.conftest import AT, DANA, DEED

WRITERS, EACH = 8, 6
NO = Forbidden([Objection(code="no", sentence="No.")])


def _write(barrier: threading.Barrier, writer: int) -> None:
    """Two deeds done, two refused and two that broke."""
    barrier.wait(10)
    for turn, ending in enumerate([None, NO, ZeroDivisionError()] * 2):
        with suppress(Forbidden, ZeroDivisionError), recorded(DEED, subject=f"{writer}/{turn}", by=DANA, at=AT):
            if ending:
                raise ending


def _with_connection(work: Callable[..., Any], path: Path | None) -> Callable[..., Any]:
    """In another thread, `default` is a connection of its own; to the SQLite file at `path`, if there is one."""

    def run(*args: Any) -> Any:
        mine: Any = connections.create_connection("default")
        if path:
            mine.settings_dict = {**mine.settings_dict, "NAME": str(path)}
        connections["default"] = mine
        try:
            return work(*args)
        finally:
            mine.close()

    return run


@pytest.mark.django_db(transaction=True)
def test_numbers_without_gaps_when_eight_write_at_once(tmp_path: Path) -> None:
    """Threads cannot share SQLite's test database, which is in memory: they get a file, set up as in production."""
    path = tmp_path / "audit.sqlite3" if connection.vendor == "sqlite" else None
    barrier = threading.Barrier(WRITERS)
    with ThreadPoolExecutor(WRITERS) as pool:
        if path:
            pool.submit(_with_connection(lambda: call_command("migrate", verbosity=0), path)).result()
        list(pool.map(_with_connection(lambda writer: _write(barrier, writer), path), range(WRITERS)))
        read = _with_connection(lambda: list(Event.objects.order_by("number").values_list("number", "subject")), path)
        events = pool.submit(read).result()

    assert [number for number, _ in events] == list(range(1, WRITERS * 4 + 1))
    assert len({subject for _, subject in events}) == WRITERS * 4
