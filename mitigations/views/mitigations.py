"""One mitigation."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.authority import Actor, Deed, may
from accounts.middleware import ActorRequest
from audit.selectors import newest_of, story
from mitigations.policies import guardrails, lifecycle
from mitigations.policies.budget import Purpose
from mitigations.policies.lifecycle import Status
from mitigations.selectors import archivable, history, mitigations, observed, plan
from mitigations.selectors.approvers import awaited, is_of_its_team, lapsed, resolution_of
from mitigations.selectors.facts import findings_for
from mitigations.selectors.silence import silence
from mitigations.services import stopping
from mitigations.views import freshness, kentik
from mitigations.views.course import course
from mitigations.views.guard import needs

if TYPE_CHECKING:
    from mitigations.models import Mitigation

# The deeds of people on one mitigation, in the order of their buttons.
_BUTTONS = (
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
_EXCHANGES = {Purpose.START: "Starting it", Purpose.STOP: "Stopping it"}
MOVING = {Status.APPROVED, Status.SENDING}


@needs(Deed.VIEW)
@require_safe
def detail(request: ActorRequest, reference: str) -> HttpResponse:
    newest = f"{newest_of(reference)}{observed.mark(reference)}"
    if (answer := freshness.answer(request, newest=newest)) is not None:
        return answer
    mitigation, at = mitigations.one(reference), timezone.now()
    resolution, waiting = resolution_of(mitigation), mitigation.status == Status.PENDING
    findings = findings_for(mitigation, at=at) if waiting else ()
    order, alarms = observed.open_order(mitigation), plan.alarms(mitigation)
    moving = mitigation.status in MOVING or order is not None
    needs_evidence = mitigation.status == Status.UNKNOWN or any(alarm.has_evidence for alarm in alarms)
    context = {
        "mitigation": mitigation,
        "buttons": possible(request.actor, mitigation, at=at),
        "resolution": resolution,
        "lapsed": lapsed(mitigation, resolution),
        "course": course(mitigation, resolution),
        "awaited": awaited([mitigation])[mitigation.pk] if waiting else None,
        "findings": findings,
        "change": guardrails.change(mitigation.kept_findings, findings) if waiting else None,
        "others": history.others(mitigation, at=at),
        "companions": mitigations.has_companions(mitigation),
        "story": story(reference),
        "archive": archivable.before(mitigation.requested_at),
        "newest": newest,
        "order": order,
        "moving": moving,
        "silence": silence(at=at) if moving or mitigation.status == Status.UNKNOWN else None,
        "alarms": kentik.told(alarms),
        "exchanges": grouped(mitigation),
        "evidence": kentik.evidence(mitigation) if needs_evidence else None,
        **kentik.beside(mitigation, at=at),
        "may_ask": not may(request.actor, Deed.ASK),
        "may_settle": not may(request.actor, Deed.SETTLE_ALARM),
        "may_stop": not may(request.actor, Deed.STOP),
        "may_redact": not may(request.actor, Deed.ASK_REDACTION),
    }
    return render(request, "mitigations/detail.html", context)


def possible(actor: Actor, mitigation: Mitigation, *, at: datetime) -> list[Deed]:
    """What this person may do to it now: only these buttons are shown."""
    status = Status(mitigation.status)
    found = [
        deed
        for deed in _BUTTONS
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


def grouped(mitigation: Mitigation) -> list[tuple[str, list[Any]]]:
    """Its exchanges with Kentik by what they were for."""
    rows = list(mitigation.exchanges.all())
    groups = [(words, [row for row in rows if row.purpose == purpose]) for purpose, words in _EXCHANGES.items()]
    return [(words, found) for words, found in groups if found]
