"""How many calls somebody may make in a minute, counted by the database: exact, whichever process answers.

Django's cache in a table would read a count and then write it: calls at the same moment would count as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from accounts.models import Tally

_MINUTE = 60
# A tally is of no use once its minute is over; those of strangers are cleared away then.
_KEPT_MINUTES = 60


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What is left of a minute. `resets_in`: seconds until it begins anew."""

    most: int
    used: int
    resets_in: int

    @property
    def left(self) -> int:
        return max(self.most - self.used, 0)

    @property
    def is_exceeded(self) -> bool:
        return self.used > self.most


def spend(key: str, *, most: int, at: datetime) -> Allowance:
    """Count one call of whoever this key names."""
    seconds = int(at.timestamp())
    minute = seconds // _MINUTE
    used = _count(key, minute)
    return Allowance(most=most, used=used, resets_in=_MINUTE - seconds % _MINUTE)


def spend_of_stranger(ip: str, *, most: int, at: datetime) -> Allowance:
    """Count one call that came without a token that lets in, by where it came from."""
    found = spend(f"ip:{ip}", most=most, at=at)
    if found.used == 1:
        Tally.objects.filter(minute__lt=int(at.timestamp()) // _MINUTE - _KEPT_MINUTES).delete()
    return found


def _count(key: str, minute: int) -> int:
    table = connection.ops.quote_name(Tally._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (key, minute, calls) VALUES (%s, %s, 1) "  # noqa: S608 (the name of our own table)
            f"ON CONFLICT (key) DO UPDATE SET "
            f"calls = CASE WHEN {table}.minute = excluded.minute THEN {table}.calls + 1 ELSE 1 END, "
            f"minute = excluded.minute RETURNING calls",
            [key, minute],
        )
        return int(cursor.fetchone()[0])
