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

    @property
    def text(self) -> str:
        """What is signed, without the signature."""
        return self.note.rpartition("\n\n")[0] + "\n"

    @property
    def file_name(self) -> str:
        return f"breakwater-checkpoint-{self.number}.txt"


class Redaction(models.Model):
    """What stands beside one record shall go, said one and agreed another. The record itself stays.

    `decided_at` is None while it waits; `carried_out` says what it came to.
    """

    log = models.CharField(max_length=32)
    number = models.BigIntegerField()
    reason = models.TextField(max_length=2000)
    asked_by = models.CharField(max_length=200)
    asked_by_name = models.CharField(max_length=300)
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=200, blank=True)
    decided_by_name = models.CharField(max_length=300, blank=True)
    decided_at = models.DateTimeField(null=True)
    carried_out = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="redaction_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(decided_by="", decided_at=None, carried_out=False)
                | (~models.Q(decided_by="") & models.Q(decided_at__isnull=False)),
                name="redaction_decided_by_whom_and_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("asked_by")), name="redaction_decided_by_somebody_else"
            ),
            models.UniqueConstraint(
                fields=["log", "number"],
                condition=models.Q(decided_at=None) | models.Q(carried_out=True),
                name="redaction_asked_once",
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def subject(self) -> str:
        return f"{self.log.removesuffix('s')} {self.number}"
