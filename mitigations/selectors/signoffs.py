"""The sign-offs of a time, as a report shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audit.models import Event, Outcome, SignOff
from mitigations.policies.periods import Period
from mitigations.selectors.periods import period_of, subject

_SIGNED_OFF = "period.signed-off"


@dataclass(frozen=True, kw_only=True)
class Line:
    """`statement` is empty when it was redacted. `countersign`: in words, how it stands with the signer's own acts."""

    period: str
    events: str
    signed_by: str
    signed_at: datetime
    head: str
    statement: str
    unreviewed: int
    countersign: str


def within(period: Period, *, limit: int = 100) -> list[Line]:
    """Those of periods that this one has a part in, oldest first."""
    rows = SignOff.objects.filter(starts_at__lt=period.end, ends_at__gt=period.start).order_by("first")[:limit]
    found = {subject(period_of(row)): row for row in rows}
    deeds = Event.objects.filter(deed=_SIGNED_OFF, outcome=Outcome.DONE, subject__in=found)
    said = {event.subject: str(event.details.get("note", "")) for event in deeds}
    return [_line(row, said.get(name, "")) for name, row in found.items()]


def _line(row: SignOff, statement: str) -> Line:
    return Line(
        period=period_of(row).words,
        events=f"{row.first} to {row.last}",
        signed_by=row.signed_by_name,
        signed_at=row.signed_at,
        head=row.head,
        statement=statement,
        unreviewed=len(row.unreviewed),
        countersign=_countersign(row),
    )


def _countersign(row: SignOff) -> str:
    if not row.own_acts:
        return "not needed"
    if row.awaits_countersign:
        return f"awaited, for {row.own_acts} acts of the signer"
    return f"by {row.countersigned_by_name}, for {row.own_acts} acts of the signer"
