from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class State(models.TextChoices):
    """Where an item of the review stands. All but the first and the last are in somebody's hands."""

    OPEN = "open"
    TAKEN = "taken"
    ASKED = "asked"
    ANSWERED = "answered"
    CLOSED = "closed"


class Verdict(models.TextChoices):
    OK = "ok"
    CONCERN = "concern"


class Item(models.Model):
    """One event that wants a look, and how far whoever audits has come with it. `number` is the event's.

    It is made in the transaction of the event. What people wrote about it stands in the events of its review, where it
    is tied to the chain and can be redacted; here stands only what lists are made of. People are named as in events.
    """

    number = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=16, help_text="The code of its heading.")
    grave = models.BooleanField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    held_by = models.CharField(max_length=200, blank=True, help_text="Whoever took it, and closed it in the end.")
    held_by_name = models.CharField(max_length=300, blank=True)
    held_at = models.DateTimeField(null=True)
    asked_of = models.CharField(max_length=200, blank=True, help_text="Whose explanation was asked for last.")
    asked_of_name = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=7, choices=Verdict, blank=True)
    follow_up_on = models.DateField(null=True, help_text="The day by which somebody looks at a concern again.")
    followed_up_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-grave", "number"], condition=~Q(state="closed"), name="item_not_closed"),
            models.Index(fields=["asked_of"], condition=Q(state="asked"), name="item_asked_of"),
            models.Index(
                fields=["asked_of", "-answered_at"], condition=Q(answered_at__isnull=False), name="item_answered"
            ),
            models.Index(fields=["kind", "-number"], name="item_kind"),
            models.Index(
                fields=["follow_up_on"],
                condition=Q(follow_up_on__isnull=False, followed_up_at=None),
                name="item_to_follow_up",
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="item_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", held_by="", held_at=None)
                | (~Q(state="open") & ~Q(held_by="") & Q(held_at__isnull=False)),
                name="item_held_by_whom_and_since_when",
            ),
            models.CheckConstraint(
                condition=Q(asked_of="", asked_at=None) | (~Q(asked_of="") & Q(asked_at__isnull=False)),
                name="item_asked_of_whom_and_when",
            ),
            models.CheckConstraint(
                condition=(~Q(state="asked") | (~Q(asked_of="") & Q(answered_at=None)))
                & (~Q(state="answered") | Q(answered_at__isnull=False)),
                name="item_answered_when_it_says_so",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False, verdict__in=Verdict.values)
                | (~Q(state="closed") & Q(closed_at=None, verdict="")),
                name="item_closed_when_and_how",
            ),
            models.CheckConstraint(
                condition=Q(follow_up_on=None, followed_up_at=None)
                | Q(follow_up_on__isnull=False, verdict=Verdict.CONCERN),
                name="item_follows_up_a_concern",
            ),
        ]

    def __str__(self) -> str:
        return f"event {self.number}: {self.state}"

    @property
    def is_closed(self) -> bool:
        return self.state == State.CLOSED

    @property
    def is_to_be_followed_up(self) -> bool:
        return self.follow_up_on is not None and self.followed_up_at is None


class SignOff(models.Model):
    """Somebody's word that a period of the log was reviewed: the events from `first` to `last`, of which `head` is the
    last one's hash.

    Sign-offs tile the log: each begins with the event after the last one's. A trigger says so too, and another lets
    nothing be changed afterwards but the countersign, once. The statement stands in the event of the deed.
    """

    kind = models.CharField(max_length=5, help_text="How long the period is: day, week or month.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    first = models.BigIntegerField(unique=True)
    last = models.BigIntegerField(unique=True)
    head = models.CharField(max_length=64)
    signed_by = models.CharField(max_length=200)
    signed_by_name = models.CharField(max_length=300)
    signed_at = models.DateTimeField()
    unreviewed = models.JSONField(default=list, help_text="The numbers of the events that were still to be reviewed.")
    sample = models.JSONField(default=list, help_text="The references that were drawn from the ordinary ones.")
    own_acts = models.PositiveIntegerField(help_text="How many events in it are the signer's own.")
    countersigned_by = models.CharField(max_length=200, blank=True)
    countersigned_by_name = models.CharField(max_length=300, blank=True)
    countersigned_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-first"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=["day", "week", "month"]), name="signoff_kind_known"),
            models.CheckConstraint(
                condition=Q(first__gte=1, last__gte=F("first"), starts_at__lt=F("ends_at")), name="signoff_is_a_range"
            ),
            models.CheckConstraint(condition=Q(signed_at__gte=F("ends_at")), name="signoff_after_its_end"),
            models.CheckConstraint(
                condition=Q(countersigned_by="", countersigned_at=None)
                | (~Q(countersigned_by="") & Q(countersigned_at__isnull=False, own_acts__gt=0)),
                name="signoff_countersigned_by_whom_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(countersigned_by=F("signed_by")), name="signoff_countersigned_by_somebody_else"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"

    @property
    def awaits_countersign(self) -> bool:
        return self.own_acts > 0 and self.countersigned_at is None
