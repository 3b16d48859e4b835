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
