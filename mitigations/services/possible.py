"""What somebody may do to a mitigation now: the buttons of its page, and what the API offers."""

from __future__ import annotations

from datetime import datetime

from accounts.authority import Actor, Deed, may
from mitigations.models import Mitigation
from mitigations.policies import lifecycle
from mitigations.policies.lifecycle import Status
from mitigations.selectors import observed
from mitigations.selectors.approvers import is_of_its_team
from mitigations.services import stopping

# The deeds of people on one mitigation, in the order of their buttons.
_DEEDS = (
    Deed.APPROVE,
    Deed.REJECT,
    Deed.SETTLE,
    Deed.IDENTIFY,
    Deed.STOP,
    Deed.RECORD_STOP,
    Deed.WITHDRAW,
    Deed.BREAK_GLASS,
)
# One alone the worker takes by itself.
_SEVERAL = 2


def possible(actor: Actor, mitigation: Mitigation, *, at: datetime) -> list[Deed]:
    """What this person may do to it now, and what would not be pointless."""
    status = Status(mitigation.status)
    found = [
        deed
        for deed in _DEEDS
        if not may(actor, deed, mitigation)
        and not lifecycle.objections(status, deed)
        and not _is_pointless(actor, deed, mitigation, at)
    ]
    broken = mitigation.broken_glass
    unreviewed = broken is not None and broken.reviewed_at is None
    return [Deed.REVIEW_GLASS, *found] if unreviewed and not may(actor, Deed.REVIEW_GLASS, mitigation) else found


def _is_pointless(actor: Actor, deed: Deed, mitigation: Mitigation, at: datetime) -> bool:
    """Nobody decides twice, gives an approval that would not count, or breaks the same glass again; and who can have
    it stopped need not stop it in Kentik and record that."""
    match deed:
        case Deed.APPROVE:
            return _has_decided(actor, mitigation) or not is_of_its_team(actor, mitigation)
        case Deed.REJECT:
            return _has_decided(actor, mitigation)
        case Deed.BREAK_GLASS:
            return mitigation.broken_glass is not None
        case Deed.STOP:
            return not _can_be_stopped(mitigation, at)
        case Deed.RECORD_STOP:
            return _can_be_stopped(mitigation, at)
        case Deed.IDENTIFY:
            return hasattr(mitigation, "sighting") or len(observed.candidates(mitigation)) < _SEVERAL
    return False


def _has_decided(actor: Actor, mitigation: Mitigation) -> bool:
    return any(decision.decided_by_id == actor.id for decision in mitigation.decisions.all())


def _can_be_stopped(mitigation: Mitigation, at: datetime) -> bool:
    return not observed.is_being_stopped(mitigation, at=at) and stopping.stoppable(mitigation, at=at) is not None
