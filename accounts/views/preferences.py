from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import services, typed, zones
from accounts.authority import Actor
from accounts.forms import PreferencesForm
from accounts.middleware import ActorRequest
from accounts.selectors import person


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """For everybody with an account, with a role or without one."""
    actor = cast("ActorRequest", request).actor
    form = PreferencesForm(request.POST) if request.method == "POST" else PreferencesForm(initial=_chosen(actor))
    if form.is_valid():
        services.choose_preferences(**form.chosen, by=actor)
        messages.success(request, "Your choice is saved.")
        return redirect("account:preferences")
    context = {"form": form, "zones": zones.offered(), "now": timezone.now()}
    return render(request, "account/preferences.html", context, status=422 if form.is_bound else 200)


def _chosen(actor: Actor) -> dict[str, Any]:
    me = person(actor)
    return {"time_zone": me.time_zone, "hours": 12 if me.twelve_hours else 24, "shortcuts": me.shortcuts}


@require_safe
def kept(request: ActorRequest, key: str) -> HttpResponse:
    """All that somebody typed and could not send, whatever became of the page that it was typed on."""
    found = typed.find(request.session, key, person=request.user.pk, at=timezone.now())
    if found is None:
        raise Http404
    fields = [(name.replace("_", " "), values) for name, values in found.fields.items() if any(map(str.strip, values))]
    context = {"fields": fields, "files": found.files, "page": typed.with_key(found.page, key)}
    return render(request, "account/typed.html", context)
