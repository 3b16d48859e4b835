from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

# A download that has not moved for so long is over, whatever became of its process.
STILL = timedelta(seconds=60)


class What(models.TextChoices):
    """What can be exported."""

    EVENTS = "events"
    EXCHANGES = "exchanges"
    MITIGATIONS = "mitigations"


class Format(models.TextChoices):
    NDJSON = "ndjson"
    CSV = "csv"


class Export(models.Model):
    """Something that somebody wants to take out of the portal, and how far its download is.

    What it holds is fixed when it is asked for: everything up to the number `up_to` that `filter` lets through, the
    filter being written as a query string. `total` is None when there are too many to count. While it is downloaded,
    `run` tells one download from another.
    """

    what = models.CharField(max_length=11, choices=What)
    format = models.CharField(max_length=6, choices=Format)
    filter = models.TextField(blank=True)
    up_to = models.BigIntegerField()
    asked_by = models.CharField(max_length=200)
    asked_by_name = models.CharField(max_length=300)
    asked_at = models.DateTimeField()
    total = models.BigIntegerField(null=True)
    run = models.UUIDField(null=True)
    run_by = models.CharField(max_length=200, blank=True)
    run_by_name = models.CharField(max_length=300, blank=True)
    moved_at = models.DateTimeField(null=True, help_text="When the download was last seen to move.")
    rows = models.BigIntegerField(default=0)
    reached = models.BigIntegerField(default=0, help_text="The number of the newest row that has left.")
    size = models.BigIntegerField(default=0, help_text="Bytes of the file of data, before it was packed.")
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of the file of data, once one download has ended.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["moved_at"], condition=Q(run__isnull=False), name="export_running"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(what__in=What.values), name="export_what_known"),
            models.CheckConstraint(condition=Q(format__in=Format.values), name="export_format_known"),
            models.CheckConstraint(condition=Q(run=None) | Q(moved_at__isnull=False), name="export_run_moves"),
            models.CheckConstraint(
                condition=Q(sha256="", ended_at=None) | (~Q(sha256="") & Q(ended_at__isnull=False)),
                name="export_ended_with_a_hash",
            ),
            models.CheckConstraint(condition=Q(reached__lte=F("up_to")), name="export_within_its_range"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def subject(self) -> str:
        return f"export {self.pk}"

    def is_moving(self, at: datetime) -> bool:
        """Whether it is being downloaded."""
        return self.run is not None and self.moved_at is not None and self.moved_at > at - STILL

    @property
    def file_name(self) -> str:
        """Of the file of data."""
        return f"{self.what}.{self.format}"

    @property
    def package_name(self) -> str:
        return f"breakwater-{self.what}-{self.pk}.zip"
