"""Keeping what was said to Kentik and what came back, whatever it was for."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from mitigations.kentik.messages import Finished, Outcome, ReadOutcome, Sent
from mitigations.models import Exchange, Mitigation
from mitigations.policies.budget import Purpose

# A list is read every half minute; what mattered of it is kept as what was seen, so its text need not stay whole.
_KEPT_OF_READS = 4096
_WELL = frozenset({Outcome.ACCEPTED, ReadOutcome.READ})


def keep(call: Finished[Any], *, purpose: Purpose, attempt: UUID, mitigation: Mitigation | None = None) -> None:
    """One row for the call. Call it inside the transaction that records what follows from it."""
    received = call.received
    body = received.body if received else ""
    most = _KEPT_OF_READS if purpose is Purpose.READ else len(body)
    Exchange.objects.create(
        mitigation=mitigation,
        attempt=attempt,
        purpose=purpose,
        status=received.status if received else None,
        response_headers=received.headers if received else "",
        response_body=body[:most],
        response_cut=received is not None and (received.cut or len(body) > most),
        started_at=call.started_at,
        duration_ms=call.duration_ms,
        outcome=call.outcome,
        credentials_refused=call.credentials,
        error="" if call.outcome in _WELL else call.sentence,
        **request_of(call.sent),
    )


def is_kept(call: Finished[Any], *, attempt: UUID) -> bool:
    """Whether this call was kept before: a commit can go through whose acknowledgement is lost."""
    return Exchange.objects.filter(started_at=call.started_at, attempt=attempt).exists()


def keep_lost(
    sent: Sent, *, purpose: Purpose, attempt: UUID, mitigation: Mitigation, started_at: datetime, sentence: str
) -> None:
    """One row for a call whose worker did not come back: what it was about to send, and that no answer is known."""
    Exchange.objects.create(
        mitigation=mitigation,
        attempt=attempt,
        purpose=purpose,
        started_at=started_at,
        outcome=Outcome.UNKNOWN,
        error=sentence,
        **request_of(sent),
    )


def request_of(sent: Sent) -> dict[str, str]:
    return {"method": sent.method, "url": sent.url, "request_headers": sent.headers, "request_body": sent.body}
