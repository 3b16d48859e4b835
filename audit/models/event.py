from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from audit import vocabulary
from audit.canonical import read, storable
from audit.models.link import Link

# What reading a text may raise that is not what was written. Pages must show such an event, above all others.
_UNREADABLE = (ValueError, LookupError, TypeError, RecursionError)


class Outcome(models.TextChoices):
    DONE = "done"
    REFUSED = "refused"


class Event(Link):
    """One deed, done or refused. `at` never decreases from one event to the next."""

    LOG = "events"
    LOCK = 0x6B72_6561_6B77_6174

    at = models.DateTimeField(db_index=True)
    deed = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8, choices=Outcome)
    actor = models.CharField(max_length=200)
    actor_name = models.CharField(max_length=300)
    subject = models.CharField(max_length=300)
    request_id = models.CharField(max_length=64)
    ip = models.CharField(max_length=45, default="")
    review = models.BooleanField(default=False, help_text="Whoever audits should look at it.")

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject", "-number"], name="event_subject"),
            models.Index(fields=["actor", "-number"], name="event_actor"),
            models.Index(fields=["deed", "-number"], name="event_deed"),
            models.Index(fields=["ip", "-number"], name="event_ip"),
            models.Index(fields=["actor_name", "-number"], name="event_actor_name"),
            models.Index(fields=["request_id", "-number"], name="event_request"),
            models.Index(fields=["-number"], condition=models.Q(review=True), name="event_review"),
            models.Index(fields=["-number"], condition=models.Q(outcome="refused"), name="event_refused"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(number__gte=1), name="event_numbered_from_one"),
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="event_outcome_known"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.deed} {self.subject}"

    @classmethod
    def columns(cls, body: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
        texts = ("deed", "outcome", "actor", "actor_name", "subject", "request_id")
        return {
            **{name: storable(body[name]) for name in texts},
            "at": datetime.fromisoformat(body["at"]),
            "ip": storable(detail.get("ip", "")),
            # Events from before the chain do not say; nothing is made of them now.
            "review": body.get("review", False),
        }

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = read(self.body)["facts"]
        return facts

    @property
    def sentence(self) -> str:
        """What happened, in words, from what was hashed."""
        try:
            return storable(vocabulary.told(read(self.body)))
        except _UNREADABLE:
            return "Nobody can read any more what this event says: its text was changed."

    @property
    def note(self) -> str:
        """What somebody wrote to it; empty where it was redacted, or changed so that nobody can read it."""
        try:
            return storable(str(self.details.get("note", "")))
        except _UNREADABLE:
            return ""
