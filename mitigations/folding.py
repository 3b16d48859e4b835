"""Texts as they are looked up, alike on both databases."""

from __future__ import annotations

from typing import Any

from django.db.models import Func, Q, TextField, Value
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThan
from django.db.models.sql.compiler import SQLCompiler

# The last character that there is: nothing that goes on after a beginning sorts behind it.
_LAST = "\U0010ffff"


class Folded(Func):
    """A text whatever the case of its letters, in the order of its bytes: so a beginning is a range of an index.

    What is looked for is folded by the database too, for the two know different letters.
    """

    function = "LOWER"
    arity = 1
    output_field = TextField()

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **extra: Any) -> Any:
        return super().as_sql(compiler, connection, template='(LOWER(%(expressions)s) COLLATE "C")', **extra)


def is_text(column: str, text: str) -> Q:
    return Q(Exact(Folded(column), Folded(Value(text))))


def begins(column: str, text: str) -> Q:
    low, high = Folded(Value(text)), Folded(Value(text + _LAST))
    return Q(GreaterThanOrEqual(Folded(column), low)) & Q(LessThan(Folded(column), high))
