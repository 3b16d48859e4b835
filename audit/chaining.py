"""Appending to a chained log, and which logs there are.

A log's lock is held until the commit, and nothing else is waited for behind it but another log's: whoever appends does
it last. Locks are taken in one order, rows, then exchanges, then events.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from django.db import connection

from audit.canonical import Fact
from audit.chain import Head
from audit.models import Archive, Event, Link

L = TypeVar("L", bound=Link)


def logs() -> dict[str, type[Link]]:
    """Every chained log of the site by its name: the events, and what stands beside them."""
    return {log.LOG: log for log in Link.__subclasses__()}


def heads_beside() -> dict[str, Fact]:
    """The heads of the logs besides the events: each event holds them, so its chain covers them too."""
    heads = {name: head(log) for name, log in logs().items() if log is not Event}
    return {name: {"number": each.number, "hash": each.hash} for name, each in heads.items()}


def head(log: type[Link]) -> Head:
    newest = log._default_manager.order_by("-number").values_list("number", "hash").first()
    return Head() if newest is None else Head(number=newest[0], hash=newest[1])


def beginning(log: type[Link]) -> Head:
    """What the first record that is not archived follows: the last one of the newest archive."""
    newest = Archive.objects.filter(log=log.LOG).order_by("-last").values_list("last", "hash").first()
    return Head() if newest is None else Head(number=newest[0], hash=newest[1])


def newest(log: type[L]) -> L | None:
    """The newest record without its texts, under the log's lock until the commit.

    Gapless and in the order of commits: on PostgreSQL by an advisory lock, on SQLite by its one writer.
    """
    assert connection.in_atomic_block, "a log grows inside a transaction only"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [log.LOCK])
    return log._default_manager.order_by("-number").defer("body", "detail").first()


def append(log: type[L], facts: Mapping[str, Fact], detail: Mapping[str, Fact]) -> L:
    """Add a record to a log; it holds the log's lock until the commit."""
    return append_after(newest(log), log, facts, detail)


def append_after(last: L | None, log: type[L], facts: Mapping[str, Fact], detail: Mapping[str, Fact]) -> L:
    """The same, by somebody who has looked at the `newest` one before."""
    at = Head() if last is None else Head(number=last.number, hash=last.hash)
    record = log.after(at, facts, detail)
    record.save(force_insert=True)
    return record
