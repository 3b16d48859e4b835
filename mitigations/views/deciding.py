"""The deeds on one mitigation, each with a page that says what will happen before it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authority import Actor, Deed, may
from accounts.middleware import ActorRequest
from audit.refusal import Objection, Refused
from mitigations.forms.mitigation import (
    NoteForm,
    ReasonForm,
    RecordStopForm,
    RequiredNoteForm,
    ReviewForm,
    SettleForm,
    StopForm,
)
from mitigations.policies import guardrails
from mitigations.policies.guardrails import Change, Finding, Severity
from mitigations.policies.lifecycle import Status
from mitigations.selectors import history, mitigations
from mitigations.selectors.facts import findings_for, findings_of
from mitigations.services import approvals, glass, requests, settling, stopping
from mitigations.views import kentik, standing
from mitigations.views.guard import needs

if TYPE_CHECKING:
    from mitigations.models import Mitigation


@dataclass(frozen=True)
class Waiting:
    """A request as an approver sees it: with what speaks against it now, and what has changed since it was made."""

    mitigation: Mitigation
    findings: tuple[Finding, ...]

    @property
    def change(self) -> Change:
        return guardrails.change(self.mitigation.kept_findings, self.findings)

    @property
    def needs_a_look(self) -> bool:
        return any(finding.severity is not Severity.NOTE for finding in self.findings)


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """One deed's page. `act` is the service; `done` is what the person reads afterwards."""

    deed: Deed
    template: str
    form: type[forms.Form]
    act: Callable[..., Any]
    done: str


_APPROVE = Confirmation(
    deed=Deed.APPROVE,
    template="mitigations/confirm/approve.html",
    form=NoteForm,
    act=approvals.approve,
    done="You approved {reference}.",
)
_REJECT = Confirmation(
    deed=Deed.REJECT,
    template="mitigations/confirm/reject.html",
    form=RequiredNoteForm,
    act=approvals.reject,
    done="You rejected {reference}.",
)
_WITHDRAW = Confirmation(
    deed=Deed.WITHDRAW,
    template="mitigations/confirm/withdraw.html",
    form=NoteForm,
    act=requests.withdraw,
    done="You withdrew {reference}.",
)
_STOP = Confirmation(
    deed=Deed.STOP,
    template="mitigations/confirm/stop.html",
    form=StopForm,
    act=stopping.order,
    done="{reference} is being stopped: the worker tells Kentik now.",
)
_RECORD_STOP = Confirmation(
    deed=Deed.RECORD_STOP,
    template="mitigations/confirm/record-stop.html",
    form=RecordStopForm,
    act=settling.record_stop,
    done="{reference} is recorded as stopped.",
)
_SETTLE = Confirmation(
    deed=Deed.SETTLE,
    template="mitigations/confirm/settle.html",
    form=SettleForm,
    act=settling.settle,
    done="{reference} is settled.",
)


_BREAK_GLASS = Confirmation(
    deed=Deed.BREAK_GLASS,
    template="mitigations/confirm/break-glass.html",
    form=ReasonForm,
    act=glass.break_glass,
    done="You broke the glass for {reference}: it goes to Kentik now.",
)
_REVIEW = Confirmation(
    deed=Deed.REVIEW_GLASS,
    template="mitigations/confirm/review.html",
    form=ReviewForm,
    act=glass.review,
    done="Your review of {reference} is kept.",
)


# Those that can be done to many at once.
TO_MANY = {page.deed: page for page in (_APPROVE, _REJECT, _WITHDRAW, _STOP)}
_ALREADY = {
    "decided-already": "You have decided on this request already.",
    "ordered-already": "It is being stopped already.",
    "withdrawn-already": "It was withdrawn already.",
}
_BESIDE_KENTIK = {Deed.STOP, Deed.RECORD_STOP, Deed.SETTLE}


@needs(Deed.APPROVE)
@require_safe
def queue(request: ActorRequest) -> HttpResponse:
    waiting = mitigations.awaiting(request.actor)
    found = findings_of(waiting, at=timezone.now())
    context = {
        "batches": _batches(map(Waiting, waiting, found)),
        "reviews": mitigations.glass_to_review(request.actor),
    }
    return render(request, "approvals.html", context)


def _batches(waiting: Iterable[Waiting]) -> list[list[Waiting]]:
    """Those that were asked for at once stand together; what needs a closer look comes first, then the oldest."""
    batches: dict[str, list[Waiting]] = {}
    for each in waiting:
        batches.setdefault(each.mitigation.lead_reference, []).append(each)
    return sorted(batches.values(), key=lambda batch: not any(each.needs_a_look for each in batch))


@needs(Deed.APPROVE)
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: ActorRequest, reference: str) -> HttpResponse:
    return _confirm(request, reference, _APPROVE)


@needs(Deed.REJECT)
@require_http_methods(["GET", "HEAD", "POST"])
def reject(request: ActorRequest, reference: str) -> HttpResponse:
    return _confirm(request, reference, _REJECT)


@needs(Deed.WITHDRAW)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: ActorRequest, reference: str) -> HttpResponse:
    return _confirm(request, reference, _WITHDRAW)


def stop(request: HttpRequest, reference: str) -> HttpResponse:
    """Have the worker stop it; at `?record=1`, keep that somebody has stopped it in Kentik."""
    view = _record_stop if "record" in request.GET else _order_stop
    return view(request, reference=reference)


@needs(Deed.STOP)
@require_http_methods(["GET", "HEAD", "POST"])
def _order_stop(request: ActorRequest, reference: str) -> HttpResponse:
    """Where the portal cannot have it stopped, the page for those who stop it in Kentik. Only its own form records."""
    if request.method == "POST":
        return _confirm(request, reference, _STOP)
    possible = stopping.stoppable(mitigations.one(reference), at=timezone.now()) is not None
    return _confirm(request, reference, _STOP if possible else _RECORD_STOP)


@needs(Deed.RECORD_STOP)
@require_http_methods(["GET", "HEAD", "POST"])
def _record_stop(request: ActorRequest, reference: str) -> HttpResponse:
    return _confirm(request, reference, _RECORD_STOP)


@needs(Deed.SETTLE)
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: ActorRequest, reference: str) -> HttpResponse:
    return _confirm(request, reference, _SETTLE)


@needs(Deed.BREAK_GLASS)
@require_http_methods(["GET", "HEAD", "POST"])
def break_glass(request: ActorRequest, reference: str) -> HttpResponse:
    return _confirm(request, reference, _BREAK_GLASS)


@needs(Deed.REVIEW_GLASS)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: ActorRequest, reference: str) -> HttpResponse:
    return _confirm(request, reference, _REVIEW)


def _confirm(request: ActorRequest, reference: str, page: Confirmation) -> HttpResponse:
    mitigation = mitigations.one(reference)
    if request.method != "POST":
        objections = _objections(request.actor, page.deed, mitigation)
        return _render(request, page, page.form(), mitigation, objections=objections)
    form = page.form(request.POST)
    if not form.is_valid():
        return _render(request, page, form, mitigation, status=422)
    try:
        page.act(reference=reference, by=request.actor, at=timezone.now(), **form.cleaned_data)
    except Refused as refusal:
        if sentence := _done_already(refusal):
            messages.info(request, sentence)
            return redirect("mitigation", reference)
        mitigation = mitigations.one(reference)
        return _render(request, page, form, mitigation, objections=refusal.objections, status=refusal.status)
    messages.success(request, page.done.format(reference=reference))
    return redirect("mitigation", reference)


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
    judged = mitigation.status == Status.PENDING
    findings = findings_for(mitigation, at=at) if judged else ()
    goes_out = page.deed in {Deed.APPROVE, Deed.BREAK_GLASS}
    context = {
        "form": form,
        "mitigation": mitigation,
        "objections": objections,
        "findings": findings,
        "judged": judged,
        "change": guardrails.change(mitigation.kept_findings, findings) if judged else None,
        "impossible": objections or (goes_out and guardrails.blocks(findings)),
        **(kentik.beside(mitigation, at=at) if page.deed in _BESIDE_KENTIK else {}),
        "before": history.summary_before(mitigation) if page.deed is Deed.APPROVE else None,
        "evidence": kentik.evidence(mitigation) if page.deed is Deed.SETTLE else None,
    }
    return render(request, page.template, context, status=status)
