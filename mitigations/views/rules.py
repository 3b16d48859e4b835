"""The rules of approval: everybody reads those in force; administrators edit a draft and publish it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from audit.refusal import Objection, Refused
from mitigations.forms.rules import ButtonForm, PublishForm, RevisionForm, RuleForm
from mitigations.policies.rule_checks import flaws
from mitigations.selectors import rules as reading
from mitigations.selectors.approvers import groups
from mitigations.selectors.replay import replay
from mitigations.services import rules as editing
from mitigations.views.guard import needs
from mitigations.views.rule_lines import change_lines, lines

if TYPE_CHECKING:
    from mitigations.models import Draft


@needs(Deed.VIEW)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    current = reading.in_force()
    context = {
        "current": current,
        "lines": lines(current.parsed, reading.names()) if current else [],
        "versions": reading.versions(),
        "may_edit": not may(request.actor, Deed.EDIT_RULES),
    }
    return render(request, "rules/list.html", context)


@needs(Deed.VIEW)
@require_safe
def version(request: ActorRequest, number: int) -> HttpResponse:
    book = reading.version(number)
    return render(request, "rules/version.html", {"book": book, "lines": lines(book.parsed, reading.names())})


@needs(Deed.EDIT_RULES)
@require_safe
def draft(request: ActorRequest) -> HttpResponse:
    return _draft(request)


@needs(Deed.EDIT_RULES)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, RuleForm(), reading.draft())
    return _save(request)


@needs(Deed.EDIT_RULES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ActorRequest, place: int) -> HttpResponse:
    if request.method == "POST":
        return _save(request, place=place)
    shown = reading.draft()
    if not _stands(place, shown):
        raise Http404
    return _page(request, RuleForm(rule=shown.parsed[place - 1]), shown, place=place)


@needs(Deed.EDIT_RULES)
@require_POST
def arrange(request: ActorRequest) -> HttpResponse:
    """Up, down or out: the buttons of the draft's rules."""
    data, shown = _pressed(ButtonForm(request.POST)), reading.draft()
    place, to = data["place"], data["to"]
    if data["revision"] == shown.revision and not (_stands(place, shown) and _stands(to or place, shown)):
        raise BadRequest
    seen = {"revision": data["revision"], "by": request.actor, "at": timezone.now()}
    try:
        if to is None:
            editing.remove(place=place, **seen)
        else:
            editing.move(place=place, to=to, **seen)
    except Refused as refusal:
        return _draft(request, objections=refusal.objections, status=refusal.status)
    if to is None:
        messages.success(request, f"Rule {place} is gone from the draft.")
        return redirect("rules-draft")
    return redirect(f"{reverse('rules-draft')}#rule-{to}")


@needs(Deed.EDIT_RULES)
@require_POST
def start_over(request: ActorRequest) -> HttpResponse:
    data = _pressed(RevisionForm(request.POST))
    try:
        editing.start_over(revision=data["revision"], by=request.actor, at=timezone.now())
    except Refused as refusal:
        return _draft(request, objections=refusal.objections, status=refusal.status)
    messages.success(request, "The draft is what is in force.")
    return redirect("rules-draft")


@needs(Deed.EDIT_RULES)
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: ActorRequest) -> HttpResponse:
    """The draft beside the rules in force, over what was really asked for, and the button that publishes it."""
    if request.method != "POST":
        return _publish_page(request, PublishForm())
    revision, form = _pressed(RevisionForm(request.POST))["revision"], PublishForm(request.POST)
    if not form.is_valid():
        return _publish_page(request, form, revision=revision, status=422)
    note = form.cleaned_data["note"]
    try:
        book = editing.publish(revision=revision, note=note, by=request.actor, at=timezone.now())
    except Refused as refusal:
        return _publish_page(request, form, objections=refusal.objections, status=refusal.status)
    messages.success(request, f"The rules are published as {book}. What is under way keeps its own.")
    return redirect("rules")


def _stands(place: int, draft: Draft) -> bool:
    return 1 <= place <= len(draft.rules)


def _pressed(form: RevisionForm) -> dict[str, Any]:
    """What a button sent. Nobody types it, so anything else makes no sense."""
    if not form.is_valid():
        raise BadRequest
    return form.cleaned_data


def _save(request: ActorRequest, *, place: int | None = None) -> HttpResponse:
    """The form again, with all that was typed, when something is wrong or somebody else has edited the draft since.

    A form that was wrong keeps the revision that its editor saw; one that came too late shows what is there now.
    """
    revision, shown = _pressed(RevisionForm(request.POST))["revision"], reading.draft()
    stands = place is not None and _stands(place, shown)
    if place is not None and not stands and revision == shown.revision:
        raise Http404
    form = RuleForm(request.POST, rule=shown.parsed[place - 1] if place is not None and stands else None)
    if not form.is_valid():
        return _page(request, form, shown, place=place, revision=revision, status=422)
    seen = {"rule": form.rule, "revision": revision, "by": request.actor, "at": timezone.now()}
    try:
        saved = editing.add(**seen) if place is None else editing.replace(place=place, **seen)
    except Refused as refusal:
        return _page(request, form, reading.draft(), place=place, objections=refusal.objections, status=refusal.status)
    return redirect(f"{reverse('rules-draft')}#rule-{place or len(saved.rules)}")


def _draft(request: ActorRequest, *, objections: Sequence[Objection] = (), status: int = 200) -> HttpResponse:
    current, shown, names = reading.in_force(), reading.draft(), reading.names()
    found = flaws(shown.parsed, groups=groups(), names=names)
    context = {
        "draft": shown,
        "current": current,
        "lines": lines(shown.parsed, names, found),
        "same": shown.rules == (current.rules if current else []),
        "objections": objections,
    }
    return render(request, "rules/draft.html", context, status=status)


def _page(
    request: ActorRequest,
    form: RuleForm,
    shown: Draft,
    *,
    place: int | None = None,
    revision: int | None = None,
    objections: Sequence[Objection] = (),
    status: int = 200,
) -> HttpResponse:
    """A rule whose place is gone is kept as a new one."""
    here = lines(shown.parsed, reading.names())
    stands = place is not None and _stands(place, shown)
    context = {
        "form": form,
        "revision": shown.revision if revision is None else revision,
        "place": place if stands else None,
        "lines": here,
        "line": here[place - 1] if place is not None and stands else None,
        "objections": objections,
    }
    return render(request, "rules/edit.html", context, status=status)


def _publish_page(
    request: ActorRequest,
    form: PublishForm,
    *,
    revision: int | None = None,
    objections: Sequence[Objection] = (),
    status: int = 200,
) -> HttpResponse:
    current, shown, names = reading.in_force(), reading.draft(), reading.names()
    before = current.parsed if current else ()
    found = flaws(shown.parsed, groups=groups(), names=names)
    context = {
        "form": form,
        "revision": shown.revision if revision is None else revision,
        "current": current,
        "lines": lines(shown.parsed, names, found),
        "changes": change_lines(before, shown.parsed, names),
        "next": current.number + 1 if current else 1,
        "flaws": found,
        "fatal": any(flaw.fatal for flaw in found),
        "same": shown.rules == (current.rules if current else []),
        "replay": replay(shown.parsed, at=timezone.now()),
        "objections": objections,
    }
    return render(request, "rules/publish.html", context, status=status)
