"""The list, and one mitigation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.authority import Actor, Deed, may
from accounts.middleware import ActorRequest
from audit.selectors import newest_of, story
from mitigations.forms.mitigation import FilterForm
from mitigations.policies import guardrails, lifecycle
from mitigations.policies.lifecycle import Status
from mitigations.selectors import mitigations, plan
from mitigations.selectors.approvers import is_of_its_team, resolution_of
from mitigations.selectors.facts import findings_for
from mitigations.selectors.mitigations import Filter, Page
from mitigations.views import freshness
from mitigations.views.guard import needs

if TYPE_CHECKING:
    from mitigations.models import Mitigation

# The deeds of people on one mitigation, in the order of their buttons.
_BUTTONS = (Deed.APPROVE, Deed.REJECT, Deed.SETTLE, Deed.RECORD_STOP, Deed.WITHDRAW, Deed.BREAK_GLASS)
MOVING = {Status.APPROVED, Status.SENDING}


@needs(Deed.VIEW)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    page = Page(rows=[], newer=None, older=None)
    if form.is_valid():
        data = form.cleaned_data
        page = mitigations.page(form.filter, before=data["before"], after=data["after"])
    context = {"form": form, "page": page, "filtered": form.is_valid() and form.filter != Filter()}
    return render(request, "mitigations/list.html", context, status=200 if form.is_valid() else 422)


@needs(Deed.VIEW)
@require_safe
def detail(request: ActorRequest, reference: str) -> HttpResponse:
    newest = newest_of(reference)
    if (answer := freshness.answer(request, newest=newest)) is not None:
        return answer
    mitigation = mitigations.one(reference)
    waiting = mitigation.status == Status.PENDING
    findings = findings_for(mitigation, at=timezone.now()) if waiting else ()
    context = {
        "mitigation": mitigation,
        "buttons": possible(request.actor, mitigation),
        "resolution": resolution_of(mitigation),
        "findings": findings,
        "change": guardrails.change(mitigation.kept_findings, findings) if waiting else None,
        "companions": mitigations.has_companions(mitigation),
        "story": story(reference),
        "newest": newest,
        "moving": mitigation.status in MOVING,
        "alarms": plan.alarms(mitigation),
        "may_ask": not may(request.actor, Deed.ASK),
        "may_settle": not may(request.actor, Deed.SETTLE_ALARM),
    }
    return render(request, "mitigations/detail.html", context)


def possible(actor: Actor, mitigation: Mitigation) -> list[Deed]:
    """What this person may do to it now: only these buttons are shown."""
    status = Status(mitigation.status)
    found = [
        deed
        for deed in _BUTTONS
        if not may(actor, deed, mitigation)
        and not lifecycle.objections(status, deed)
        and not _is_pointless(actor, deed, mitigation)
    ]
    broken = mitigation.broken_glass
    unreviewed = broken is not None and broken.reviewed_at is None
    return [Deed.REVIEW_GLASS, *found] if unreviewed and not may(actor, Deed.REVIEW_GLASS, mitigation) else found


def _is_pointless(actor: Actor, deed: Deed, mitigation: Mitigation) -> bool:
    """Nobody decides twice, gives an approval that would not count, or breaks the same glass again."""
    decided = any(decision.decided_by_id == actor.id for decision in mitigation.decisions.all())
    if deed is Deed.APPROVE:
        return decided or not is_of_its_team(actor, mitigation)
    if deed is Deed.BREAK_GLASS:
        return mitigation.broken_glass is not None
    return deed is Deed.REJECT and decided
