"""What goes to Kentik and what comes back, as plain values.

Source of the V5 call: Kentik's knowledge base, "Alerting APIs", Manual Mitigation Create (2025-08-15).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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


@dataclass(frozen=True, kw_only=True)
class Call:
    """One finished call. `sentence` says for a person what came of it; `credentials` that Kentik refused ours."""

    sent: Sent
    received: Received | None
    started_at: datetime
    duration_ms: int
    outcome: Outcome
    sentence: str
    credentials: bool = False
