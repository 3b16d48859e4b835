"""Asking for a mitigation: the form, what will happen, and the request."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from audit.refusal import Objection, Refused
from mitigations.forms.mitigation import MitigationForm
from mitigations.forms.presets import PRESET_IS_GONE, filled
from mitigations.selectors import history, mitigations
from mitigations.services import requests, together
from mitigations.views.guard import needs
from mitigations.views.preview import preview


@needs(Deed.ASK)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    if request.method != "POST":
        return _opened(request)
    if (helped := _helped(request, request.POST.dict())) is not None:
        return helped
    form = MitigationForm(request.POST)
    valid = form.is_valid()
    if request.headers.get("HX-Request") == "true":
        return _live(request, form)
    if not valid:
        return _page(request, form, status=422)
    return _ask(request, form) if "ask" in request.POST else _page(request, form)


def _opened(request: ActorRequest) -> HttpResponse:
    typed = request.typed.dict() if request.typed is not None else _again(request)
    if preset := request.GET.get("preset"):
        return _started(request, typed, preset)
    return _as_typed(request, typed) if typed else _page(request, MitigationForm())


def _helped(request: ActorRequest, typed: dict[str, Any]) -> HttpResponse | None:
    """A button that fills in something, and asks nobody. None: it was another."""
    if mend := typed.get("mend"):
        return _as_typed(request, {**typed, "ip_cidr": mend})
    if "lasts" in typed:
        return _as_typed(request, {**typed, "minutes_before_auto_stop": typed["lasts"]})
    if "choose" in typed:
        return _started(request, typed, typed["choose"])
    return None


def _ask(request: ActorRequest, form: MitigationForm) -> HttpResponse:
    """Whoever pressed twice is shown what the first press made."""
    try:
        mitigation = requests.ask(wanted=form.wanted, by=request.actor, at=timezone.now())
    except Refused as refusal:
        if made := together.asked_already(wanted=[form.wanted], by=request.actor):
            messages.info(request, f"You asked for this already: it is {made[0].reference}.")
            return redirect("mitigation", made[0].reference)
        return _page(request, form, objections=refusal.objections, status=refusal.status)
    waits = "waits for approval" if mitigation.approvals_needed else "is on its way"
    messages.success(request, f"{mitigation.reference} {waits}. {mitigation.rule}")
    return redirect("mitigation", mitigation.reference)


def _started(request: ActorRequest, typed: dict[str, Any], preset: str) -> HttpResponse:
    """The form as it was typed, with what a preset says; an empty ID drops the preset."""
    form = MitigationForm(initial=typed)
    if preset and preset not in form.presets:
        return _page(request, form, objections=(PRESET_IS_GONE,), status=422)
    return _as_typed(request, filled(typed, preset=preset, offered=form.presets))


def _as_typed(request: ActorRequest, typed: dict[str, Any]) -> HttpResponse:
    """The form with these values; nothing was asked yet, so nothing is wrong yet."""
    bound = MitigationForm(typed)
    bound.is_valid()
    return _page(request, MitigationForm(initial=typed), judged=bound)


def _live(request: ActorRequest, form: MitigationForm) -> HttpResponse:
    """What will happen, while somebody still types: as much of it as can be said by now."""
    return render(request, "mitigations/_preview.html", {**_context(request, form), "live": True})


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
        "preview": preview(form, by=request.actor, at=timezone.now()),
        "before": history.summary(form.prefix_so_far) if form.prefix_so_far else None,
        "may_break_glass": not may(request.actor, Deed.BREAK_GLASS),
    }
