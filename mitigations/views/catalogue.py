"""The catalogue: everybody reads it, administrators edit it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from audit.refusal import Unacceptable
from mitigations.forms.catalogue import NewPairingForm, NewThingForm, PairingForm, ThingForm
from mitigations.policies.catalogue import What
from mitigations.selectors import catalogue
from mitigations.services import catalogue as editing
from mitigations.views.guard import needs

_FORMS: dict[What, tuple[type[forms.Form], type[forms.Form]]] = {
    What.PLATFORM: (NewThingForm, ThingForm),
    What.METHOD: (NewThingForm, ThingForm),
    What.PAIRING: (NewPairingForm, PairingForm),
}


@needs(Deed.VIEW)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    may_edit = not may(request.actor, Deed.EDIT_CATALOGUE)
    context = {
        "catalogue": catalogue.everything(),
        "may_edit": may_edit,
        "waiting": catalogue.count_waiting() if may_edit else 0,
    }
    return render(request, "catalogue/list.html", context)


@needs(Deed.EDIT_CATALOGUE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest, what: What) -> HttpResponse:
    form_class, _ = _FORMS[what]
    if request.method != "POST":
        initial = {"ipv4": True} if what is What.PAIRING else {}
        return _page(request, what, form_class(initial=initial))
    return _save(request, what, form_class(request.POST))


@needs(Deed.EDIT_CATALOGUE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ActorRequest, what: What, id: int) -> HttpResponse:
    _, form_class = _FORMS[what]
    thing = catalogue.thing(what, id)
    if request.method != "POST":
        initial = {name: getattr(thing, name) for name in form_class.base_fields}
        return _page(request, what, form_class(initial=initial), thing=thing)
    return _save(request, what, form_class(request.POST), thing=thing)


@needs(Deed.EDIT_CATALOGUE)
@require_POST
def retire(request: ActorRequest, what: What, id: int) -> HttpResponse:
    thing = editing.retire(what=what, id=id, by=request.actor, at=timezone.now())
    messages.success(request, f"{thing} is retired. What used it keeps naming it.")
    return redirect("catalogue")


@needs(Deed.EDIT_CATALOGUE)
@require_POST
def restore(request: ActorRequest, what: What, id: int) -> HttpResponse:
    thing = editing.restore(what=what, id=id, by=request.actor, at=timezone.now())
    messages.success(request, f"{thing} is back.")
    return redirect("catalogue")


def _save(request: ActorRequest, what: What, form: forms.Form, thing: Any = None) -> HttpResponse:
    if not form.is_valid():
        return _page(request, what, form, thing=thing, status=422)
    try:
        saved = editing.save(
            what=what, id=getattr(thing, "pk", None), values=form.cleaned_data, by=request.actor, at=timezone.now()
        )
    except Unacceptable as refusal:
        for objection in refusal.objections:
            form.add_error(objection.code if objection.code in form.fields else None, objection.sentence)
        return _page(request, what, form, thing=thing, status=422)
    messages.success(request, f"{saved} is saved.")
    return redirect("catalogue")


def _page(request: ActorRequest, what: What, form: forms.Form, *, thing: Any = None, status: int = 200) -> HttpResponse:
    context = {"what": what, "form": form, "thing": thing}
    return render(request, "catalogue/edit.html", context, status=status)
