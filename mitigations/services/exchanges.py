"""Keeping what was said to Kentik and what came back, whatever it was for."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from audit import chaining
from audit.canonical import Fact, time_text
from mitigations.kentik.messages import Finished, Outcome, ReadOutcome, Received, Sent
from mitigations.models import Exchange, Mitigation
from mitigations.policies.budget import Purpose

# A list is read every half minute; what mattered of it is kept as what was seen, so its text need not stay whole.
_KEPT_OF_READS = 4096
_WELL = frozenset({Outcome.ACCEPTED, ReadOutcome.READ})


def keep(call: Finished[Any], *, purpose: Purpose, attempt: UUID, mitigation: Mitigation | None = None) -> None:
    """One record of the call. Call it inside the transaction that records what follows from it."""
    received = call.received
    most = _KEPT_OF_READS if purpose is Purpose.READ else None
    _append(
        call.sent,
        received,
        most=most,
        purpose=purpose,
        attempt=attempt,
        mitigation=mitigation,
        started_at=call.started_at,
        duration_ms=call.duration_ms,
        outcome=call.outcome,
        credentials_refused=call.credentials,
        error="" if call.outcome in _WELL else call.sentence,
    )


def is_kept(call: Finished[Any], *, attempt: UUID) -> bool:
    """Whether this call was kept before: a commit can go through whose acknowledgement is lost."""
    return Exchange.objects.filter(started_at=call.started_at, attempt=attempt).exists()


def keep_lost(
    sent: Sent, *, purpose: Purpose, attempt: UUID, mitigation: Mitigation, started_at: datetime, sentence: str
) -> None:
    """One record of a call whose worker did not come back: what it was about to send, and that no answer is known."""
    _append(
        sent,
        None,
        purpose=purpose,
        attempt=attempt,
        mitigation=mitigation,
        started_at=started_at,
        duration_ms=None,
        outcome=Outcome.UNKNOWN,
        credentials_refused=False,
        error=sentence,
    )


def _append(
    sent: Sent,
    received: Received | None,
    *,
    purpose: Purpose,
    attempt: UUID,
    mitigation: Mitigation | None,
    started_at: datetime,
    duration_ms: int | None,
    outcome: Outcome | ReadOutcome,
    credentials_refused: bool,
    error: str,
    most: int | None = None,
) -> None:
    facts: dict[str, Fact] = {
        "mitigation": None if mitigation is None else mitigation.reference,
        "attempt": str(attempt),
        "purpose": purpose.value,
        "method": sent.method,
        "status": received.status if received else None,
        "response_cut": received is not None and (received.cut or len(received.body) > (most or len(received.body))),
        "started_at": time_text(started_at),
        "duration_ms": duration_ms,
        "outcome": outcome.value,
        "credentials_refused": credentials_refused,
    }
    texts: dict[str, Fact] = {
        "salt": secrets.token_hex(16),
        "url": sent.url,
        "request_headers": sent.headers,
        "request_body": sent.body,
        "response_headers": received.headers if received else "",
        "response_body": received.body[:most] if received else "",
        "error": error,
    }
    chaining.append(Exchange, facts, texts)
