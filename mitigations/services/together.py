"""Many targets at once: asked for all or none of them, one request each; what follows is done to each for itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from accounts.authority import Actor, Deed, demand
from audit.ledger import Record, recorded
from audit.refusal import Objection, Refused, Unacceptable
from mitigations.models import Mitigation, Pairing
from mitigations.policies.guardrails import Neighbour
from mitigations.policies.many import overlaps
from mitigations.selectors import rules, waiting
from mitigations.selectors.facts import TOGETHER, Case
from mitigations.selectors.rules import Judgement
from mitigations.services import approvals, events
from mitigations.services.requests import Wanted, create, detail_of, facts_of, objections_to, outcome_of

# What a deed is refused with that the same person has done just before.
_ALREADY = frozenset({"decided-already", "ordered-already", "withdrawn-already"})


@dataclass(frozen=True, kw_only=True)
class Undone:
    """One that a deed on many did not reach, and why."""

    reference: str
    objections: tuple[Objection, ...]

    @property
    def was_done_already(self) -> bool:
        """So whoever pressed twice need not be alarmed."""
        return any(objection.code in _ALREADY for objection in self.objections)


def judge_all(wanted: Sequence[Wanted], *, by: Actor, at: datetime) -> list[Judgement]:
    """Each as if it were asked for alone, and besides that the others of the list which it overlaps."""
    pairings = Pairing.objects.select_related("platform", "method").in_bulk({each.pairing_id for each in wanted})
    cases = [Case(pairing=pairings[each.pairing_id], terms=each.terms, requester=by.id) for each in wanted]
    meeting = overlaps({index: case.wide for index, case in enumerate(cases)})
    return rules.judge(
        [
            replace(case, together=tuple(_beside(cases[other]) for other in sorted(meeting.get(index, ()))))
            for index, case in enumerate(cases)
        ],
        at=at,
    )


def ask_all(*, wanted: Sequence[Wanted], by: Actor, at: datetime) -> list[Mitigation]:
    """Make one request for each, on one pairing, in one transaction. The first is what the others are asked with.

    Raises as `requests.ask` does, with what stands against any of them; then none is made.
    """
    with recorded(events.ASKED_TOGETHER, subject=f"{len(wanted)} targets", by=by.author, at=at) as record:
        record.facts = {"count": len(wanted), "targets": [each.target.text for each in wanted]}
        record.detail = {"note": wanted[0].reason}
        demand(by, Deed.ASK)
        judgements = judge_all(wanted, by=by, at=at)
        if objections := objections_to(judgements, by=by):
            raise Unacceptable(objections)
        pairing = Pairing.objects.select_related("platform", "method").get(pk=wanted[0].pairing_id)
        made: list[Mitigation] = []
        for each, judgement in zip(wanted, judgements, strict=True):
            mitigation = create(each, judgement, by=by, at=at, asked_with=made[0] if made else None)
            made.append(mitigation)
            record.more.append(_own_event(each, mitigation, judgement, pairing, by=by, at=at))
        record.subject = made[0].reference
    return made


def asked_already(*, wanted: Sequence[Wanted], by: Actor) -> list[Mitigation]:
    """What this person asked for in these very words, if all of it is still open: whoever presses twice meets it.

    With another word it is another request, and those words would be lost if they were sent to the first.
    """
    first = wanted[0]
    found = Mitigation.objects.open().filter(
        target__in=[each.target.text for each in wanted],
        requested_by_id=by.id,
        pairing_id=first.pairing_id,
        minutes=first.minutes,
        reason=first.reason,
        comment=first.comment,
        ticket=first.ticket,
    )
    made = list(found.order_by("pk"))
    at_once = len({each.lead for each in made}) == 1
    return made if at_once and len(made) == len(wanted) else []


def do_all(act: Callable[..., Any], *, references: Sequence[str], by: Actor, at: datetime, **said: Any) -> list[Undone]:
    """Do one deed to each, by the service for a single one, in a transaction and with an event of its own.

    Gives back those that it did not reach. `said`: what the deed asks for besides, such as a note.
    """
    missed: list[Undone] = []
    for reference in references:
        try:
            act(reference=reference, by=by, at=at, **said)
        except Refused as refusal:
            missed.append(Undone(reference=reference, objections=refusal.objections))
    return missed


def approving(references: Sequence[str], *, shown: str, at: datetime) -> Callable[..., Any]:
    """Approving each of these, unless something else speaks against it than its page had, whose words `shown` are.

    All are looked at before any is approved: what overlaps another of them reads otherwise once that one is.
    """
    outdated = waiting.outdated(shown, of=references, at=at)

    def approve(*, reference: str, **said: Any) -> Any:
        return approvals.approve(reference=reference, shown=outdated.get(reference, ""), **said)

    return approve


def _beside(case: Case) -> Neighbour:
    return Neighbour(reference="", target=case.target.text, status=TOGETHER)


def _own_event(
    wanted: Wanted, mitigation: Mitigation, judgement: Judgement, pairing: Pairing, *, by: Actor, at: datetime
) -> Record:
    facts = {**facts_of(wanted, pairing), **outcome_of(mitigation, judgement)}
    return Record(
        deed=events.ASKED,
        subject=mitigation.reference,
        by=by.author,
        at=at,
        facts=facts,
        detail=detail_of(wanted),
    )
