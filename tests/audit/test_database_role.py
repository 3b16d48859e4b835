"""The role that docs/operations.md tells to give the portal can write the log and not change it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import ProgrammingError, connection, transaction

from tests.audit.logbook import write
from tests.making import make_exchange

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles"),
]
OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture(autouse=True)
def _as_the_portal() -> Iterator[None]:
    """Everything happens in the test's transaction, the role included."""
    write(2)
    make_exchange()
    connection.check_constraints()
    [statements] = re.findall(r"```sql\n(.*?)```", OPERATIONS, re.DOTALL)
    # Roles are the whole server's, and other tests may run there at the same time.
    name = f"portal_{connection.settings_dict['NAME']}"
    run(f'CREATE ROLE "{name}"')
    run(re.sub(r"\b(TO|FROM) portal\b", rf'\1 "{name}"', statements))
    run(f'SET LOCAL ROLE "{name}"')
    yield
    run("RESET ROLE")


def test_may_add_to_the_log() -> None:
    write()
    make_exchange()


def test_may_redact() -> None:
    run("UPDATE audit_event SET detail = NULL, ip = '' WHERE number = 1")
    run("UPDATE mitigations_exchange SET detail = NULL WHERE number = 1")


@pytest.mark.parametrize("table", ["audit_event", "audit_checkpoint", "mitigations_exchange", "mitigations_decision"])
@pytest.mark.parametrize("sql", ["DELETE FROM {}", "TRUNCATE {} CASCADE", "ALTER TABLE {} DISABLE TRIGGER ALL"])
def test_may_take_nothing_away(table: str, sql: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
        run(sql.format(table))


@pytest.mark.parametrize("column", ["body", "hash", "deed", "at", "number", "review"])
def test_may_change_nothing_of_an_event(column: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        run(f"UPDATE audit_event SET {column} = {column}")
