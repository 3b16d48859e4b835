"""One mitigation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from audit.selectors import newest_of, story
from mitigations.policies import guardrails, plainly
from mitigations.policies.budget import Purpose
from mitigations.policies.lifecycle import Status
from mitigations.selectors import archivable, history, mitigations, observed, plan
from mitigations.selectors.approvers import awaited, lapsed, resolution_of
from mitigations.selectors.facts import findings_for
from mitigations.selectors.silence import silence
from mitigations.services.possible import possible
from mitigations.views import freshness, kentik
from mitigations.views.course import course
from mitigations.views.guard import needs

if TYPE_CHECKING:
    from mitigations.models import Mitigation

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
    order, alarms = mitigation.open_order, plan.alarms(mitigation)
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
        "turn": plainly.turn(mitigations.count_before(mitigation)) if mitigation.status == Status.APPROVED else "",
        "silence": silence(at=at) if moving or mitigation.status == Status.UNKNOWN else None,
        "alarms": kentik.told(alarms),
        "exchanges": grouped(mitigation),
        "accepted": _was_accepted(mitigation),
        "evidence": kentik.evidence(mitigation) if needs_evidence else None,
        **kentik.beside(mitigation, at=at),
        "may_ask": not may(request.actor, Deed.ASK),
        "may_settle": not may(request.actor, Deed.SETTLE_ALARM),
        "may_stop": not may(request.actor, Deed.STOP),
        "may_redact": not may(request.actor, Deed.ASK_REDACTION),
    }
    return render(request, "mitigations/detail.html", context)


def _was_accepted(mitigation: Mitigation) -> bool:
    """Whether Kentik said so, rather than somebody or Kentik's list; taken for granted where the calls are archived."""
    starts = [each for each in mitigation.exchanges.all() if each.purpose == Purpose.START]
    return not starts or not all(each.error for each in starts)


def grouped(mitigation: Mitigation) -> list[tuple[str, list[Any]]]:
    """Its exchanges with Kentik by what they were for."""
    rows = list(mitigation.exchanges.all())
    groups = [(words, [row for row in rows if row.purpose == purpose]) for purpose, words in _EXCHANGES.items()]
    return [(words, found) for words, found in groups if found]
