"""Asking for a mitigation, and taking the request back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError

from accounts.authority import Actor, Deed, demand
from audit.ledger import recorded
from audit.refusal import Conflict, Objection, Unacceptable
from mitigations.kentik.messages import StartMitigation
from mitigations.models import Mitigation, Pairing
from mitigations.models.axis import place
from mitigations.policies import approval, guardrails
from mitigations.policies.guardrails import Finding, Terms
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import Prefix
from mitigations.selectors.facts import facts_for
from mitigations.services import events, moves


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody asks for. `minutes` 0 means: until stopped by hand."""

    target: Prefix
    pairing_id: int
    minutes: int
    comment: str
    reason: str
    ticket: str = ""
    # The name of the preset that it started from.
    preset: str = ""


def ask(*, wanted: Wanted, by: Actor, at: datetime) -> Mitigation:
    """Record a request, which then waits for approval.

    Raises Forbidden, or Unacceptable with every guardrail that blocks it. Two requests for one target in the same
    instant: the database lets one pass, and the other is told.
    """
    with recorded(events.ASKED, subject=wanted.target.text, by=by.author, at=at) as record:
        pairing = Pairing.objects.select_related("platform", "method").get(pk=wanted.pairing_id)
        record.facts = {
            "target": wanted.target.text,
            "pairing": str(pairing),
            "platform_id": pairing.platform.kentik_id,
            "method_id": pairing.method.kentik_id,
            "minutes": wanted.minutes,
        }
        if wanted.preset:
            record.facts |= {"preset": wanted.preset}
        record.detail = {"note": wanted.reason, "comment": wanted.comment, "ticket": wanted.ticket}
        demand(by, Deed.ASK)
        findings = judge(pairing, Terms(target=wanted.target, minutes=wanted.minutes), by=by)
        if blocked := guardrails.blocks(findings):
            raise Unacceptable(blocked)
        mitigation = _create(wanted, by=by, at=at)
        record.subject = mitigation.reference
        record.facts |= {"rule": mitigation.rule, "findings": [finding.code for finding in findings]}
    return mitigation


def judge(pairing: Pairing, terms: Terms, *, by: Actor) -> tuple[Finding, ...]:
    return guardrails.judge(terms, facts_for(pairing, terms.target, requester=by.id))


def preview_message(wanted: Wanted, pairing: Pairing) -> StartMitigation:
    """What Kentik would get. The reference exists only once it is asked for, so the mark shows its place."""
    return StartMitigation(
        ip_cidr=wanted.target.text,
        comment=f"[MIT-…] {wanted.comment}".strip(),
        platform_id=pairing.platform.kentik_id,
        method_id=pairing.method.kentik_id,
        minutes=wanted.minutes,
    )


def withdraw(*, reference: str, by: Actor, note: str, at: datetime) -> Mitigation:
    """Take an own request back before anything was sent."""
    with recorded(events.WITHDRAWN, subject=reference, by=by.author, at=at) as record:
        mitigation = moves.locked(reference)
        record.detail = {"note": note}
        moves.permit(by, Deed.WITHDRAW, mitigation)
        moves.move(mitigation, Deed.WITHDRAW, Status.WITHDRAWN, at=at, note=note)
    return mitigation


def _create(wanted: Wanted, *, by: Actor, at: datetime) -> Mitigation:
    assert by.id is not None, "only people ask"
    requirement = approval.STANDARD
    target = wanted.target
    try:
        return Mitigation.objects.create(
            target=target.text,
            **place(target),
            pairing_id=wanted.pairing_id,
            minutes=wanted.minutes,
            comment=wanted.comment,
            reason=wanted.reason,
            ticket=wanted.ticket,
            approvals_needed=requirement.approvals,
            rule=requirement.sentence,
            requested_by_id=by.id,
            requested_at=at,
            waits_until=at + requirement.waits,
        )
    except IntegrityError as error:
        sentence = f"Somebody asked for {target.text} in the same moment."
        raise Conflict([Objection(code="duplicate", sentence=sentence)]) from error
