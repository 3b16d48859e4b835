"""Appending to the chain by several writers at once, and walking along it."""

from __future__ import annotations

import hashlib
import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

from bench.report import Report

WRITERS, EACH = 8, 100
GOAL = 60.0  # seconds for a million events
_BATCH = 5_000
# The same columns and indexes, without a chain: numbered by the database, in no order.
_UNCHAINED = "bench_unchained"


def measure_appending(report: Report) -> None:
    """Deeds a second, each a transaction of its own that commits."""
    _make_unchained()
    with ProcessPoolExecutor(WRITERS, mp_context=multiprocessing.get_context("spawn"), initializer=_setup) as pool:
        _at_once(pool, _wake)
        unchained = _at_once(pool, partial(_write, _insert_unchained))
        chained = _at_once(pool, partial(_write, _append))
    report.add(f"events appended by {WRITERS} writers", chained, "/s", beside=unchained)


def measure_walking(report: Report, *, events: int) -> None:
    """Needs a log of so many events."""
    from audit.verification import verify

    begun = time.perf_counter()
    verdict = verify()
    took = time.perf_counter() - begun
    assert verdict.flaw is None, verdict.sentence
    hashing = _hashing()
    report.add(f"verifying {events:,} events", took, "s", beside=hashing, below=GOAL)
    report.add("events verified, beside only hashing them", events / took, "/s", beside=events / hashing)


def _hashing() -> float:
    """Only hashing the same bytes, and nothing else."""
    took, previous = 0.0, "0" * 64
    for bodies in _bodies():
        begun = time.perf_counter()
        for body in bodies:
            previous = hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()
        took += time.perf_counter() - begun
    return took


def _bodies() -> Iterator[list[str]]:
    from audit.models import Event

    number = 0
    while batch := list(Event.objects.filter(number__gt=number).order_by("number").values_list("body")[:_BATCH]):
        yield [body for (body,) in batch]
        number += len(batch)


def _setup() -> None:
    import django

    django.setup()


def _wake(_writer: int) -> None:
    from audit.models import Event

    Event.objects.exists()


def _at_once(pool: ProcessPoolExecutor, work: Callable[[int], Any]) -> float:
    begun = time.perf_counter()
    list(pool.map(work, range(WRITERS)))
    return WRITERS * EACH / (time.perf_counter() - begun)


def _write(one: Callable[[str], None], writer: int) -> None:
    for number in range(EACH):
        one(f"bench {writer}/{number}")


def _append(subject: str) -> None:
    from django.utils import timezone

    from accounts.authority import WORKER
    from audit.ledger import recorded
    from mitigations.services import events

    with recorded(events.WITHDRAWN, subject=subject, by=WORKER.author, at=timezone.now()) as record:
        record.detail = {"note": "bench"}


def _insert_unchained(subject: str) -> None:
    from django.db import connection, transaction
    from django.utils import timezone

    from audit.chain import Head
    from audit.models import Event

    facts: dict[str, Any] = {
        "at": timezone.now().isoformat(),
        "deed": "mitigation.withdrawn",
        "outcome": "done",
        "actor": "system:worker",
        "actor_name": "worker",
        "subject": subject,
        "request_id": "",
        "facts": {},
    }
    event = Event.after(Head(), facts, {"salt": "0" * 32, "ip": "", "user_agent": "", "note": "bench"})
    fields = [field for field in Event._meta.concrete_fields if not field.primary_key]
    values = [field.get_db_prep_save(getattr(event, field.attname), connection) for field in fields]
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {_UNCHAINED} ({names}) VALUES ({places})", values)


def _make_unchained() -> None:
    from django.db import connection

    if connection.vendor == "postgresql":
        statements = [
            f"CREATE TABLE {_UNCHAINED} (LIKE audit_event INCLUDING ALL)",
            f"CREATE SEQUENCE {_UNCHAINED}_number",
            f"ALTER TABLE {_UNCHAINED} ALTER COLUMN number SET DEFAULT nextval('{_UNCHAINED}_number')",
        ]
    else:
        statements = [_sqlite_copy(sql) for sql in _sqlite_schema()]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _sqlite_schema() -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = 'audit_event' AND type IN ('table', 'index')")
        return [sql for (sql,) in cursor.fetchall() if sql]


def _sqlite_copy(sql: str) -> str:
    """The same table or index under names of its own; its number is what SQLite counts by itself."""
    renamed = sql.replace("audit_event", _UNCHAINED).replace('INDEX "event_', 'INDEX "bench_event_')
    return renamed.replace('"number" bigint NOT NULL PRIMARY KEY', '"number" integer NOT NULL PRIMARY KEY')
