"""Signing off a period of the log, and countersigning what a signer did in it themselves. Both are events too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from accounts.authority import Actor, Deed, demand
from audit import chaining
from audit.ledger import recorded
from audit.models import Event, SignOff
from audit.refusal import Conflict, Forbidden, Objection, Unacceptable
from mitigations.policies import signing
from mitigations.policies.periods import Period
from mitigations.selectors import periods
from mitigations.selectors.periods import Extent
from mitigations.services import events
from mitigations.services.auditing.proving import unproven

# Whether the chain verifies from the first to the last of these events: what speaks against it, or None.
Proof: TypeAlias = Callable[[int, int], Objection | None]


def sign_off(
    *, period: Period, head: str, statement: str, name_open: bool, by: Actor, at: datetime, proof: Proof = unproven
) -> SignOff:
    """Sign off the period that comes next. `head` is the hash of its last event, as the signer saw it.

    The chain must have been verified up to there, says `proof`. `name_open`: what is still to be reviewed is
    named in it rather than in its way. Raises Conflict when the log has moved on, or this is not the next period.
    """
    with recorded(events.PERIOD_SIGNED_OFF, subject=periods.subject(period), by=by.author, at=at) as record:
        demand(by, Deed.SIGN_OFF)
        record.detail = {"note": statement}
        if not statement:
            raise Unacceptable([Objection(code="statement", sentence="Say in words what you sign.")])
        within = _next_extent(period, at=at)
        if flaw := proof(within.first, within.last):
            raise Conflict([flaw])
        sample, own_acts = periods.sample(within), periods.count_acts(by.author.key, within)
        # Under the log's lock nothing is added to the period any more, and nobody else signs.
        chaining.newest(Event)
        if _next_extent(period, at=at) != within or within.head != head:
            raise Conflict([_MOVED_ON])
        unreviewed = periods.unreviewed(within)
        if unreviewed and not name_open:
            raise Conflict([_to_review(len(unreviewed))])
        signed = SignOff.objects.create(
            kind=period.kind,
            starts_at=period.start,
            ends_at=period.end,
            first=within.first,
            last=within.last,
            head=within.head,
            signed_by=by.author.key,
            signed_by_name=by.username,
            signed_at=at,
            unreviewed=unreviewed,
            sample=sample,
            own_acts=own_acts,
        )
        record.facts = {
            "first": within.first,
            "last": within.last,
            "head": within.head,
            "own_acts": own_acts,
            "open": len(unreviewed),
            "unreviewed": list(unreviewed),
            "sample": list(sample),
        }
    return signed


def countersign(*, period: Period, by: Actor, note: str, at: datetime) -> SignOff:
    """Say that what the signer did in the period themselves was looked at by somebody else. Once."""
    with recorded(events.PERIOD_COUNTERSIGNED, subject=periods.subject(period), by=by.author, at=at) as record:
        demand(by, Deed.SIGN_OFF)
        record.detail = {"note": note}
        signed = SignOff.objects.select_for_update().filter(kind=period.kind, starts_at=period.start).first()
        if signed is None or not signed.awaits_countersign:
            raise Conflict([Objection(code="not-now", sentence="Nothing of this period waits for a countersign.")])
        if signed.signed_by == by.author.key:
            raise Forbidden([Objection(code="own", sentence="Nobody countersigns their own acts.")])
        if not note:
            raise Unacceptable([Objection(code="note", sentence="Say what you looked at.")])
        record.facts = {"own_acts": signed.own_acts, "signer": signed.signed_by_name}
        signed.countersigned_by, signed.countersigned_by_name = by.author.key, by.username
        signed.countersigned_at = at
        signed.save(update_fields=["countersigned_by", "countersigned_by_name", "countersigned_at"])
    return signed


def _next_extent(period: Period, *, at: datetime) -> Extent:
    """The events that a sign-off of this period is of. Raises Conflict when it cannot be signed now."""
    previous = periods.last_signed()
    unsigned_at = periods.unsigned_at(previous)
    if found := signing.objections(period, previous=previous, unsigned_at=unsigned_at, at=at):
        raise Conflict(found)
    within = periods.extent(period)
    assert within is not None, "the first event that nobody has signed off is in it"
    return within


def _to_review(count: int) -> Objection:
    sentence = (
        f"{count} {'is' if count == 1 else 'are'} still to be reviewed. Close them, or name them in the sign-off."
    )
    return Objection(code="to-review", sentence=sentence)


_MOVED_ON = Objection(code="moved-on", sentence="The log of this period is not what you saw. Look at it once more.")
