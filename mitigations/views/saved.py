"""Lists that somebody has saved: their own, and those of everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authority import Actor, Deed, may
from accounts.middleware import ActorRequest
from audit.refusal import Forbidden, Unacceptable
from mitigations.forms.saved import SavedForm
from mitigations.selectors import saved
from mitigations.services import saved as saving
from mitigations.views.guard import needs
from mitigations.views.places import list_at

if TYPE_CHECKING:
    from mitigations.models import SavedList


@needs(Deed.VIEW)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    """Those that this person may rename or delete."""
    rows = [(each, not saving.against(each, by=request.actor)) for each in saved.offered(request.actor)]
    return render(request, "saved/list.html", {"rows": [(each, list_at(each.query), mine) for each, mine in rows]})


@needs(Deed.VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """Save the list that `query` names."""
    if request.method != "POST":
        form = SavedForm(initial={"query": request.GET.urlencode()}, may_share=_may_share(request.actor))
        return _page(request, form)
    return _save(request)


@needs(Deed.VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ActorRequest, id: int) -> HttpResponse:
    one = _own(request, id)
    if request.method != "POST":
        initial = {"name": one.name, "shared": one.shared, "query": one.query}
        return _page(request, SavedForm(initial=initial, may_share=_may_share(request.actor)), one)
    return _save(request, one)


@needs(Deed.VIEW)
@require_POST
def delete(request: ActorRequest, id: int) -> HttpResponse:
    name = saving.delete(id=id, by=request.actor, at=timezone.now())
    messages.success(request, f"The list “{name}” is deleted.")
    return redirect("saved")


def _own(request: ActorRequest, id: int) -> SavedList:
    one = saved.one(id)
    if objections := saving.against(one, by=request.actor):
        raise Forbidden(objections)
    return one


def _save(request: ActorRequest, one: SavedList | None = None) -> HttpResponse:
    form = SavedForm(request.POST, may_share=_may_share(request.actor))
    if not form.is_valid():
        return _page(request, form, one, status=422)
    try:
        id = None if one is None else one.pk  # noqa: A001 (the field's own word)
        kept = saving.save(id=id, **form.cleaned_data, by=request.actor, at=timezone.now())
    except Unacceptable as refusal:
        for objection in refusal.objections:
            form.add_error(objection.code, objection.sentence)
        return _page(request, form, one, status=422)
    messages.success(request, f"The list “{kept}” is saved.")
    return redirect(list_at(kept.query))


def _may_share(actor: Actor) -> bool:
    return not may(actor, Deed.SHARE_LISTS)


def _page(request: ActorRequest, form: SavedForm, one: SavedList | None = None, *, status: int = 200) -> HttpResponse:
    return render(request, "saved/edit.html", {"form": form, "saved": one}, status=status)
