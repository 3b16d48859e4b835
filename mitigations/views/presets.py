"""Presets: everybody sees them, administrators edit them, and the form of a request starts from one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from audit.refusal import Unacceptable
from mitigations.forms.presets import PresetForm
from mitigations.policies.presets import TargetClass
from mitigations.selectors import presets
from mitigations.services import presets as editing
from mitigations.views.guard import needs


@needs(Deed.VIEW)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    context = {
        "rows": presets.everything(),
        "may_ask": not may(request.actor, Deed.ASK),
        "may_edit": not may(request.actor, Deed.EDIT_PRESETS),
    }
    return render(request, "presets/list.html", context)


@needs(Deed.EDIT_PRESETS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, PresetForm(initial={"target_class": TargetClass.HOST, "minutes": 60}))
    return _save(request)


@needs(Deed.EDIT_PRESETS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ActorRequest, id: int) -> HttpResponse:
    preset = presets.one(id)
    if request.method != "POST":
        initial = {name: getattr(preset, name) for name in PresetForm.base_fields} | {"pairing": preset.pairing_id}
        return _page(request, PresetForm(initial=initial), preset=preset)
    return _save(request, preset)


@needs(Deed.EDIT_PRESETS)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ActorRequest, id: int) -> HttpResponse:
    preset = presets.one(id)
    if request.method != "POST":
        return render(request, "presets/delete.html", {"preset": preset})
    editing.delete(id=id, by=request.actor, at=timezone.now())
    messages.success(request, f"The preset “{preset}” is deleted.")
    return redirect("presets")


def _save(request: ActorRequest, preset: Any = None) -> HttpResponse:
    if mend := request.POST.get("mend"):
        return _page(request, PresetForm(initial={**request.POST.dict(), "inside": mend}), preset=preset)
    form = PresetForm(request.POST)
    if not form.is_valid():
        return _page(request, form, preset=preset, status=422)
    try:
        id = None if preset is None else preset.pk  # noqa: A001 (the field's own word)
        saved = editing.save(id=id, recipe=form.recipe, by=request.actor, at=timezone.now())
    except Unacceptable as refusal:
        for objection in refusal.objections:
            form.add_error(objection.code, objection.sentence)
        return _page(request, form, preset=preset, status=422)
    messages.success(request, f"The preset “{saved}” is saved.")
    return redirect("presets")


def _page(request: ActorRequest, form: PresetForm, *, preset: Any = None, status: int = 200) -> HttpResponse:
    return render(request, "presets/edit.html", {"form": form, "preset": preset}, status=status)
