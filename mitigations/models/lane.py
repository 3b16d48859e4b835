"""The one lane to Kentik: who may call now, and what Kentik's answers said about calling."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q


class Lane(models.Model):
    """A single row. `fence` rises with every taking, so that whoever held it before can tell that it has gone on.

    `holder` is for people; only the fence counts. `skew_ms` is by how much Kentik's clock is ahead of ours.
    """

    THE_ONE = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ONE)
    holder = models.CharField(max_length=200, blank=True)
    fence = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True, help_text="Nothing leaves before: Kentik answered 429.")
    throttled = models.PositiveIntegerField(default=0, help_text="How many 429s have followed each other.")
    skew_ms = models.BigIntegerField(null=True)
    skew_measured_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_lane"),
            models.CheckConstraint(
                condition=Q(holder="", lease_until=None) | (~Q(holder="") & Q(lease_until__isnull=False)),
                name="lane_held_by_whom_and_until_when",
            ),
            models.CheckConstraint(
                condition=Q(skew_ms=None, skew_measured_at=None)
                | Q(skew_ms__isnull=False, skew_measured_at__isnull=False),
                name="lane_skew_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"lane, fence {self.fence}"

    @property
    def skew(self) -> timedelta | None:
        return None if self.skew_ms is None else timedelta(milliseconds=self.skew_ms)

    def is_free(self, at: datetime) -> bool:
        """Nobody holds it, or whoever did let the lease run out."""
        return self.lease_until is None or self.lease_until <= at
