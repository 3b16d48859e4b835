"""Asking for a mitigation, and taking the request back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError

from accounts.authority import Actor, Deed, demand, may
from audit.canonical import Fact
from audit.ledger import Record, recorded
from audit.refusal import Conflict, Objection, Unacceptable
from mitigations.kentik.messages import StartMitigation
from mitigations.models import Mitigation, Pairing
from mitigations.models.axis import place
from mitigations.policies import guardrails
from mitigations.policies.guardrails import Terms
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import Prefix
from mitigations.selectors import rules
from mitigations.selectors.approvers import is_beyond_reach
from mitigations.selectors.facts import Case
from mitigations.selectors.rules import Judgement
from mitigations.services import doorbell, events, moves


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody asks for. `minutes` 0 means: until stopped by hand."""

    target: Prefix
    pairing_id: int
    minutes: int
    comment: str
    reason: str
    ticket: str = ""

    @property
    def terms(self) -> Terms:
        return Terms(target=self.target, minutes=self.minutes)


def ask(*, wanted: Wanted, by: Actor, at: datetime) -> Mitigation:
    """Record a request, which then waits for as many approvals as its rule says; with none it is sent at once.

    Raises Forbidden, or Unacceptable with every guardrail that blocks it, or when nobody could ever approve it. Two
    requests for one target in the same instant: the database lets one pass, and the other is told.
    """
    with recorded(events.ASKED, subject=wanted.target.text, by=by.author, at=at) as record:
        pairing = Pairing.objects.select_related("platform", "method").get(pk=wanted.pairing_id)
        record.facts, record.detail = _facts(wanted, pairing), _detail(wanted)
        demand(by, Deed.ASK)
        judgement = judge(pairing, wanted.terms, by=by, at=at)
        if objections := objections_to(judgement, by=by):
            raise Unacceptable(objections)
        mitigation = _create(wanted, judgement, by=by, at=at)
        _keep(record, mitigation, judgement)
    return mitigation


def judge(pairing: Pairing, terms: Terms, *, by: Actor, at: datetime) -> Judgement:
    """What speaks against it, and what it would need, without asking anybody."""
    return rules.judge([Case(pairing=pairing, terms=terms, requester=by.id)], at=at)[0]


def objections_to(judgement: Judgement, *, by: Actor) -> Sequence[Objection]:
    """Why a request that is judged so cannot be made: every guardrail that blocks, or approvals that nobody could give.

    Whoever may break the glass may ask all the same.
    """
    if blocked := guardrails.blocks(judgement.findings):
        return blocked
    if is_beyond_reach(judgement.requirement, requester=by) and may(by, Deed.BREAK_GLASS):
        sentence = f"{judgement.requirement.sentence} There are not that many besides you: nobody could agree to it."
        return (Objection(code="beyond-reach", sentence=sentence),)
    return ()


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


def _create(
    wanted: Wanted, judgement: Judgement, *, by: Actor, at: datetime, asked_with: Mitigation | None = None
) -> Mitigation:
    assert by.id is not None, "only people ask"
    requirement, target = judgement.requirement, wanted.target
    try:
        mitigation = Mitigation.objects.create(
            target=target.text,
            **place(target),
            pairing_id=wanted.pairing_id,
            minutes=wanted.minutes,
            comment=wanted.comment,
            reason=wanted.reason,
            ticket=wanted.ticket,
            approvals_needed=requirement.approvals,
            approving_team_id=requirement.team,
            rule=requirement.sentence,
            rulebook=judgement.rulebook,
            findings_when_asked=[finding.as_kept() for finding in judgement.findings],
            asked_with=asked_with,
            requested_by_id=by.id,
            requested_at=at,
            waits_until=at + requirement.waits,
        )
    except IntegrityError as error:
        sentence = f"Somebody asked for {target.text} in the same moment."
        raise Conflict([Objection(code="duplicate", sentence=sentence)]) from error
    if not requirement.approvals:
        mitigation.approved_at = at
        moves.move(mitigation, Deed.ASK, Status.APPROVED, at=at)
        doorbell.ring()
    return mitigation


def _facts(wanted: Wanted, pairing: Pairing) -> dict[str, Fact]:
    return {
        "target": wanted.target.text,
        "pairing": str(pairing),
        "platform_id": pairing.platform.kentik_id,
        "method_id": pairing.method.kentik_id,
        "minutes": wanted.minutes,
    }


def _detail(wanted: Wanted) -> dict[str, Fact]:
    return {"note": wanted.reason, "comment": wanted.comment, "ticket": wanted.ticket}


def _keep(record: Record, mitigation: Mitigation, judgement: Judgement) -> None:
    record.subject = mitigation.reference
    record.facts |= {
        "rule": mitigation.rule,
        "rulebook": mitigation.rulebook,
        "needed": mitigation.approvals_needed,
        "status": mitigation.status,
        "findings": [finding.code for finding in judgement.findings],
    }
