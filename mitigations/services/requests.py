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
from mitigations.policies.approval import Requirement
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
    # The name of the preset that it started from.
    preset: str = ""

    @property
    def terms(self) -> Terms:
        return Terms(target=self.target, minutes=self.minutes)


def ask(*, wanted: Wanted, by: Actor, at: datetime) -> Mitigation:
    """Record a request, which then waits for as many approvals as its rule says; with none it is sent at once.

    Raises Forbidden, or Unacceptable with every guardrail that blocks it, or when nobody could ever approve it. Two
    requests for one target in the same instant: the database lets one pass, and the other is told.
    """
    with recorded(events.ASKED, subject=wanted.target.text, by=by.author, at=at) as record:
        return ask_within(record, wanted=wanted, by=by, at=at)


def ask_within(record: Record, *, wanted: Wanted, by: Actor, at: datetime) -> Mitigation:
    """The same inside the transaction of whoever has more to write with it."""
    pairing = Pairing.objects.select_related("platform", "method").get(pk=wanted.pairing_id)
    record.facts, record.detail = facts_of(wanted, pairing), detail_of(wanted)
    demand(by, Deed.ASK)
    judgement = judge(pairing, wanted.terms, by=by, at=at)
    if objections := objections_to([judgement], by=by):
        raise Unacceptable(objections)
    mitigation = create(wanted, judgement, by=by, at=at)
    record.subject = mitigation.reference
    record.facts |= outcome_of(mitigation, judgement)
    return mitigation


def judge(pairing: Pairing, terms: Terms, *, by: Actor, at: datetime) -> Judgement:
    """What speaks against it, and what it would need, without asking anybody."""
    case = Case(pairing=pairing, terms=terms, requester=by.id, by_a_source=bool(by.source))
    return rules.judge([case], at=at)[0]


def objections_to(judgements: Sequence[Judgement], *, by: Actor) -> tuple[Objection, ...]:
    """Why requests that are judged so cannot be made: what blocks any of them, or approvals that nobody could give.

    Whoever may break the glass may ask all the same.
    """
    if blocked := [finding for each in judgements for finding in guardrails.blocks(each.findings)]:
        return tuple(blocked)
    if not may(by, Deed.BREAK_GLASS):
        return ()
    asked_for = dict.fromkeys(each.requirement for each in judgements)
    return tuple(_beyond_reach(each) for each in asked_for if is_beyond_reach(each, requester=by))


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
        demand(by, Deed.WITHDRAW, mitigation)
        if mitigation.status == Status.WITHDRAWN:
            raise Conflict([Objection(code="withdrawn-already", sentence="It was withdrawn already.")])
        moves.permit(by, Deed.WITHDRAW, mitigation)
        moves.move(mitigation, Deed.WITHDRAW, Status.WITHDRAWN, at=at, note=note)
    return mitigation


def create(
    wanted: Wanted, judgement: Judgement, *, by: Actor, at: datetime, asked_with: Mitigation | None = None
) -> Mitigation:
    """Write the row, inside the transaction of whoever judged it. Raises Conflict."""
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


def facts_of(wanted: Wanted, pairing: Pairing) -> dict[str, Fact]:
    """What the event of a request tells of what was asked for."""
    facts: dict[str, Fact] = {
        "target": wanted.target.text,
        "pairing": str(pairing),
        "platform_id": pairing.platform.kentik_id,
        "method_id": pairing.method.kentik_id,
        "minutes": wanted.minutes,
    }
    return {**facts, "preset": wanted.preset} if wanted.preset else facts


def detail_of(wanted: Wanted) -> dict[str, Fact]:
    return {"note": wanted.reason, "comment": wanted.comment, "ticket": wanted.ticket}


def outcome_of(mitigation: Mitigation, judgement: Judgement) -> dict[str, Fact]:
    """What the event of a request tells of what it needs."""
    return {
        "rule": mitigation.rule,
        "rulebook": mitigation.rulebook,
        "needed": mitigation.approvals_needed,
        "status": mitigation.status,
        "findings": [finding.code for finding in judgement.findings],
    }


def _beyond_reach(requirement: Requirement) -> Objection:
    sentence = f"{requirement.sentence} There are not that many besides you: nobody could agree to it."
    return Objection(code="beyond-reach", sentence=sentence)
