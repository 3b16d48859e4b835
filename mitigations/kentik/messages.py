"""What goes to Kentik and what comes back, as plain values.

Source of the V5 call: Kentik's knowledge base, "Alerting APIs", Manual Mitigation Create (2025-08-15).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, Self, TypeVar

AnyOutcome = TypeVar("AnyOutcome")
MANUAL_MITIGATE = "/api/v5/alerts/manual-mitigate"


class Spelling(StrEnum):
    """How the fields are spelled.

    Kentik's page and its SDKs differ in two of them, and its release notes of September 2025 mention a fix of these
    names; only a live account can tell. A person switches it, the client never tries the other.
    """

    DOCUMENTED = "documented"
    SDK = "sdk"


_FIELDS = {
    Spelling.DOCUMENTED: ("ipCidr", "Comment", "platformID", "methodId", "minutesBeforeAutoStop"),
    Spelling.SDK: ("ipCidr", "comment", "platformID", "methodID", "minutesBeforeAutoStop"),
}


@dataclass(frozen=True, kw_only=True)
class StartMitigation:
    """A manual mitigation to start. IDs are Kentik's, strings of digits; `minutes` 0 runs until stopped by hand."""

    ip_cidr: str
    comment: str
    platform_id: str
    method_id: str
    minutes: int

    def body(self, spelling: Spelling) -> str:
        """The JSON as it goes over the wire: five strings, flat, in the documented order."""
        values = (self.ip_cidr, self.comment, self.platform_id, self.method_id, str(self.minutes))
        return json.dumps(dict(zip(_FIELDS[spelling], values, strict=True)), separators=(",", ":"))


class Outcome(StrEnum):
    """What one call came to, by what may be done next."""

    NOT_SENT = "not-sent"  # provably never left: may be tried again
    ACCEPTED = "accepted"  # Kentik said OK: accepted, not yet in force
    REFUSED = "refused"  # Kentik said no
    THROTTLED = "throttled"  # 429: refused, and the lane must wait
    UNKNOWN = "unknown"  # it may or may not have happened: never sent again


class ReadOutcome(StrEnum):
    """What a question came to, by what may be done next."""

    READ = "read"  # there is an answer, and it made sense
    ABSENT = "absent"  # 404 to the question for one ID: no such one, or no V6 at all; the list tells which
    REFUSED = "refused"  # 401, 403, 404: V6 is not for us
    THROTTLED = "throttled"  # 429: the lane must wait
    FAILED = "failed"  # anything else: ask again later


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request as it left, credentials redacted. Headers are lines of "Name: value"."""

    method: str
    url: str
    headers: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Received:
    """A response as it came, credentials redacted. `cut` says that the body is not all that Kentik sent."""

    status: int
    headers: str
    body: str
    cut: bool


class Fate(StrEnum):
    """How far an exchange came, whatever was said in it."""

    ANSWERED = "answered"
    BROKE_OFF = "broke-off"  # a status came, and not all of the body
    LOST = "lost"  # it may have arrived, and no status came
    NOT_SENT = "not-sent"  # provably never left


@dataclass(frozen=True, kw_only=True)
class Raw:
    """One exchange that nobody has judged yet.

    `text` is the body as far as it was read, redacted, and may be more than `received` keeps. `trouble` is the sentence
    for any fate but ANSWERED. `retry_after` and `server_at` are what the headers Retry-After and Date say.
    """

    sent: Sent
    received: Received | None
    text: str
    fate: Fate
    trouble: str
    started_at: datetime
    duration_ms: int
    retry_after: timedelta | None = None
    server_at: datetime | None = None

    @property
    def status(self) -> int | None:
        return self.received.status if self.received else None


@dataclass(frozen=True, kw_only=True)
class Finished(Generic[AnyOutcome]):
    """One finished call. `sentence` says for a person what came of it; `credentials` that Kentik refused ours.

    `retry_after` is how long Kentik asks to wait, ten minutes at most; `server_at` is the time by Kentik's clock when
    it answered. Both are None when its headers do not tell.
    """

    sent: Sent
    received: Received | None
    started_at: datetime
    duration_ms: int
    outcome: AnyOutcome
    sentence: str
    credentials: bool = False
    retry_after: timedelta | None = None
    server_at: datetime | None = None

    @classmethod
    def of(cls, raw: Raw, *, outcome: AnyOutcome, sentence: str) -> Self:
        return cls(
            sent=raw.sent,
            received=raw.received,
            started_at=raw.started_at,
            duration_ms=raw.duration_ms,
            outcome=outcome,
            sentence=sentence,
            credentials=raw.status is not None and is_about_credentials(raw.status),
            retry_after=raw.retry_after,
            server_at=raw.server_at,
        )


class Call(Finished[Outcome]):
    """A finished call that asked Kentik to do something."""


class ReadCall(Finished[ReadOutcome]):
    """A finished call that only asked. It may be made again at any time."""


def is_about_credentials(status: int) -> bool:
    """Whether Kentik refuses who asks rather than what is asked."""
    return status in {401, 403}
