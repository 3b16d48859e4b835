"""Calling the API as a program does."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client

BASE = "/api/v1"


@dataclass
class Answer:
    raw: HttpResponse

    @property
    def status(self) -> int:
        return self.raw.status_code

    @property
    def headers(self) -> Any:
        return self.raw.headers

    @property
    def body(self) -> Any:
        return json.loads(self.raw.content) if self.raw.content else None

    @property
    def codes(self) -> list[str]:
        """Of the findings of a problem."""
        return [each["code"] for each in self.body["findings"]]


@dataclass
class Caller:
    """`token`: empty for a stranger."""

    token: str = ""
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Answer:
        return Answer(self.client.get(BASE + path, query, headers=self._headers(headers)))

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, b"{}" if body is None else json.dumps(body).encode(), **headers)

    def send(
        self, method: str, path: str, body: bytes = b"", *, kind: str = "application/json", **headers: str
    ) -> Answer:
        raw = self.client.generic(method, BASE + path, body, kind, headers=self._headers(headers))
        return Answer(raw)

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.token}", **named} if self.token else named


def terms(row: Any, /, **values: Any) -> dict[str, Any]:
    """What is asked for on this pairing."""
    reason = "UDP flood since 02:50, the shop is down."
    return {"target": "203.0.113.7", "pairing": row.pk, "reason": reason, **values}
