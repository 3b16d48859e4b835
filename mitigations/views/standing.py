"""What already stands against a deed on some mitigations, before anybody presses its button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from accounts.authority import Actor, Deed, may
from audit.refusal import Objection
from mitigations.policies import lifecycle
from mitigations.policies.lifecycle import Status
from mitigations.selectors import kentik, observed
from mitigations.selectors.facts import teams_of
from mitigations.services import stopping

if TYPE_CHECKING:
    from mitigations.models import Mitigation


def against(
    mitigations: Sequence[Mitigation], deed: Deed, *, actor: Actor, at: datetime
) -> list[tuple[Objection, ...]]:
    """For each of them; none where the deed is possible. In one number of queries, however many they are.

    What the guardrails say is not asked here, and the service asks everything again.
    """
    particular = _PARTICULAR.get(deed, _nothing)(mitigations, actor, at)
    return [
        may(actor, deed, each) or lifecycle.objections(Status(each.status), deed) or particular(each)
        for each in mitigations
    ]


_Says = Callable[["Mitigation"], tuple[Objection, ...]]


def _nothing(mitigations: Sequence[Mitigation], actor: Actor, at: datetime) -> _Says:
    def says(each: Mitigation) -> tuple[Objection, ...]:
        return ()

    return says


def _to_approving(mitigations: Sequence[Mitigation], actor: Actor, at: datetime) -> _Says:
    counting, decided = {None, *teams_of({actor.id})[actor.id]}, _to_deciding(mitigations, actor, at)

    def says(each: Mitigation) -> tuple[Objection, ...]:
        if each.approving_team_id in counting:
            return decided(each)
        sentence = f"Only approvals by {each.approving_team} count for this request. You may still reject it."
        return (Objection(code="not-of-team", sentence=sentence),)

    return says


def _to_deciding(mitigations: Sequence[Mitigation], actor: Actor, at: datetime) -> _Says:
    def says(each: Mitigation) -> tuple[Objection, ...]:
        return (_DECIDED,) if any(one.decided_by_id == actor.id for one in each.decisions.all()) else ()

    return says


def _to_stopping(mitigations: Sequence[Mitigation], actor: Actor, at: datetime) -> _Says:
    stoppable, view = stopping.stoppable_of(mitigations, at=at), kentik.view()

    def says(each: Mitigation) -> tuple[Objection, ...]:
        if observed.is_being_stopped(each, at=at):
            return (_ORDERED,)
        return () if each.pk in stoppable else (stopping.why_not(each, view, at=at),)

    return says


_DECIDED = Objection(code="decided-already", sentence="You have decided on this request already.")
_ORDERED = Objection(code="ordered-already", sentence="It is being stopped already.")
_PARTICULAR = {Deed.APPROVE: _to_approving, Deed.REJECT: _to_deciding, Deed.STOP: _to_stopping}
