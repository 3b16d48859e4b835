"""What Kentik shows: mitigations as it showed them last, orders to stop one, and how well it can be seen at all."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from mitigations.models.axis import AxisQuerySet
from mitigations.models.mitigation import Mitigation
from mitigations.policies.network import Prefix, known
from mitigations.policies.observing import Appearance
from mitigations.policies.stopping import OPEN_ORDERS, OrderStatus

_APPEARANCES = [each.value for each in Appearance]
_ORDERS = [each.value for each in OrderStatus]
_OPEN_ORDERS = sorted(each.value for each in OPEN_ORDERS)


class Sighting(models.Model):
    """One mitigation at Kentik, as it was shown last: one of ours, or one that was started elsewhere.

    `state` is Kentik's own word, `appearance` what it means. `occupies`: another one on this target must be expected to
    be refused. What has no prefix for a target (an adaptive one) has none on the axis.
    """

    kentik_id = models.CharField(max_length=19, unique=True)
    mitigation = models.OneToOneField(Mitigation, on_delete=models.PROTECT, null=True, related_name="sighting")
    manual = models.BooleanField()
    target = models.CharField(max_length=100, blank=True)
    family = models.PositiveSmallIntegerField(null=True)
    first = models.BinaryField(max_length=16, null=True)
    last = models.BinaryField(max_length=16, null=True)
    length = models.PositiveSmallIntegerField(null=True)
    platform_id = models.CharField(max_length=40, blank=True)
    method_id = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=100)
    label = models.CharField(max_length=100)
    appearance = models.CharField(max_length=16, choices=[(each, each) for each in _APPEARANCES])
    occupies = models.BooleanField()
    started_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    auto_stop_minutes = models.PositiveIntegerField(null=True)
    comment = models.TextField(blank=True)
    seen_at = models.DateTimeField(help_text="When Kentik last showed it so.")
    told_at = models.DateTimeField(null=True, help_text="When the log was told of one that was started elsewhere.")

    objects = AxisQuerySet["Sighting"].as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["first", "last"], condition=Q(occupies=True), name="sighting_occupied"),
            # Whole: SQLite passes over a partial one where a condition has an "or", as what overlaps has.
            models.Index(fields=["first", "last", "mitigation"], name="sighting_axis"),
            models.Index(fields=["target"], name="sighting_target"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(appearance__in=_APPEARANCES), name="sighting_appearance_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kentik_id} {self.target}"

    @property
    def network(self) -> Prefix | None:
        return None if self.family is None else known(self.target)


class StopOrder(models.Model):
    """Somebody's order to stop one, and what became of it. It is over when Kentik shows that the mitigation is."""

    mitigation = models.ForeignKey(Mitigation, on_delete=models.PROTECT, related_name="stop_orders")
    kentik_id = models.CharField(max_length=19)
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    reason = models.TextField(max_length=2000)
    status = models.CharField(
        max_length=9, choices=[(each, each) for each in _ORDERS], default=OrderStatus.WAITING.value
    )
    attempt = models.UUIDField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["mitigation"], condition=Q(status__in=_OPEN_ORDERS), name="one_open_order_per_mitigation"
            ),
            models.CheckConstraint(condition=Q(status__in=_ORDERS), name="order_status_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="order_has_a_reason"),
            models.CheckConstraint(
                condition=Q(status=OrderStatus.SENDING.value, lease_until__isnull=False, attempt__isnull=False)
                | (~Q(status=OrderStatus.SENDING.value) & Q(lease_until=None)),
                name="order_lease_while_sending",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["ordered_at"], condition=Q(closed_at=None), name="order_open"),
        ]

    def __str__(self) -> str:
        return f"stop {self.kentik_id}: {self.status}"


class KentikView(models.Model):
    """How well Kentik can be seen: a single row. Without V6 it stays as it is made.

    `listed_at`: when the whole list of what is live was read last. `platforms` and `methods` are the catalogue as
    Kentik showed it last, plain; `catalogue_wanted_at`: when somebody asked for it to be read anew. `look_wanted_at`:
    when a notification gave reason to look at what is live.
    """

    THE_ONE = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ONE)
    refused_at = models.DateTimeField(null=True, help_text="Since when Kentik refuses its V6 to the portal.")
    refusal = models.TextField(blank=True)
    tried_at = models.DateTimeField(null=True, help_text="When the last look began, whatever came of it.")
    listed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True, help_text="When the list last showed anything new.")
    trouble = models.TextField(blank=True, help_text="Why the last list could not be read whole.")
    platforms = models.JSONField(default=list)
    methods = models.JSONField(default=list)
    catalogue_tried_at = models.DateTimeField(null=True)
    catalogue_read_at = models.DateTimeField(null=True)
    catalogue_wanted_at = models.DateTimeField(null=True)
    look_wanted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_view_of_kentik"),
        ]

    def __str__(self) -> str:
        return f"Kentik, listed {self.listed_at}"
