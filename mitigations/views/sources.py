"""Sources of alerts: everybody sees them, administrators set them up, and each owner takes the secret of theirs."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authority import Deed, demand, may
from accounts.middleware import ActorRequest
from audit.refusal import Unacceptable
from mitigations.forms.paging import BeforeForm
from mitigations.forms.sources import SourceForm, as_typed
from mitigations.policies.alerts import REFUSED, Kind, Outcome, Proof
from mitigations.selectors import sources
from mitigations.selectors.sources import Row
from mitigations.services import sources as editing
from mitigations.views.guard import needs


@needs(Deed.VIEW)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    context = {"rows": sources.everything(), "may_edit": not may(request.actor, Deed.EDIT_SOURCES)}
    return render(request, "sources/list.html", context)


@needs(Deed.VIEW)
@require_safe
def detail(request: ActorRequest, id: int) -> HttpResponse:
    row, form = sources.one(id), BeforeForm(request.GET)
    page = sources.notices(row.source, before=form.cleaned_data["before"] if form.is_valid() else None)
    context = {
        "row": row,
        "address": address(request, row),
        "page": page,
        "notices": [(each, _words(each.outcome), each.outcome in REFUSED) for each in page.notices],
        "may_edit": not may(request.actor, Deed.EDIT_SOURCES),
        "may_take": not may(request.actor, Deed.TAKE_SECRET, row.source),
    }
    return render(request, "sources/detail.html", context)


@needs(Deed.EDIT_SOURCES)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, SourceForm(initial={"kind": Kind.FASTNETMON, "proof": Proof.SIGNATURE}))
    return _save(request, SourceForm(request.POST))


@needs(Deed.EDIT_SOURCES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ActorRequest, id: int) -> HttpResponse:
    row = sources.one(id)
    if request.method != "POST":
        return _form(request, SourceForm(initial=as_typed(row.source), named=True), row)
    return _save(request, SourceForm(request.POST, named=True), row)


@needs(Deed.TAKE_SECRET)
@require_http_methods(["GET", "HEAD", "POST"])
def secret(request: ActorRequest, id: int) -> HttpResponse:
    """The answer to the form shows the secret, and nothing shows it again: so it is no redirect."""
    row = sources.one(id)
    if request.method != "POST":
        demand(request.actor, Deed.TAKE_SECRET, row.source)
        return render(request, "sources/secret.html", {"row": row})
    taken = editing.take_secret(name=row.source.name, by=request.actor, at=timezone.now())
    return render(request, "sources/taken.html", {"taken": taken, "row": row, "address": address(request, row)})


@needs(Deed.EDIT_SOURCES)
@require_POST
def off(request: ActorRequest, id: int) -> HttpResponse:
    source = editing.switch_off(name=sources.one(id).source.name, by=request.actor, at=timezone.now())
    messages.success(request, f"{source} is switched off: what it sends is refused from now on.")
    return redirect("source", id)


@needs(Deed.EDIT_SOURCES)
@require_POST
def on(request: ActorRequest, id: int) -> HttpResponse:
    source = editing.switch_on(name=sources.one(id).source.name, by=request.actor, at=timezone.now())
    messages.success(request, f"{source} is switched on.")
    return redirect("source", id)


def address(request: ActorRequest, row: Row) -> str:
    """Where its alerts are sent to."""
    path = reverse("api-v1:hear", args=[row.source.name])
    return f"{settings.PORTAL_URL}{path}" if settings.PORTAL_URL else request.build_absolute_uri(path)


def _save(request: ActorRequest, form: SourceForm, row: Row | None = None) -> HttpResponse:
    if not form.is_valid():
        return _form(request, form, row, status=422)
    do, name = (editing.change, row.source.name) if row else (editing.add, form.cleaned_data["name"])
    try:
        saved = do(name=name, setup=form.setup, by=request.actor, at=timezone.now())
    except Unacceptable as refusal:
        for objection in refusal.objections:
            form.add_error(objection.code, objection.sentence)
        return _form(request, form, row, status=422)
    messages.success(request, f"{saved} is saved.{_next(saved.secret_at is None, saved.owner.username)}")
    return redirect("source", saved.pk)


def _next(waits: bool, owner: str) -> str:
    return f" Next, {owner} takes its secret, on this page." if waits else ""


def _form(request: ActorRequest, form: SourceForm, row: Row | None = None, *, status: int = 200) -> HttpResponse:
    return render(request, "sources/edit.html", {"form": form, "row": row}, status=status)


def _words(outcome: str) -> str:
    return Outcome(outcome).words if outcome else "under way, or cut off"
