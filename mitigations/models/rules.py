"""The rules of approval: published versions that stand for ever, and the one draft that is being worked on."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from mitigations.policies.rules import Rule, read_rules


class Rulebook(models.Model):
    """A published version, append-only. The newest is in force; without any, one approval is what a request needs."""

    number = models.PositiveIntegerField(primary_key=True)
    rules = models.JSONField()
    note = models.TextField(max_length=2000)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(number__gte=1), name="rulebook_numbered_from_one"),
            models.CheckConstraint(condition=~Q(note=""), name="rulebook_says_why"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"

    @property
    def parsed(self) -> tuple[Rule, ...]:
        return read_rules(self.rules)


class Draft(models.Model):
    """The rules as they may be one day: a single row. `revision` rises with each edit, so that two editors collide."""

    THE_ONE = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ONE)
    rules = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=0)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    edited_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_draft"),
        ]

    def __str__(self) -> str:
        return f"draft, revision {self.revision}"

    @property
    def parsed(self) -> tuple[Rule, ...]:
        return read_rules(self.rules)
