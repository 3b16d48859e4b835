"""What stands for the log elsewhere."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Checkpoint(models.Model):
    """The head of the log at one moment, signed, to be kept elsewhere. Append-only.

    `note` is the signed text (`audit.notes`); the other columns repeat parts of it.
    """

    number = models.BigIntegerField(primary_key=True, help_text="Of the newest event that it covers.")
    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(db_index=True)
    key = models.CharField(max_length=300, help_text="Which key signed it.")
    note = models.TextField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]

    def __str__(self) -> str:
        return f"checkpoint of {self.number}"
