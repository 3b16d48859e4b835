"""The deeds on one mitigation, each with a page that says what will happen before it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.views.decorators.http import require_http_methods

from accounts.authority import Actor, Deed, may
from accounts.middleware import ActorRequest
from audit.refusal import Objection, Refused
from mitigations.policies import plainly
from mitigations.policies.lifecycle import Status
from mitigations.selectors import history, mitigations
from mitigations.selectors.waiting import seen
from mitigations.services import stopping
from mitigations.services.approvals import CHANGED
from mitigations.views import confirmations, kentik, standing, waiting
from mitigations.views.confirmations import Confirmation
from mitigations.views.guard import needs

if TYPE_CHECKING:
    from mitigations.models import Mitigation

_ALREADY = {
    "decided-already": "You have decided on this request already.",
    "ordered-already": "It is being stopped already.",
    "withdrawn-already": "It was withdrawn already.",
}
_BESIDE_KENTIK = {Deed.STOP, Deed.RECORD_STOP, Deed.SETTLE}
_GOES_OUT = {Deed.APPROVE, Deed.BREAK_GLASS}
_BEFORE_SENDING = {*_GOES_OUT, Deed.REJECT}


@needs(Deed.APPROVE)
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: ActorRequest, reference: str) -> HttpResponse:
    return _confirm(request, reference, confirmations.APPROVE)


@needs(Deed.REJECT)
@require_http_methods(["GET", "HEAD", "POST"])
def reject(request: ActorRequest, reference: str) -> HttpResponse:
    return _confirm(request, reference, confirmations.REJECT)


@needs(Deed.WITHDRAW)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: ActorRequest, reference: str) -> HttpResponse:
    return _confirm(request, reference, confirmations.WITHDRAW)


def stop(request: HttpRequest, reference: str) -> HttpResponse:
    """Have the worker stop it; at `?record=1`, keep that somebody has stopped it in Kentik."""
    view = _record_stop if "record" in request.GET else _order_stop
    return view(request, reference=reference)


@needs(Deed.STOP)
@require_http_methods(["GET", "HEAD", "POST"])
def _order_stop(request: ActorRequest, reference: str) -> HttpResponse:
    """Where the portal cannot have it stopped, the page for those who stop it in Kentik. Only its own form records."""
    if request.method == "POST":
        return _confirm(request, reference, confirmations.STOP)
    by_hand = stopping.is_by_hand(mitigations.one(reference), at=timezone.now())
    return _confirm(request, reference, confirmations.RECORD_STOP if by_hand else confirmations.STOP)


@needs(Deed.RECORD_STOP)
@require_http_methods(["GET", "HEAD", "POST"])
def _record_stop(request: ActorRequest, reference: str) -> HttpResponse:
    return _confirm(request, reference, confirmations.RECORD_STOP)


@needs(Deed.SETTLE)
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: ActorRequest, reference: str) -> HttpResponse:
    return _confirm(request, reference, confirmations.SETTLE)


@needs(Deed.BREAK_GLASS)
@require_http_methods(["GET", "HEAD", "POST"])
def break_glass(request: ActorRequest, reference: str) -> HttpResponse:
    return _confirm(request, reference, confirmations.BREAK_GLASS)


@needs(Deed.REVIEW_GLASS)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: ActorRequest, reference: str) -> HttpResponse:
    return _confirm(request, reference, confirmations.REVIEW)


def _confirm(request: ActorRequest, reference: str, page: Confirmation) -> HttpResponse:
    if request.method != "POST":
        mitigation = mitigations.one(reference)
        objections = _objections(request.actor, page.deed, mitigation)
        return _render(request, page, page.form(), mitigation, objections=objections)
    # Nothing is read that only a page shows: this is the way to Kentik, and somebody waits for it.
    target, form = mitigations.target(reference), page.form(request.POST)
    if not form.is_valid():
        return _render(request, page, form, mitigations.one(reference), status=422)
    try:
        made = page.act(reference=reference, by=request.actor, at=timezone.now(), **form.cleaned_data)
    except Refused as refusal:
        if sentence := _done_already(refusal):
            messages.info(request, sentence)
            return _landing(page, reference)
        mitigation = mitigations.one(reference)
        return _render(request, page, form, mitigation, objections=refusal.objections, status=refusal.status)
    messages.success(request, _told(page, reference, target, made, request.actor))
    return _landing(page, reference)


def _landing(page: Confirmation, reference: str) -> HttpResponse:
    return redirect("approvals") if page.lands == "approvals" else redirect("mitigation", reference)


def _told(page: Confirmation, reference: str, target: str, made: Any, actor: Actor) -> str:
    """What was done, what comes of it, and where the page does not show it how much else waits for this person."""
    link = format_html('<a href="{}">{}</a>', reverse("mitigation", args=[reference]), reference)
    done = format_html(page.done, reference=reference, target=target, link=link)
    if page.lands != "approvals":
        return done
    then = _then(made) if page.deed is Deed.APPROVE else ""
    return format_html("{} {} {}", done, then, _what_waits(mitigations.count_awaiting(actor)))


def _then(approved: Mitigation) -> str:
    """What becomes of a request by this approval."""
    if approved.status == Status.PENDING:
        return "Somebody else must approve it too."
    return f"{capfirst(plainly.turn(mitigations.count_before(approved)))}."


def _what_waits(count: int) -> str:
    return f"{count} more wait{'s' if count == 1 else ''} for you." if count else "Nothing else waits for you."


def _done_already(refusal: Refused) -> str:
    """What to say to somebody who pressed twice; empty when they did not."""
    return next((_ALREADY[each.code] for each in refusal.objections if each.code in _ALREADY), "")


def _objections(actor: Actor, deed: Deed, mitigation: Mitigation) -> tuple[Objection, ...]:
    """What already stands against it when the page is opened; the service asks again when the button is pressed."""
    if deed is Deed.REVIEW_GLASS:
        return may(actor, deed, mitigation) or _not_to_review(mitigation)
    [found] = standing.against([mitigation], deed, actor=actor, at=timezone.now())
    if not found and deed is Deed.BREAK_GLASS and mitigation.broken_glass is not None:
        return (Objection(code="broken-already", sentence="The glass was broken for this one already."),)
    return found


def _not_to_review(mitigation: Mitigation) -> tuple[Objection, ...]:
    if (broken := mitigation.broken_glass) is None:
        return (Objection(code="not-now", sentence="No glass was broken for this one."),)
    if broken.reviewed_at is not None:
        return (Objection(code="not-now", sentence="It was reviewed already."),)
    return ()


def _render(
    request: ActorRequest,
    page: Confirmation,
    form: forms.Form,
    mitigation: Mitigation,
    *,
    objections: tuple[Objection, ...] = (),
    status: int = 200,
) -> HttpResponse:
    at = timezone.now()
    asks_again = [each for each in objections if each.code != CHANGED]
    now = seen([mitigation], at=at)[0] if mitigation.status == Status.PENDING else None
    context = {
        "form": form,
        "page": page,
        "mitigation": mitigation,
        "objections": objections,
        "waiting": now,
        "untried": request.method != "POST",
        # What would happen is not told where it cannot; of a review the page tells what there is to review.
        "moot": bool(asks_again) and page.deed is not Deed.REVIEW_GLASS,
        "impossible": asks_again or (page.deed in _GOES_OUT and now is not None and now.is_blocked),
        "before": history.summary_before(mitigation) if page.deed in _BEFORE_SENDING else None,
        "lookalikes": _lookalikes(request.actor, mitigation) if page.lands == "approvals" and now else None,
        **(kentik.beside(mitigation, at=at) if page.deed in _BESIDE_KENTIK else {}),
        "evidence": kentik.evidence(mitigation) if page.deed is Deed.SETTLE else None,
    }
    return render(request, page.template, context, status=status)


def _lookalikes(actor: Actor, mitigation: Mitigation) -> waiting.Lookalikes | None:
    """Among all else that this person could decide on by mistake."""
    others = mitigations.targets_awaiting(actor)
    return waiting.lookalikes(mitigation, [target for key, target in others.items() if key != mitigation.reference])
