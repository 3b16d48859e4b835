"""The rules of approval: everybody reads those in force; administrators edit a draft and publish it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from audit.refusal import Objection, Refused
from mitigations.forms.rules import ButtonForm, PublishForm, RevisionForm, RuleForm, initial
from mitigations.policies.rule_checks import Flaw, flaws
from mitigations.policies.rules import Rule, count, listed
from mitigations.selectors import rules as reading
from mitigations.selectors.approvers import groups
from mitigations.selectors.replay import replay
from mitigations.services import rules as editing
from mitigations.views.guard import needs

if TYPE_CHECKING:
    from mitigations.models import Draft


@dataclass(frozen=True, kw_only=True)
class Line:
    """A rule as people read it. `place` counts from 1."""

    place: int
    rule: Rule
    when: str
    needs: str
    flaws: tuple[Flaw, ...] = ()


@needs(Deed.VIEW)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    current = reading.in_force()
    context = {
        "current": current,
        "lines": lines(current.parsed) if current else [],
        "versions": reading.versions(),
        "may_edit": not may(request.actor, Deed.EDIT_RULES),
    }
    return render(request, "rules/list.html", context)


@needs(Deed.VIEW)
@require_safe
def version(request: ActorRequest, number: int) -> HttpResponse:
    book = reading.version(number)
    return render(request, "rules/version.html", {"book": book, "lines": lines(book.parsed)})


@needs(Deed.EDIT_RULES)
@require_safe
def draft(request: ActorRequest) -> HttpResponse:
    current = reading.in_force()
    shown = reading.draft()
    found = flaws(shown.parsed, groups=groups(), names=reading.names())
    context = {
        "draft": shown,
        "lines": lines(shown.parsed, found),
        "same": shown.rules == (current.rules if current else []),
    }
    return render(request, "rules/draft.html", context)


@needs(Deed.EDIT_RULES)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    shown = reading.draft()
    if request.method != "POST":
        return _page(request, RuleForm(), shown)
    return _save(request, shown)


@needs(Deed.EDIT_RULES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ActorRequest, place: int) -> HttpResponse:
    shown = reading.draft()
    if not 1 <= place <= len(shown.rules):
        raise Http404
    if request.method != "POST":
        return _page(request, RuleForm(initial=initial(shown.parsed[place - 1])), shown, place=place)
    return _save(request, shown, place=place)


@needs(Deed.EDIT_RULES)
@require_POST
def arrange(request: ActorRequest) -> HttpResponse:
    """Up, down or out: the buttons of the draft's rules."""
    data = _pressed(ButtonForm(request.POST))
    seen = {"revision": data["revision"], "by": request.actor, "at": timezone.now()}
    if data["remove"]:
        editing.remove(place=data["remove"], **seen)
        messages.success(request, f"Rule {data['remove']} is gone from the draft.")
        return redirect("rules-draft")
    place = data["up"] or data["down"]
    if not place:
        raise BadRequest
    to = place - 1 if data["up"] else place + 1
    editing.move(place=place, to=to, **seen)
    return redirect(f"{_draft_page()}#rule-{to}")


@needs(Deed.EDIT_RULES)
@require_POST
def start_over(request: ActorRequest) -> HttpResponse:
    data = _pressed(RevisionForm(request.POST))
    editing.start_over(revision=data["revision"], by=request.actor, at=timezone.now())
    messages.success(request, "The draft is what is in force.")
    return redirect("rules-draft")


@needs(Deed.EDIT_RULES)
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: ActorRequest) -> HttpResponse:
    """The draft beside the rules in force, over what was really asked for, and the button that publishes it."""
    shown = reading.draft()
    if request.method != "POST":
        return _publish_page(request, PublishForm(), shown)
    form, seen = PublishForm(request.POST), RevisionForm(request.POST)
    if not form.is_valid():
        return _publish_page(request, form, shown, status=422)
    revision, note = _pressed(seen)["revision"], form.cleaned_data["note"]
    try:
        book = editing.publish(revision=revision, note=note, by=request.actor, at=timezone.now())
    except Refused as refusal:
        return _publish_page(request, form, shown, objections=refusal.objections, status=refusal.status)
    messages.success(request, f"The rules are published as {book}. What is under way keeps its own.")
    return redirect("rules")


def lines(rules: Sequence[Rule], found: Sequence[Flaw] = ()) -> list[Line]:
    called = reading.names()
    return [
        Line(
            place=place,
            rule=rule,
            when=listed(rule.when, called),
            needs=count(rule.approvals) + (f" by {called.team(rule.team)}" if rule.team is not None else ""),
            flaws=tuple(flaw for flaw in found if flaw.place == place),
        )
        for place, rule in enumerate(rules, start=1)
    ]


def _draft_page() -> str:
    return redirect("rules-draft").url


def _pressed(form: RevisionForm) -> dict[str, Any]:
    """What a button sent. Nobody types it, so anything else makes no sense."""
    if not form.is_valid():
        raise BadRequest
    return form.cleaned_data


def _save(request: ActorRequest, shown: Draft, *, place: int | None = None) -> HttpResponse:
    form = RuleForm(request.POST)
    if not form.is_valid():
        return _page(request, form, shown, place=place, status=422)
    revision = _pressed(RevisionForm(request.POST))["revision"]
    try:
        if place is None:
            editing.add(rule=form.rule, revision=revision, by=request.actor, at=timezone.now())
        else:
            editing.replace(place=place, rule=form.rule, revision=revision, by=request.actor, at=timezone.now())
    except Refused as refusal:
        return _page(request, form, shown, place=place, objections=refusal.objections, status=refusal.status)
    return redirect(f"{_draft_page()}#rule-{place or len(shown.rules) + 1}")


def _page(
    request: ActorRequest,
    form: RuleForm,
    shown: Draft,
    *,
    place: int | None = None,
    objections: Sequence[Objection] = (),
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "draft": shown, "place": place, "objections": objections}
    return render(request, "rules/edit.html", context, status=status)


def _publish_page(
    request: ActorRequest,
    form: PublishForm,
    shown: Draft,
    *,
    objections: Sequence[Objection] = (),
    status: int = 200,
) -> HttpResponse:
    current = reading.in_force()
    found = flaws(shown.parsed, groups=groups(), names=reading.names())
    context = {
        "form": form,
        "draft": shown,
        "lines": lines(shown.parsed, found),
        "next": current.number + 1 if current else 1,
        "fatal": any(flaw.fatal for flaw in found),
        "same": shown.rules == (current.rules if current else []),
        "replay": replay(shown.parsed, at=timezone.now()),
        "objections": objections,
    }
    return render(request, "rules/publish.html", context, status=status)
