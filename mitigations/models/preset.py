from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from mitigations.models.catalogue import Pairing
from mitigations.policies.catalogue import MAX_MINUTES
from mitigations.policies.network import known
from mitigations.policies.presets import Recipe, TargetClass


class Preset(models.Model):
    """A request that is made often, but for its target: chosen, it fills the form. It frees nothing from judgement."""

    name = models.CharField(max_length=60, unique=True)
    target_class = models.CharField(
        max_length=10, choices=[(each.value, each.words) for each in TargetClass], default=TargetClass.ANY.value
    )
    inside = models.CharField(max_length=43, blank=True, help_text="The prefix that its targets lie in.")
    pairing = models.ForeignKey(Pairing, on_delete=models.PROTECT, related_name="presets")
    minutes = models.PositiveIntegerField(validators=[MaxValueValidator(MAX_MINUTES)])
    comment = models.CharField(max_length=200, blank=True)
    reason = models.TextField(max_length=2000, blank=True, help_text="What a good reason for it says, to be filled in.")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(target_class__in=[each.value for each in TargetClass]), name="preset_target_class_known"
            ),
            models.CheckConstraint(condition=Q(minutes__lte=MAX_MINUTES), name="preset_minutes_bounded"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def recipe(self) -> Recipe:
        return Recipe(
            name=self.name,
            kind=TargetClass(self.target_class),
            inside=known(self.inside) if self.inside else None,
            pairing_id=self.pairing_id,
            minutes=self.minutes,
            comment=self.comment,
            reason=self.reason,
        )
