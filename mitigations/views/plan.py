"""Protected prefixes, address space, teams and the alarms that follow from them: everybody reads, administrators edit.

Each change is shown with what it touches before it is saved.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from audit.refusal import Objection, Refused
from mitigations.forms.catalogue_file import Mistake
from mitigations.forms.plan import AlarmForm, ImportForm, SearchForm, TeamForm, range_form
from mitigations.forms.plan_file import COLUMNS, read
from mitigations.policies.plan import Part
from mitigations.selectors import plan
from mitigations.services import plan as editing
from mitigations.services.plan import Entry
from mitigations.views.guard import needs

_SHOWN_MISTAKES = 50


@needs(Deed.VIEW)
@require_safe
def index(request: ActorRequest, part: Part) -> HttpResponse:
    search = SearchForm(request.GET)
    page = plan.Page(rows=[], older=None)
    if search.is_valid():
        data = search.cleaned_data
        page = plan.page(part, after=data["after"] or 0, inside=data["inside"] or None)
    context = {
        "part": part,
        "page": page,
        "search": search,
        "empty": plan.is_empty(part),
        "teams": plan.teams() if part is Part.SPACE else [],
        "may_edit": not may(request.actor, Deed.EDIT_PLAN),
    }
    return render(request, f"plan/{part}.html", context, status=200 if search.is_valid() else 422)


@needs(Deed.EDIT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest, part: Part) -> HttpResponse:
    if request.method != "POST":
        return _page(request, part, range_form(part, initial=_prefilled(request)))
    return _save(request, part)


@needs(Deed.EDIT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ActorRequest, part: Part, id: int) -> HttpResponse:
    row = plan.one(part, id)
    if request.method != "POST":
        return _page(request, part, range_form(part, initial=_initial(part, row)), row=row)
    return _save(request, part, row=row)


@needs(Deed.EDIT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ActorRequest, part: Part, id: int) -> HttpResponse:
    row = plan.one(part, id)
    if request.method != "POST":
        return render(request, "plan/delete.html", {"part": part, "row": row, "touched": plan.touched([row.network])})
    editing.delete(part=part, id=id, by=request.actor, at=timezone.now())
    messages.success(request, f"{row.prefix} is deleted.")
    return redirect("plan", part)


@needs(Deed.EDIT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def import_csv(request: ActorRequest, part: Part) -> HttpResponse:
    if request.method != "POST":
        return _import_page(request, part, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _import_page(request, part, form, status=422)
    text = form.cleaned_data["text"]
    entries, mistakes = read(part, text)
    kept = ImportForm(initial={"text": text})
    if mistakes:
        return _import_page(request, part, kept, mistakes=mistakes, status=422)
    if "confirmed" not in request.POST:
        return _import_page(request, part, kept, entries=entries)
    count = editing.import_entries(part=part, entries=entries, by=request.actor, at=timezone.now())
    messages.success(request, f"Imported {count} rows.")
    return redirect("plan", part)


@needs(Deed.EDIT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: ActorRequest, id: int | None = None) -> HttpResponse:
    existing = plan.team(id) if id is not None else None
    if request.method != "POST":
        initial = {"name": existing.name, "members": [each.pk for each in existing.members.all()]} if existing else {}
        return _team_page(request, TeamForm(initial=initial), existing)
    form = TeamForm(request.POST)
    if not form.is_valid():
        return _team_page(request, form, existing, status=422)
    name, members = form.cleaned_data["name"], form.cleaned_data["members"]
    try:
        saved = editing.save_team(id=id, name=name, member_ids=members, by=request.actor, at=timezone.now())
    except Refused as refusal:
        return _team_page(request, form, existing, objections=refusal.objections, status=refusal.status)
    messages.success(request, f"The team {saved} is saved.")
    return redirect("plan", Part.SPACE)


@needs(Deed.SETTLE_ALARM)
@require_http_methods(["GET", "HEAD", "POST"])
def alarm(request: ActorRequest, id: int) -> HttpResponse:
    raised = plan.alarm(id)
    form = AlarmForm(request.POST or None)
    objections: tuple[Objection, ...] = ()
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                editing.settle_alarm(id=id, by=request.actor, note=form.cleaned_data["note"], at=timezone.now())
            except Refused as refusal:
                objections, status = refusal.objections, refusal.status
            else:
                messages.success(request, "The alarm is settled.")
                return redirect("mitigation", raised.mitigation.reference)
    may_stop = not may(request.actor, Deed.STOP)
    context = {"alarm": raised, "form": form, "objections": objections, "may_stop": may_stop}
    return render(request, "plan/alarm.html", context, status=status)


def _save(request: ActorRequest, part: Part, *, row: Any = None) -> HttpResponse:
    form = range_form(part, request.POST)
    if not form.is_valid():
        return _page(request, part, form, row=row, status=422)
    entry = form.entry
    if request.POST.get("confirmed") != entry.prefix.text:
        return _page(request, part, form, row=row, entry=entry)
    try:
        id = row.pk if row is not None else None  # noqa: A001 (the field's own word)
        saved = editing.save(part=part, id=id, entry=entry, by=request.actor, at=timezone.now())
    except Refused as refusal:
        return _page(request, part, form, row=row, objections=refusal.objections, status=refusal.status)
    messages.success(request, f"{saved.prefix} is saved.")
    return redirect("plan", part)


def _prefilled(request: ActorRequest) -> dict[str, Any]:
    """Other pages lead here with a prefix."""
    return {"owner": request.actor.id, "ip_cidr": request.GET.get("ip_cidr", "")[:100]}


def _initial(part: Part, row: Any) -> dict[str, Any]:
    if part is Part.PROTECTED:
        return {"ip_cidr": row.prefix, "severity": row.severity, "reason": row.reason, "owner": row.owner_id}
    return {"ip_cidr": row.prefix, "note": row.note, "teams": [each.pk for each in row.teams.all()]}


def _page(
    request: ActorRequest,
    part: Part,
    form: forms.Form,
    *,
    row: Any = None,
    entry: Entry | None = None,
    objections: tuple[Objection, ...] = (),
    status: int = 200,
) -> HttpResponse:
    """With an entry: what it would touch, and the button that saves it."""
    networks = [] if entry is None else [entry.prefix] + ([row.network] if row is not None else [])
    context = {
        "part": part,
        "form": form,
        "row": row,
        "entry": entry,
        "touched": plan.touched(networks),
        "objections": objections,
    }
    return render(request, "plan/edit.html", context, status=status)


def _import_page(
    request: ActorRequest,
    part: Part,
    form: ImportForm,
    *,
    mistakes: list[Mistake] | None = None,
    entries: list[Entry] | None = None,
    status: int = 200,
) -> HttpResponse:
    mistakes = mistakes or []
    context = {
        "part": part,
        "form": form,
        "columns": ",".join(COLUMNS[part]),
        "mistakes": mistakes[:_SHOWN_MISTAKES],
        "unshown": max(len(mistakes) - _SHOWN_MISTAKES, 0),
        "entries": entries,
        "touched": plan.touched(entry.prefix for entry in entries or ()),
    }
    return render(request, "plan/import.html", context, status=status)


def _team_page(
    request: ActorRequest,
    form: TeamForm,
    existing: Any,
    *,
    objections: tuple[Objection, ...] = (),
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "team": existing, "objections": objections}
    return render(request, "plan/team.html", context, status=status)
