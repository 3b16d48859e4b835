"""Who follows the log."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Sink(models.Model):
    """Somebody who follows the log: how far they are, which process brings it to them now, and how they fare.

    `failures` counts the tries of the event after the cursor; `given_up` all events that never arrived.
    """

    name = models.CharField(max_length=64, primary_key=True)
    cursor = models.BigIntegerField(help_text="The number of the last event that is dealt with.")
    holder = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    given_up = models.PositiveIntegerField(default=0)
    last_ok_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    last_error_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(cursor__gte=0), name="sink_cursor_not_negative"),
            models.CheckConstraint(
                condition=models.Q(holder=None, lease_until=None)
                | models.Q(holder__isnull=False, lease_until__isnull=False),
                name="sink_held_by_whom_and_until_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} at {self.cursor}"


class Channel(models.Model):
    """A place that gets messages: a room, a pager, a webhook. `address` holds tokens; `label` is what may be shown."""

    name = models.CharField(max_length=60, unique=True)
    address = models.TextField(max_length=2000)
    label = models.CharField(max_length=300)
    kinds = models.JSONField(default=list, help_text="The kinds of messages that it gets.")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~models.Q(address=""), name="channel_has_an_address"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sink(self) -> str:
        """The name of the sink that follows the log for it."""
        return f"channel-{self.pk}"
