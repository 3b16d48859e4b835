"""Who is told what: everybody chooses their own mail, administrators the channels."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authority import Deed
from accounts.middleware import ActorRequest
from accounts.selectors import person
from accounts.services import choose_messages
from audit.refusal import Unacceptable
from audit.selectors import channel, channels, sink_names, standings
from audit.ways import mail
from mitigations.forms.telling import ChannelForm, MessagesForm
from mitigations.services import channels as editing
from mitigations.services import streaming
from mitigations.services.delivering import MAIL
from mitigations.services.streaming import Stream
from mitigations.services.telling import Kind
from mitigations.views.guard import needs


@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """For everybody with an account: nobody needs a role to say what they do not want to read."""
    actor = cast("ActorRequest", request).actor
    if request.method != "POST":
        me = person(actor)
        kinds = [kind.value for kind in Kind if kind.value not in me.muted]
        return _own_page(request, MessagesForm(initial={"email": me.email, "kinds": kinds}))
    form = MessagesForm(request.POST)
    if not form.is_valid():
        return _own_page(request, form, status=422)
    choose_messages(email=form.cleaned_data["email"], muted=form.muted, by=actor, at=timezone.now())
    messages.success(request, "Your choice is saved.")
    return redirect("messages")


@needs(Deed.EDIT_CHANNELS)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    shown = channels()
    streams, mistake = _streams()
    kept = sink_names(streaming.PREFIX)
    fare = standings([MAIL, *(each.sink for each in shown), *kept])
    on = {each.name for each in streams}
    context = {
        "streams": [(each, fare.get(each.name)) for each in streams],
        "switched_off": [(name, fare[name]) for name in kept if name not in on],
        "mistake": mistake,
        "rows": [(each, _told_when(each.kinds), fare.get(each.sink)) for each in shown],
        "mail": fare.get(MAIL),
        "mail_is_on": mail.is_on(),
        "has_address": bool(settings.PORTAL_URL),
    }
    return render(request, "channels/list.html", context)


@needs(Deed.EDIT_CHANNELS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, ChannelForm(initial={"kinds": [kind.value for kind in Kind]}))
    return _save(request, ChannelForm(request.POST))


@needs(Deed.EDIT_CHANNELS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ActorRequest, id: int) -> HttpResponse:
    shown = channel(id)
    if request.method != "POST":
        return _page(request, ChannelForm(initial={"name": shown.name, "kinds": shown.kinds}, label=shown.label), shown)
    return _save(request, ChannelForm(request.POST, label=shown.label), shown)


@needs(Deed.EDIT_CHANNELS)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ActorRequest, id: int) -> HttpResponse:
    shown = channel(id)
    if request.method != "POST":
        return render(request, "channels/delete.html", {"channel": shown})
    name = editing.delete(id=id, by=request.actor, at=timezone.now())
    messages.success(request, f"{name} is deleted.")
    return redirect("channels")


@needs(Deed.EDIT_CHANNELS)
@require_POST
def test(request: ActorRequest, id: int) -> HttpResponse:
    tested = editing.test(id=id, by=request.actor, at=timezone.now())
    name = channel(id).name
    if tested.arrived:
        messages.success(request, f"The test message to {name} was taken. Look whether it is there.")
    else:
        messages.error(request, f"The test message did not reach {name}. {tested.sentence}")
    return redirect("channels")


def _streams() -> tuple[list[Stream], str]:
    """Those that are switched on; or none, and what is wrong with the settings."""
    try:
        return streaming.streams(now=timezone.now), ""
    except ValueError as error:
        return [], str(error)


def _told_when(kinds: list[str]) -> str:
    told = [kind.words for kind in Kind if kind in kinds]
    if len(told) == len(Kind):
        return "anything happens that somebody is told of"
    return "; ".join(told) or "never: nothing is chosen"


def _save(request: ActorRequest, form: ChannelForm, shown: Any = None) -> HttpResponse:
    if not form.is_valid():
        return _page(request, form, shown, status=422)
    try:
        saved = editing.save(
            id=None if shown is None else shown.pk, **form.cleaned_data, by=request.actor, at=timezone.now()
        )
    except Unacceptable as refusal:
        for objection in refusal.objections:
            form.add_error(objection.code if objection.code in form.fields else None, objection.sentence)
        return _page(request, form, shown, status=422)
    messages.success(request, f"{saved.name} is saved. Send a test message to see whether it arrives.")
    return redirect("channels")


def _page(request: ActorRequest, form: ChannelForm, shown: Any = None, *, status: int = 200) -> HttpResponse:
    return render(request, "channels/edit.html", {"form": form, "channel": shown}, status=status)


def _own_page(request: HttpRequest, form: MessagesForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "mail_is_on": mail.is_on()}
    return render(request, "account/messages.html", context, status=status)
