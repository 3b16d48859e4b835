"""Taking the log out: rows a second as they leave, beside a bare cursor over the same columns."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from bench.report import Report

GOAL = 30.0  # MB that a download may need besides
_BATCH = 1_000


def measure(report: Report, *, events: int) -> None:
    """Needs Django, and a seeded database with so many events."""
    bare = _rows_a_second(_walk_bare, events)
    for name in ("ndjson", "csv"):
        # In a process of its own: this one's peak tells of whatever it did before.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_setup) as pool:
            rate, held, besides = pool.submit(_exported, name).result()
        report.add(f"{events:,} events exported as {name.upper()}", rate, "/s", beside=bare)
        report.add(f"memory for exporting them as {name.upper()}", besides, "MB", beside=held, below=GOAL)


def _exported(name: str) -> tuple[float, float, float]:
    """Rows a second, the memory before, and how much more it took. The packed bytes go nowhere."""
    from django.utils import timezone

    from accounts.authority import Actor, Role
    from audit.models import Format
    from audit.selectors import Filter
    from mitigations.selectors.exporting import Events
    from mitigations.services.auditing import exporting

    auditor = Actor(id=None, username="bench", name="bench", roles=frozenset({Role.AUDITOR}))
    everything = Events(Filter())
    export = exporting.ask(format=Format(name), filter="", source=everything, by=auditor, at=timezone.now())
    held = _peak()
    _, stream = exporting.download(id=export.pk, source=everything, by=auditor, now=timezone.now)
    rate = _rows_a_second(lambda: sum(len(piece) for piece in stream), export.up_to)
    return rate, held, _peak() - held


def _setup() -> None:
    import django

    django.setup()


def _walk_bare() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        after, rows = 0, [(0,)]
        sql = "SELECT number, body, detail, hash FROM audit_event WHERE number > %s ORDER BY number LIMIT %s"
        while rows:
            cursor.execute(sql, [after, _BATCH])
            rows = cursor.fetchall()
            after = rows[-1][0] if rows else after


def _rows_a_second(work: Callable[[], Any], rows: int) -> float:
    begun = time.perf_counter()
    work()
    return rows / (time.perf_counter() - begun)


def _peak() -> float:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
