"""What Kentik can do for this team: platforms, methods, and the pairs of the two that people may choose.

A pair is what Kentik's own dialog offers. Kentik tells names, types and links; how a method behaves (what it does to
traffic, whether it widens to a /24, whether it needs a port) it does not tell, so those facts are curated here.
"""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from mitigations.policies.catalogue import MAX_MINUTES, Kind
from mitigations.policies.guardrails import PairingFacts

_digits = RegexValidator(r"\A[0-9]{1,19}\Z", "Kentik's IDs are digits only, such as 257.")


class KentikThing(models.Model):
    """A platform or a method. Kentik's ID is its identity: it is set once, and retiring keeps the row for history."""

    kentik_id = models.CharField("Kentik ID", max_length=19, unique=True, validators=[_digits])
    name = models.CharField(max_length=100)
    kind = models.CharField("type", max_length=20, choices=[(kind.value, kind.label) for kind in Kind])
    description = models.CharField(max_length=300, blank=True)
    modified_at = models.DateTimeField(null=True, editable=False, help_text="When it was last changed at Kentik.")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kentik_id__regex=r"\A[0-9]+\Z"), name="%(class)s_kentik_id_is_digits"),
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in Kind]), name="%(class)s_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Platform(KentikThing):
    pass


class Method(KentikThing):
    pass


class Pairing(models.Model):
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="pairings")
    method = models.ForeignKey(Method, on_delete=models.PROTECT, related_name="pairings")
    offered = models.BooleanField(default=False, help_text="People may choose it.")
    linked = models.BooleanField(default=True, editable=False, help_text="The method is linked to it at Kentik.")
    effect = models.CharField(
        max_length=200, help_text="What it does to traffic, in plain words: “drops everything to the target”."
    )
    ipv4 = models.BooleanField("IPv4", default=True)
    ipv6 = models.BooleanField("IPv6", default=False)
    widest_ipv4 = models.PositiveSmallIntegerField("widest IPv4 prefix", default=24, validators=[MaxValueValidator(32)])
    widest_ipv6 = models.PositiveSmallIntegerField(
        "widest IPv6 prefix", default=48, validators=[MaxValueValidator(128)]
    )
    widens_to_24 = models.BooleanField(
        "widens to /24", default=False, help_text="Kentik or the device turns a smaller IPv4 target into its /24."
    )
    needs_ports = models.BooleanField(
        default=False, help_text="The method asks for a port. The V5 call cannot carry it."
    )
    default_minutes = models.PositiveIntegerField(default=60, validators=[MaxValueValidator(MAX_MINUTES)])
    longest_minutes = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_MINUTES)],
        help_text="Empty: no limit, and it may run until stopped by hand.",
    )
    runbook_url = models.URLField("runbook", blank=True)
    review_since = models.DateTimeField(
        null=True, editable=False, help_text="Since when somebody should look whether what is said of it still holds."
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["platform__name", "method__name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["platform", "method"], name="pairing_once"),
            models.CheckConstraint(condition=Q(widest_ipv4__lte=32), name="pairing_widest_ipv4"),
            models.CheckConstraint(condition=Q(widest_ipv6__lte=128), name="pairing_widest_ipv6"),
            models.CheckConstraint(
                condition=Q(longest_minutes=None) | Q(longest_minutes__gte=1), name="pairing_longest"
            ),
            models.CheckConstraint(
                condition=Q(longest_minutes=None)
                | Q(default_minutes__lte=F("longest_minutes"), default_minutes__gte=1),
                name="pairing_default_within_longest",
                violation_error_message="The default duration must lie between 1 minute and the longest one.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.platform.name} · {self.method.name}"

    @property
    def kind(self) -> Kind:
        """Of the method, which is that of the platform where the two go together."""
        return Kind(self.method.kind)

    @property
    def is_retired(self) -> bool:
        return any((self.retired_at, self.platform.retired_at, self.method.retired_at))

    def facts(self) -> PairingFacts:
        return PairingFacts(
            name=str(self),
            offered=self.offered,
            retired=self.is_retired,
            ipv4=self.ipv4,
            ipv6=self.ipv6,
            widest_ipv4=self.widest_ipv4,
            widest_ipv6=self.widest_ipv6,
            widens_to_24=self.widens_to_24,
            needs_ports=self.needs_ports,
            longest_minutes=self.longest_minutes,
            linked=self.linked,
            modified_at=max(filter(None, (self.platform.modified_at, self.method.modified_at)), default=None),
        )
