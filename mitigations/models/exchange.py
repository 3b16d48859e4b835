from __future__ import annotations

from typing import ClassVar

from django.db import models

from mitigations.models.mitigation import Mitigation


class Exchange(models.Model):
    """One HTTP request to Kentik and what came back, as sent and as received, credentials redacted. Append-only.

    A question about many, such as a list, is about no mitigation. Headers are kept as lines of "Name: value".
    `response_cut` says that the body kept is not the whole one. `duration_ms` is None when the worker did not live to
    see the end.
    """

    mitigation = models.ForeignKey(Mitigation, on_delete=models.PROTECT, null=True, related_name="exchanges")
    attempt = models.UUIDField()
    purpose = models.CharField(max_length=20)
    method = models.CharField(max_length=8)
    url = models.TextField()
    request_headers = models.TextField()
    request_body = models.TextField()
    status = models.PositiveSmallIntegerField(null=True)
    response_headers = models.TextField(blank=True)
    response_body = models.TextField(blank=True)
    response_cut = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField(null=True)
    outcome = models.CharField(max_length=10)
    credentials_refused = models.BooleanField(default=False)
    error = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["started_at"], name="exchange_started")]

    def __str__(self) -> str:
        return f"{self.method} {self.url} {self.status or self.outcome}"
