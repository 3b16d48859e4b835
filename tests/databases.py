"""What only tests may do to a database: flush tables whose triggers refuse it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def lifted_triggers() -> Iterator[None]:
    """Let UPDATE, DELETE and TRUNCATE through, for the flush after a transactional test."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            try:
                yield
            finally:
                cursor.execute("SET session_replication_role = DEFAULT")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        try:
            yield
        finally:
            for _, sql in triggers:
                cursor.execute(sql)


def execute_sql_flush(original: Any) -> Any:
    """Wrap Django's flush: triggers lifted, the roles kept, for they come from a migration, and the index of words
    emptied, of which Django knows nothing."""

    def flush(sql_list: list[str]) -> None:
        with lifted_triggers():
            original([_without_roles(sql) for sql in sql_list if 'FROM "auth_group"' not in sql])
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM audit_words")

    return flush


def _without_roles(sql: str) -> str:
    return sql.replace(', "auth_group"', "").replace('"auth_group", ', "")
