"""Reckoning with times inside the database, alike on both and without Python's help on SQLite."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, Func
from django.db.models.sql.compiler import SQLCompiler


class Epoch(Func):
    """The whole seconds of a time since 1970; what is left of a second is dropped on both databases."""

    arity = 1
    output_field = BigIntegerField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **extra: Any) -> Any:
        # Half as dear as strftime. Day 0 of julianday lies 210,866,760,000 seconds before 1970; half a second rounds.
        seconds = "CAST(julianday(substr(%(expressions)s, 1, 19)) * 86400 - 210866759999.5 AS INTEGER)"
        return super().as_sql(compiler, connection, template=seconds, **extra)

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **extra: Any) -> Any:
        seconds = "CAST(EXTRACT(EPOCH FROM date_trunc('second', %(expressions)s)) AS bigint)"
        return super().as_sql(compiler, connection, template=seconds, **extra)
