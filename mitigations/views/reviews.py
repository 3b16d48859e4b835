"""What wants a look: the inbox, one item with all that belongs to it, and questions to people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.authority import Actor, Deed
from accounts.middleware import ActorRequest
from audit.refusal import Objection, Refused
from audit.selectors import Entry, story
from mitigations.forms.reviews import FORMS, AnswerForm, InboxForm
from mitigations.policies.reviewing import Step, possible
from mitigations.selectors import archivable, reviews
from mitigations.selectors.reviews import Inbox, Shown
from mitigations.services.auditing import reviewing
from mitigations.views import kentik
from mitigations.views.guard import needs
from mitigations.views.mitigations import grouped

if TYPE_CHECKING:
    from mitigations.models import Mitigation

# What each step does, and what is said when it is done.
_DO: Mapping[Step, tuple[Callable[..., None], str]] = {
    Step.TAKE: (reviewing.take, "It is yours now."),
    Step.GIVE_BACK: (reviewing.give_back, "It is given back."),
    Step.NOTE: (reviewing.note, "Your note is kept."),
    Step.ASK: (reviewing.ask, "They are asked, and told by mail."),
    Step.CLOSE: (reviewing.close, "It is closed."),
    Step.FOLLOW_UP: (reviewing.follow_up, "It is followed up."),
}


@needs(Deed.REVIEW)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    form, page = InboxForm(request.GET), Inbox(rows=[], older=None)
    if form.is_valid():
        data = form.cleaned_data
        page = reviews.inbox(data["show"], kind=data["kind"], by=request.actor, after=data["after"])
    context = {
        "form": form,
        "page": page,
        "show": form.cleaned_data.get("show", Shown.OPEN),
        "today": timezone.now().date(),
    }
    return render(request, "reviews/inbox.html", context, status=200 if form.is_valid() else 422)


@needs(Deed.REVIEW)
@require_safe
def detail(request: ActorRequest, number: int) -> HttpResponse:
    return _page(request, number)


@needs(Deed.REVIEW)
@require_POST
def act(request: ActorRequest, number: int, step: Step) -> HttpResponse:
    row = reviews.one(number)
    form = _forms(request.actor, row, data={step: request.POST})[step]
    if not form.is_valid():
        return _page(request, number, wrong={step: form}, status=422)
    do, done = _DO[step]
    try:
        do(number=number, by=request.actor, at=timezone.now(), **form.cleaned_data)
    except Refused as refusal:
        return _page(request, number, wrong={step: form}, objections=refusal.objections, status=refusal.status)
    messages.success(request, done)
    return redirect("review-item", number)


@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """For everybody with an account: whoever is asked may answer, whatever they may otherwise do."""
    return _questions(cast("ActorRequest", request))


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, number: int) -> HttpResponse:
    known = cast("ActorRequest", request)
    if request.method != "POST":
        return redirect("questions")
    form = AnswerForm(request.POST, auto_id=f"id_{number}_%s")
    if not form.is_valid():
        return _questions(known, {number: form}, status=422)
    reviewing.answer(number=number, by=known.actor, at=timezone.now(), **form.cleaned_data)
    messages.success(request, "Thank you: your answer is kept, and whoever asked sees it.")
    return redirect("questions")


def _questions(
    request: ActorRequest, wrong: Mapping[int, AnswerForm] | None = None, *, status: int = 200
) -> HttpResponse:
    wrong = wrong or {}
    rows = [
        (each, wrong.get(each.item.number) or AnswerForm(auto_id=f"id_{each.item.number}_%s"))
        for each in reviews.questions(request.actor)
    ]
    context = {
        "waiting": [row for row in rows if row[0].is_open],
        "answered": [question for question, _ in rows if not question.is_open],
        "wrong": list(wrong.values()),
    }
    return render(request, "reviews/questions.html", context, status=status)


def _page(
    request: ActorRequest,
    number: int,
    *,
    wrong: Mapping[Step, forms.Form] | None = None,
    objections: tuple[Objection, ...] = (),
    status: int = 200,
) -> HttpResponse:
    row, key = reviews.one(number), request.actor.author.key
    involved = reviews.had_a_part(row.item, key)
    shown = {**_forms(request.actor, row), **(wrong or {})}
    context = {
        "row": row,
        "item": row.item,
        "mine": row.item.held_by == key,
        "involved": involved,
        "may": possible(reviews.standing(row.item), by=key, had_a_part=involved),
        "forms": {step.value.replace("-", "_"): form for step, form in shown.items()},
        "wrong": next(iter(wrong.values())) if wrong else None,
        "objections": objections,
        "next": reviews.next_one(number),
        "conversation": reviews.conversation(number),
        **_story(row.entry),
    }
    return render(request, "reviews/item.html", context, status=status)


def _forms(actor: Actor, row: reviews.Row, data: Mapping[Step, Any] | None = None) -> dict[Step, forms.Form]:
    """Each step's form, on one page: so each has IDs of its own."""
    data = data or {}
    people = [(person.pk, f"{person.name} ({person.username})") for person in reviews.people_to_ask(actor)]
    more: Mapping[Step, dict[str, Any]] = {
        Step.TAKE: {"initial": {"held_by": row.item.held_by}},
        Step.ASK: {"people": people},
    }
    return {
        step: form(data.get(step), auto_id=f"id_{step.value}_%s", **more.get(step, {})) for step, form in FORMS.items()
    }


def _story(entry: Entry) -> dict[str, Any]:
    """All that is known of what the event is about: the whole mitigation where it is one, else the events about it."""
    found: dict[str, Any] = {"mitigation": None, "story": story(entry.subject)}
    mitigation: Mitigation | None = reviews.about(entry)
    if mitigation is None:
        return found
    return {
        **found,
        "mitigation": mitigation,
        "archive": archivable.before(mitigation.requested_at),
        "alarms": reviews.alarms(mitigation),
        "exchanges": grouped(mitigation),
        **kentik.beside(mitigation, at=timezone.now()),
    }
