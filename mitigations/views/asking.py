"""Asking for a mitigation: the form, what will happen, and the request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.authority import Actor, Deed, may
from accounts.middleware import ActorRequest
from audit.refusal import Objection, Refused
from mitigations.forms.mitigation import MitigationForm
from mitigations.forms.presets import filled
from mitigations.policies.guardrails import Terms, blocks
from mitigations.selectors import catalogue, history, mitigations
from mitigations.selectors.rules import Judgement
from mitigations.services import requests
from mitigations.services.kentik_account import body_of
from mitigations.services.requests import preview_message
from mitigations.views.guard import needs

_GONE = Objection(
    code="preset",
    sentence="This preset cannot be chosen any more: it was deleted, or its platform and method are not offered.",
)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would happen: the findings, what the rules ask for, and the JSON that Kentik would get.

    `obstacles` are what else stands in the way of asking.
    """

    terms: Terms
    judgement: Judgement
    obstacles: Sequence[Objection]
    body: str


@needs(Deed.ASK)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    if request.typed is not None:
        return _as_typed(request, request.typed.dict())
    if request.method != "POST":
        typed = _again(request)
        if preset := request.GET.get("preset"):
            return _started(request, typed, preset)
        return _page(request, MitigationForm(initial=typed))
    if mend := request.POST.get("mend"):
        return _as_typed(request, {**request.POST.dict(), "ip_cidr": mend})
    if (preset := request.POST.get("choose")) is not None:
        return _started(request, request.POST.dict(), preset)
    form = MitigationForm(request.POST)
    valid = form.is_valid()
    if request.headers.get("HX-Request") == "true":
        return _live(request, form)
    if not valid:
        return _page(request, form, status=422)
    if "ask" not in request.POST:
        return _page(request, form)
    try:
        mitigation = requests.ask(wanted=form.wanted, by=request.actor, at=timezone.now())
    except Refused as refusal:
        return _page(request, form, objections=refusal.objections, status=refusal.status)
    waits = "waits for approval" if mitigation.approvals_needed else "is on its way"
    messages.success(request, f"{mitigation.reference} {waits}. {mitigation.rule}")
    return redirect("mitigation", mitigation.reference)


def _started(request: ActorRequest, typed: dict[str, Any], preset: str) -> HttpResponse:
    """The form as it was typed, with what a preset says; an empty ID drops the preset."""
    form = MitigationForm(initial=typed)
    if preset and preset not in form.presets:
        return _page(request, form, objections=(_GONE,), status=422)
    return _as_typed(request, filled(typed, preset=preset, offered=form.presets))


def _as_typed(request: ActorRequest, typed: dict[str, Any]) -> HttpResponse:
    """The form with these values; nothing was asked yet, so nothing is wrong yet."""
    bound = MitigationForm(typed)
    bound.is_valid()
    return _page(request, MitigationForm(initial=typed), judged=bound)


def _live(request: ActorRequest, form: MitigationForm) -> HttpResponse:
    """What will happen, while somebody still types: as much of it as can be said by now."""
    return render(request, "mitigations/_preview.html", {**_context(request, form), "live": True})


def _preview(form: MitigationForm, by: Actor) -> Preview | None:
    if not form.is_judgeable:
        return None
    pairing = catalogue.pairing(form.wanted.pairing_id)
    judgement = requests.judge(pairing, form.terms, by=by, at=timezone.now())
    return Preview(
        terms=form.terms,
        judgement=judgement,
        obstacles=() if blocks(judgement.findings) else requests.objections_to([judgement], by=by),
        body=body_of(preview_message(form.wanted, pairing)),
    )


def _again(request: ActorRequest) -> dict[str, Any]:
    """`?again=MIT-42`: the terms of an earlier one, to ask for the same once more."""
    reference = request.GET.get("again")
    if reference is None:
        return {}
    earlier = mitigations.one(reference)
    return {
        "ip_cidr": earlier.target,
        "pairing": earlier.pairing_id,
        "minutes_before_auto_stop": earlier.minutes,
        "comment": earlier.comment,
        "reason": earlier.reason,
        "ticket": earlier.ticket,
    }


def _page(
    request: ActorRequest,
    form: MitigationForm,
    *,
    judged: MitigationForm | None = None,
    objections: tuple[Objection, ...] = (),
    status: int = 200,
) -> HttpResponse:
    """`judged` is the form that the preview is of, where it is not the one that is shown."""
    judged = judged or form
    context = {**_context(request, judged), "form": form, "judged": judged, "objections": objections}
    return render(request, "mitigations/new.html", context, status=status)


def _context(request: ActorRequest, form: MitigationForm) -> dict[str, Any]:
    return {
        "form": form,
        "preview": _preview(form, request.actor),
        "before": history.summary(form.prefix_so_far) if form.prefix_so_far else None,
        "may_break_glass": not may(request.actor, Deed.BREAK_GLASS),
    }
