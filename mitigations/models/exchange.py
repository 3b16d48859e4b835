from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import models

from audit.models import Link
from mitigations.models.mitigation import Mitigation


class Exchange(Link):
    """One HTTP request to Kentik and what came back, as sent and as received, credentials redacted. A chained log.

    A question about many, such as a list, is about no mitigation. Headers are kept as lines of "Name: value".
    `response_cut` says that the body kept is not the whole one. `duration_ms` is None when the worker did not live to
    see the end. The texts are empty once they are redacted.
    """

    LOG = "exchanges"
    LOCK = 0x6B72_6561_6B77_6175

    mitigation = models.ForeignKey(Mitigation, on_delete=models.PROTECT, null=True, related_name="exchanges")
    attempt = models.UUIDField()
    purpose = models.CharField(max_length=20)
    method = models.CharField(max_length=8)
    status = models.PositiveSmallIntegerField(null=True)
    response_cut = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField(null=True)
    outcome = models.CharField(max_length=10)
    credentials_refused = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["started_at"], name="exchange_started")]

    def __str__(self) -> str:
        return f"{self.method} {self.url} {self.status or self.outcome}"

    @classmethod
    def columns(cls, body: Mapping[str, Any], _detail: Mapping[str, Any]) -> dict[str, Any]:
        plain = ("purpose", "method", "status", "response_cut", "duration_ms", "outcome", "credentials_refused")
        reference = body["mitigation"]
        return {
            **{name: body[name] for name in plain},
            "mitigation_id": None if reference is None else int(reference.removeprefix("MIT-")),
            "attempt": UUID(body["attempt"]),
            "started_at": datetime.fromisoformat(body["started_at"]),
        }

    @property
    def url(self) -> str:
        return self._text("url")

    @property
    def request_headers(self) -> str:
        return self._text("request_headers")

    @property
    def request_body(self) -> str:
        return self._text("request_body")

    @property
    def response_headers(self) -> str:
        return self._text("response_headers")

    @property
    def response_body(self) -> str:
        return self._text("response_body")

    @property
    def error(self) -> str:
        """Why it did not come to what was wanted, in a sentence; empty when it did."""
        return self._text("error")

    def _text(self, name: str) -> str:
        return str(self.details.get(name, ""))
