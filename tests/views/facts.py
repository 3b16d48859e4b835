"""What is in the database, for tests to compare before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import Any

from django.db import connection

from audit.models import Event
from mitigations.models import Mitigation


def row_counts() -> dict[str, int]:
    """How many rows each table has; sessions come and go by themselves, and calls of the API are always counted."""
    with connection.cursor() as cursor:
        cursor.execute(_counting(connection.vendor))
        return dict(cursor.fetchall())


@cache
def _counting(vendor: str) -> str:
    """One query over every table that there is: many tests ask it before and after."""
    beside = {"django_session", "accounts_opensession", "accounts_tally"}
    tables = sorted({*connection.introspection.table_names()} - beside)
    return " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {connection.ops.quote_name(name)}" for name in tables)


def mitigation_rows() -> list[dict[str, Any]]:
    rows = Mitigation.objects.order_by("pk").values()
    return [
        {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()} for row in rows
    ]


def everything() -> tuple[dict[str, int], list[dict[str, Any]]]:
    return row_counts(), mitigation_rows()


def by_part(routes: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """The routes of each part of the site, for a walk to compare once for each: a look at everything takes long."""
    for part, found in groupby(sorted(routes), key=lambda route: route.partition("/")[0]):
        yield part, list(found)


# A try of somebody who may not is an event, and an item of the review.
_LOG = {"audit_event", "audit_item"}


def everything_but_the_log() -> tuple[dict[str, int], list[dict[str, Any]]]:
    counts, rows = everything()
    return {
        table: count for table, count in counts.items() if table not in _LOG and not table.startswith("audit_words")
    }, rows


def deeds(subject: str | None = None) -> list[tuple[str, str, str]]:
    """The log, oldest first: who, what, with which outcome."""
    events = Event.objects.order_by("number")
    if subject is not None:
        events = events.filter(subject=subject)
    return [(event.actor_name, event.deed, event.outcome) for event in events]
