from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction


@contextmanager
def refused_by_the_database(because: str = "", *, unique: str = "") -> Iterator[None]:
    """The database itself says no. SQLite names the columns of a unique constraint, PostgreSQL the constraint."""
    if unique:
        because = unique if connection.vendor == "postgresql" else "UNIQUE constraint failed"
    with pytest.raises(DatabaseError, match=because or None), transaction.atomic():
        yield
