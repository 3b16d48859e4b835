from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Archive(models.Model):
    """A range of a log that was moved into a file. Append-only; a trigger lets only what stands here be deleted.

    `hash` is that of the last record, which the first remaining one follows. `file` and `sha256` name the file; the
    ranges of several logs may stand in one. `until` is the time of the last record.
    """

    log = models.CharField(max_length=32)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    until = models.DateTimeField()
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-last"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["log", "last"], name="archive_ends_once"),
            models.UniqueConstraint(fields=["log", "first"], name="archive_begins_once"),
            models.CheckConstraint(condition=Q(first__gte=1, last__gte=F("first")), name="archive_is_a_range"),
        ]

    def __str__(self) -> str:
        return f"{self.log} {self.first} to {self.last}"
