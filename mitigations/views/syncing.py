"""Kentik's catalogue beside ours: administrators see how the two differ, and take the difference over."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.authority import Deed
from accounts.middleware import ActorRequest
from audit.refusal import Conflict, Objection
from mitigations.selectors import catalogue, kentik
from mitigations.selectors.catalogue import Comparison
from mitigations.services import syncing
from mitigations.views import freshness
from mitigations.views.guard import needs

# Longer lists are told by their number.
_SHOWN = 200


@needs(Deed.EDIT_CATALOGUE)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    comparison = catalogue.comparison()
    if (answer := freshness.answer(request, newest=comparison.moment)) is not None:
        return answer
    return _page(request, comparison)


@needs(Deed.EDIT_CATALOGUE)
@require_POST
def take_over(request: ActorRequest) -> HttpResponse:
    try:
        taken = syncing.take_over(mark=request.POST.get("mark", ""), by=request.actor, at=timezone.now())
    except Conflict as refusal:
        return _page(request, catalogue.comparison(), objections=refusal.objections, status=refusal.status)
    messages.success(request, f"Taken over: {taken.count} change{'' if taken.count == 1 else 's'}.")
    return redirect("catalogue")


@needs(Deed.EDIT_CATALOGUE)
@require_POST
def read_again(request: ActorRequest) -> HttpResponse:
    try:
        syncing.want(by=request.actor, at=timezone.now())
    except Conflict as refusal:
        return _page(request, catalogue.comparison(), objections=refusal.objections, status=refusal.status)
    return redirect("catalogue-kentik")


def _page(
    request: ActorRequest, comparison: Comparison, *, objections: Sequence[Objection] = (), status: int = 200
) -> HttpResponse:
    context = {"comparison": comparison, "is_on": kentik.is_on(), "objections": objections, "shown": f":{_SHOWN}"}
    return render(request, "catalogue/kentik.html", context, status=status)
