"""Those that were asked for at once, seen and decided on together or one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from mitigations.forms.deciding import TogetherForm
from mitigations.selectors import mitigations
from mitigations.selectors.facts import findings_of
from mitigations.services import together
from mitigations.services.together import Undecided
from mitigations.views.deciding import Waiting
from mitigations.views.guard import needs

if TYPE_CHECKING:
    from mitigations.models import Mitigation


@needs(Deed.VIEW)
@require_safe
def index(request: ActorRequest, reference: str) -> HttpResponse:
    rows = mitigations.together(reference)
    may_decide = not may(request.actor, Deed.APPROVE)
    context = {
        "lead": rows[0],
        "rows": rows,
        "open_ones": mitigations.awaiting_together(reference, request.actor) if may_decide else [],
    }
    return render(request, "mitigations/together.html", context)


@needs(Deed.APPROVE)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: ActorRequest, reference: str) -> HttpResponse:
    waiting = mitigations.awaiting_together(reference, request.actor)
    references = [each.reference for each in waiting]
    if request.method != "POST":
        form = TogetherForm(open_ones=references, initial={"references": references})
        return _page(request, reference, form, waiting)
    form = TogetherForm(request.POST, open_ones=references)
    if not form.is_valid():
        return _page(request, reference, form, waiting, status=422)
    data = form.cleaned_data
    missed = together.decide_all(
        references=data["references"],
        verdict=data["verdict"],
        by=request.actor,
        note=data["note"],
        at=timezone.now(),
    )
    decided = len(data["references"]) - len(missed)
    if decided:
        messages.success(request, f"You {_DONE[data['verdict']]} {decided} of {len(data['references'])}.")
    if missed:
        left = mitigations.awaiting_together(reference, request.actor)
        form = TogetherForm(request.POST, open_ones=[each.reference for each in left])
        return _page(request, reference, form, left, missed=missed, status=409)
    return redirect("approvals")


_DONE = {"approve": "approved", "reject": "rejected"}


def _page(
    request: ActorRequest,
    reference: str,
    form: TogetherForm,
    waiting: list[Mitigation],
    *,
    missed: list[Undecided] | None = None,
    status: int = 200,
) -> HttpResponse:
    ticked = set(form["references"].value() or [])
    found = findings_of(waiting, at=timezone.now())
    context = {
        "reference": reference,
        "form": form,
        "rows": [(each.mitigation.reference in ticked, each) for each in map(Waiting, waiting, found)],
        "lead": waiting[0] if waiting else None,
        "missed": missed or [],
    }
    return render(request, "mitigations/confirm/together.html", context, status=status)
