from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class SavedList(models.Model):
    """A list of mitigations under a name. `query` is what stands in its address, as the form that reads it wrote it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)
    shared = models.BooleanField(default=False, help_text="Everybody sees it.")
    saved_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_list_named_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["name"], condition=models.Q(shared=True), name="saved_list_shared"),
        ]

    def __str__(self) -> str:
        return self.name
