"""The plan of addresses: whose they are, and which must not be touched."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from mitigations.models.axis import AxisQuerySet
from mitigations.models.mitigation import Mitigation
from mitigations.policies.alarms import STOP_BY_HAND, WITH_EVIDENCE, Code, heading
from mitigations.policies.guardrails import Holding, Protection, Severity
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import Prefix, known

_SEVERITIES = [(Severity.BLOCK.value, "block"), (Severity.REVIEW.value, "look closely")]


class Team(models.Model):
    """Who may ask for which addresses. Belonging to a team gives no role."""

    name = models.CharField(max_length=60, unique=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="teams")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Range(models.Model):
    """A prefix in the plan, once."""

    prefix = models.CharField(max_length=43, unique=True)
    family = models.PositiveSmallIntegerField(editable=False)
    first = models.BinaryField(max_length=16, editable=False)
    last = models.BinaryField(max_length=16, editable=False)
    length = models.PositiveSmallIntegerField(editable=False)

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = ["family", "first", "length"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["first", "last"], name="%(class)s_axis")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="%(class)s_first_before_last"),
        ]

    def __str__(self) -> str:
        return self.prefix

    @property
    def network(self) -> Prefix:
        return known(self.prefix)


class AddressSpace(Range):
    """A part of the network that may be asked for. Without teams, by everybody who may ask at all."""

    teams = models.ManyToManyField(Team, blank=True, related_name="address_space")
    note = models.CharField(max_length=200, blank=True)

    objects = AxisQuerySet["AddressSpace"].as_manager()

    class Meta(Range.Meta):
        verbose_name_plural = "address space"

    def holding(self, mine: frozenset[int]) -> Holding:
        """For somebody of the teams `mine`."""
        teams = list(self.teams.all())
        usable = not teams or any(team.pk in mine for team in teams)
        return Holding(prefix=self.prefix, teams=tuple(team.name for team in teams), usable=usable)


class ProtectedPrefix(Range):
    """Addresses that a mitigation must not touch, or only after a closer look."""

    severity = models.CharField("what it does", max_length=6, choices=_SEVERITIES, default=Severity.BLOCK.value)
    reason = models.CharField(max_length=300)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="protected_prefixes")

    objects = AxisQuerySet["ProtectedPrefix"].as_manager()

    class Meta(Range.Meta):
        verbose_name_plural = "protected prefixes"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Range.Meta.constraints,
            models.CheckConstraint(
                condition=Q(severity__in=[value for value, _ in _SEVERITIES]), name="protected_severity_known"
            ),
        ]

    @property
    def protection(self) -> Protection:
        return Protection(
            prefix=self.prefix, severity=Severity(self.severity), reason=self.reason, owner=self.owner.username
        )


class Alarm(models.Model):
    """Something about a mitigation that somebody must deal with."""

    mitigation = models.ForeignKey(Mitigation, on_delete=models.PROTECT, related_name="alarms")
    code = models.CharField(max_length=30, default="protected")
    sentence = models.CharField(max_length=400)
    raised_at = models.DateTimeField()
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    note = models.TextField(max_length=2000, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(settled_by=None, settled_at=None)
                | (Q(settled_by__isnull=False, settled_at__isnull=False) & ~Q(note="")),
                name="alarm_settled_by_whom_when_and_why",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mitigation"], condition=Q(settled_at=None), name="alarm_open"),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def heading(self) -> str:
        return heading(self.code)

    @property
    def is_loudest(self) -> bool:
        """It was ordered to stop and still runs: nothing in the product is louder."""
        return self.code == Code.STOP_UNDELIVERED and self.mitigation.status == Status.ACTIVE

    @property
    def is_mended_by_hand(self) -> bool:
        """Whether somebody has to go to Kentik and stop it there."""
        return self.code in STOP_BY_HAND and (self.mitigation.status == Status.ACTIVE or self._outlived)

    @property
    def asks_for_a_stop(self) -> bool:
        """Whether it is about one that is in force and that stopping would mend."""
        return self.mitigation.status == Status.ACTIVE and (self.is_mended_by_hand or self.code == Code.FAILED_TO_START)

    @property
    def _outlived(self) -> bool:
        """It is over here, and Kentik still shows it."""
        sighting = getattr(self.mitigation, "sighting", None)
        return self.code == Code.STILL_LIVE and sighting is not None and sighting.occupies

    @property
    def has_evidence(self) -> bool:
        return self.code in WITH_EVIDENCE
