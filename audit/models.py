from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models


class Outcome(models.TextChoices):
    DONE = "done"
    REFUSED = "refused"


class Event(models.Model):
    """One deed, done or refused. Append-only: triggers on both databases refuse UPDATE, DELETE and TRUNCATE.

    `body` is the canonical text of everything that is known of the deed, and the other columns repeat parts of it so
    that they can be searched. What may one day have to be redacted stands in `detail`, and `body` carries its SHA-256.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    deed = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8, choices=Outcome)
    actor = models.CharField(max_length=200)
    actor_name = models.CharField(max_length=300)
    subject = models.CharField(max_length=300)
    request_id = models.CharField(max_length=64)
    body = models.TextField()
    detail = models.TextField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject", "-number"], name="event_subject"),
            models.Index(fields=["actor", "-number"], name="event_actor"),
            models.Index(fields=["deed", "-number"], name="event_deed"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(number__gte=1), name="event_numbered_from_one"),
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="event_outcome_known"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.deed} {self.subject}"

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(self.body)["facts"]
        return facts

    @property
    def details(self) -> dict[str, Any]:
        details: dict[str, Any] = json.loads(self.detail) if self.detail else {}
        return details


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
