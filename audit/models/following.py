"""Who follows the log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from audit import sealing
from audit.models.event import Event

# A sink is late when what it waits for is so old.
_LATE_AFTER = timedelta(minutes=5)
# And in time again when it is younger than this: between the two nothing is said, or it would be said again and again.
_IN_TIME_WITHIN = timedelta(minutes=1)


class SinkQuerySet(models.QuerySet["Sink"]):
    def with_since(self) -> Self:
        """With `since`, when the oldest event happened that it has not got; None when it has got all."""
        return self.annotate(since=Subquery(Event.objects.filter(number=OuterRef("cursor") + 1).values("at")))

    def late(self, at: datetime) -> Self:
        """Those that have been behind for 5 minutes. One that is new, and gets the whole log, has as long to begin."""
        limit = at - _LATE_AFTER
        return self.with_since().filter(since__lte=limit, begun_at__lte=limit)

    def in_time(self, at: datetime) -> Self:
        return self.with_since().filter(Q(since=None) | Q(since__gt=at - _IN_TIME_WITHIN))


class Sink(models.Model):
    """Somebody who follows the log: how far they are, which process brings it to them now, and how they fare.

    `failures` counts the tries of the event after the cursor; `given_up` all events that never arrived. `late_at`: the
    log says since then that it is behind.
    """

    name = models.CharField(max_length=64, primary_key=True)
    cursor = models.BigIntegerField(help_text="The number of the last event that is dealt with.")
    holder = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(default=timezone.now)
    late_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    given_up = models.PositiveIntegerField(default=0)
    last_ok_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    last_error_at = models.DateTimeField(null=True)

    objects = SinkQuerySet.as_manager()

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

    # Only of what `with_since` brings.
    since: datetime

    def __str__(self) -> str:
        return f"{self.name} at {self.cursor}"


class Channel(models.Model):
    """A place that gets messages: a room, a pager, a webhook.

    `address` holds tokens, so the row holds it sealed; `label` is what may be shown.
    """

    name = models.CharField(max_length=60, unique=True)
    sealed = models.TextField(help_text="The address, which holds tokens, as audit.sealing seals it.")
    label = models.CharField(max_length=300)
    kinds = models.JSONField(default=list, help_text="The kinds of messages that it gets.")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~models.Q(sealed=""), name="channel_has_an_address"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Raises Unreadable when it was sealed by a key that is not known any more."""
        return sealing.unseal(self.sealed)

    @address.setter
    def address(self, text: str) -> None:
        self.sealed = sealing.seal(text)

    @property
    def sink(self) -> str:
        """The name of the sink that follows the log for it."""
        return f"channel-{self.pk}"
