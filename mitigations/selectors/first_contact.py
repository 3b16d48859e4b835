"""What a first mitigation on a real account has taught: read from its exchange and from what Kentik shows of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audit.models import Event
from mitigations.models import Exchange, Mitigation, Sighting
from mitigations.policies.lifecycle import FINAL, Status

_ACCEPTED, _REFUSED = "accepted", "refused"


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """How far it has come, in sentences. `is_running`: Kentik shows it, so it could be stopped."""

    mitigation: Mitigation
    exchange: Exchange | None
    sentences: tuple[str, ...]
    is_running: bool
    is_over: bool


def learnt(reference: str, *, spelling: str, matched: str) -> Learnt:
    """`spelling` is the one of the settings; `matched` the deed that tells when Kentik was first seen to show it."""
    mitigation = Mitigation.objects.select_related("pairing__platform", "pairing__method").referred(reference)
    exchange = mitigation.exchanges.filter(purpose="start").order_by("-pk").first()
    sighting: Sighting | None = getattr(mitigation, "sighting", None)
    said = [_status(mitigation)]
    if exchange is not None:
        said.append(_answer(exchange, spelling))
    if sighting is not None:
        said += _shown(mitigation, sighting, exchange, _first_seen_at(reference, matched))
    elif mitigation.status in {Status.ACTIVE, Status.UNKNOWN}:
        said.append("Kentik does not show it yet, or its mitigation API (V6) is off or closed.")
    return Learnt(
        mitigation=mitigation,
        exchange=exchange,
        sentences=tuple(said),
        is_running=sighting is not None and sighting.occupies and mitigation.status == Status.ACTIVE,
        is_over=mitigation.status in FINAL,
    )


def _status(mitigation: Mitigation) -> str:
    note = f" {mitigation.status_note}" if mitigation.status_note else ""
    if mitigation.status == Status.PENDING:
        note = f" {mitigation.rule}"
    return f"{mitigation.reference} is {mitigation.status}.{note}"


def _answer(exchange: Exchange, spelling: str) -> str:
    if exchange.outcome == _ACCEPTED:
        return f"Kentik took the {spelling} spelling of the fields. Whether it ignored one, what it shows will tell."
    if exchange.outcome == _REFUSED and exchange.status == 400:
        return (
            f"Kentik refused it. If that is about the name of a field, the {spelling} spelling is not the right one: "
            "set KENTIK_SPELLING to the other, start the worker anew, and begin again."
        )
    return exchange.error or f"The call came to: {exchange.outcome}."


def _shown(
    mitigation: Mitigation, sighting: Sighting, exchange: Exchange | None, first_seen_at: datetime | None
) -> list[str]:
    said = [f"Kentik shows it as {sighting.kentik_id}: {sighting.label}."]
    if exchange is not None and first_seen_at is not None:
        took = round((first_seen_at - exchange.started_at).total_seconds())
        said.append(f"It was found there {took} s after the POST left; the worker looks every 10 s.")
    said += [
        _compared("platform", mitigation.pairing.platform.kentik_id, sighting.platform_id),
        _compared("method", mitigation.pairing.method.kentik_id, sighting.method_id),
        _compared("comment", mitigation.marked_comment, sighting.comment),
        _compared("auto-stop", _minutes(mitigation.minutes or None), _minutes(sighting.auto_stop_minutes)),
    ]
    return said


def _compared(field: str, asked: str, shown: str) -> str:
    if asked == shown:
        return f"The {field} is as asked: {asked}."
    return f"The {field} is NOT as asked: {asked} was asked for, and Kentik shows {shown or 'none'}."


def _minutes(minutes: int | None) -> str:
    return "until stopped by hand" if minutes is None else f"{minutes} min"


def _first_seen_at(reference: str, matched: str) -> datetime | None:
    return Event.objects.filter(deed=matched, subject=reference).values_list("at", flat=True).first()
