"""Rules that the database keeps by itself, written once for SQLite and PostgreSQL. Used by migrations."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

_Step = Callable[[Apps, BaseDatabaseSchemaEditor], None]


def refuse_when(name: str, *, table: str, event: str, condition: str, because: str, locking: str = "") -> RunPython:
    """Before `event` (such as "UPDATE" or "INSERT") on a row of `table`: fail when `condition` on OLD and NEW holds.

    `condition` is SQL that both databases read; subqueries are allowed. The failure is an IntegrityError. A trigger of
    this name is replaced: SQLite drops a table's triggers when a migration rebuilds it, so they are then made anew.
    `locking`: where two may write at once, these rows are locked first, as in "accounts_user WHERE id = NEW.user_id",
    so that what the condition reads of other rows has been committed. SQLite has one writer at a time.
    """
    lock = f"PERFORM 1 FROM {locking} FOR NO KEY UPDATE; " if locking else ""

    def create(editor: BaseDatabaseSchemaEditor) -> list[str]:
        if editor.connection.vendor == "sqlite":
            return [
                f"DROP TRIGGER IF EXISTS {name}",
                (
                    f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {condition} "
                    f"BEGIN SELECT RAISE(ABORT, '{because}'); END"
                ),
            ]
        return [
            (
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {lock}"
                f"IF {condition} THEN RAISE EXCEPTION '{because}' USING ERRCODE = 'check_violation'; END IF; "
                f"IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
            ),
            f"CREATE OR REPLACE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ]

    def drop(editor: BaseDatabaseSchemaEditor) -> list[str]:
        if editor.connection.vendor == "sqlite":
            return [f"DROP TRIGGER {name}"]
        return [f"DROP TRIGGER {name} ON {table}", f"DROP FUNCTION {name}()"]

    return RunPython(_running(create), _running(drop))


def lift(name: str, *, table: str) -> RunPython:
    """Take a trigger away until a later migration makes it anew.

    SQLite will not rebuild a table that a trigger of another one reads.
    """

    def drop(editor: BaseDatabaseSchemaEditor) -> list[str]:
        on = "" if editor.connection.vendor == "sqlite" else f" ON {table}"
        return [f"DROP TRIGGER IF EXISTS {name}{on}"]

    return RunPython(_running(drop), RunPython.noop)


def append_only(
    table: str, *, fixed: Sequence[str] = (), emptied: Sequence[str] = (), log: str = ""
) -> Sequence[RunPython]:
    """Rows of `table` are written once: UPDATE, DELETE and, where it exists, TRUNCATE are refused.

    With `fixed`, all its columns but `detail` and `emptied`: `detail` may become NULL, which empties those and changes
    nothing else. That is a redaction, which verification accepts when it was announced. With `log`, the name of the
    chained log, what an archive of it covers may be deleted, but never the newest record, which the next one follows.
    """
    because = f"{table} is append-only"
    return [
        refuse_when(
            f"{table}_no_update",
            table=table,
            event="UPDATE",
            condition=f"NOT ({_redacts(fixed, emptied)})" if fixed else "1 = 1",
            because=because,
        ),
        refuse_when(
            f"{table}_no_delete",
            table=table,
            event="DELETE",
            condition=f"NOT ({_is_archived(table, log)})" if log else "1 = 1",
            because=because,
        ),
        no_truncate(table, because),
    ]


def _redacts(fixed: Sequence[str], emptied: Sequence[str]) -> str:
    same = [f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in fixed]
    return " AND ".join(["NEW.detail IS NULL", *same, *(f"NEW.{column} = ''" for column in emptied)])


def _is_archived(table: str, log: str) -> str:
    covered = f"SELECT 1 FROM audit_archive WHERE log = '{log}' AND OLD.number BETWEEN first AND last"  # noqa: S608
    return f"EXISTS ({covered}) AND OLD.number < (SELECT MAX(number) FROM {table})"  # noqa: S608 (names of our own)


def no_truncate(table: str, because: str) -> RunPython:
    """Where there is TRUNCATE, it is refused."""
    name = f"{table}_no_truncate"

    def create(editor: BaseDatabaseSchemaEditor) -> list[str]:
        if editor.connection.vendor == "sqlite":
            return []
        return [
            (
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"RAISE EXCEPTION '{because}' USING ERRCODE = 'check_violation'; END $$"
            ),
            f"CREATE OR REPLACE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
        ]

    def drop(editor: BaseDatabaseSchemaEditor) -> list[str]:
        if editor.connection.vendor == "sqlite":
            return []
        return [f"DROP TRIGGER {name} ON {table}", f"DROP FUNCTION {name}()"]

    return RunPython(_running(create), _running(drop))


def _running(statements: Callable[[BaseDatabaseSchemaEditor], list[str]]) -> _Step:
    def run(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        for statement in statements(editor):
            editor.execute(statement)

    return run
