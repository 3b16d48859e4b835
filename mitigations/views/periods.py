"""Periods of the log: which are signed off, which come next, and one of them with all that its signer should see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.authority import Deed
from accounts.middleware import ActorRequest
from audit.refusal import Objection, Refused
from audit.selectors import story
from mitigations.forms.paging import BeforeForm
from mitigations.forms.reviews import CountersignForm, SignOffForm
from mitigations.policies import signing
from mitigations.policies.periods import Period, parse
from mitigations.selectors import archivable, periods
from mitigations.selectors.periods import Extent
from mitigations.services.auditing.periods import countersign as countersign_it
from mitigations.services.auditing.periods import sign_off
from mitigations.services.auditing.proving import unproven
from mitigations.views.guard import needs

if TYPE_CHECKING:
    from audit.models import SignOff

# Of those that wait to be signed, as many as a page shows.
_MOST_WAITING = 12


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A period that is over and that nobody has signed off."""

    period: Period
    due: datetime
    late: bool


@needs(Deed.SIGN_OFF)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    form, at = BeforeForm(request.GET), timezone.now()
    page = periods.signed_page(before=form.cleaned_data["before"] if form.is_valid() else None)
    previous = periods.last_signed()
    fitting = signing.next_ones(previous=previous, unsigned_at=periods.unsigned_at(previous))
    usual = next((each for each in fitting if each.kind is periods.last_kind()), None) or next(iter(fitting), None)
    context = {
        "page": page,
        "waiting": _waiting(usual, at),
        "running": usual if usual and at < usual.end else None,
        "others": [each for each in fitting if each != usual],
        "at": at,
    }
    return render(request, "periods/list.html", context)


@needs(Deed.SIGN_OFF)
@require_safe
def detail(request: ActorRequest, text: str) -> HttpResponse:
    return _page(request, _period(text))


@needs(Deed.SIGN_OFF)
@require_POST
def sign(request: ActorRequest, text: str) -> HttpResponse:
    return _put_a_name_to(text, request, SignOffForm(request.POST), sign_off, said="signed off")


@needs(Deed.SIGN_OFF)
@require_POST
def countersign(request: ActorRequest, text: str) -> HttpResponse:
    return _put_a_name_to(text, request, CountersignForm(request.POST), countersign_it, said="countersigned")


def _put_a_name_to(
    text: str, request: ActorRequest, form: forms.Form, deed: Callable[..., SignOff], *, said: str
) -> HttpResponse:
    period = _period(text)
    if not form.is_valid():
        return _page(request, period, form=form, status=422)
    try:
        deed(period=period, by=request.actor, at=timezone.now(), **form.cleaned_data)
    except Refused as refusal:
        return _page(request, period, form=form, objections=refusal.objections, status=refusal.status)
    messages.success(request, f"You have {said} {period.words}.")
    return redirect("period", text)


def _period(text: str) -> Period:
    period = parse(text)
    if period is None:
        raise Http404
    return period


def _waiting(first: Period | None, at: datetime) -> list[Waiting]:
    found = () if first is None else signing.unsigned(first, at=at, most=_MOST_WAITING)
    return [Waiting(period=each, due=signing.due(each), late=signing.due(each) < at) for each in found]


def _page(
    request: ActorRequest,
    period: Period,
    *,
    form: forms.Form | None = None,
    objections: tuple[Objection, ...] = (),
    status: int = 200,
) -> HttpResponse:
    at, within, signed = timezone.now(), periods.extent(period), periods.sign_off_of(period)
    against = _against(period, at)
    context: dict[str, Any] = {
        "period": period,
        "earlier": period.earlier(),
        "later": period.later() if period.end <= at else None,
        "signed": signed,
        "against": () if signed else against,
        "due": signing.due(period),
        "late": not signed and not against and signing.due(period) < at,
        "form": form or _form(within, signed),
        "objections": objections,
        "within": within,
        "archive": archivable.before(period.start),
        **(_contents(request, within, signed) if within else {}),
    }
    if signed is not None:
        context["story"] = story(periods.subject(period))
    return render(request, "periods/period.html", context, status=status)


def _against(period: Period, at: datetime) -> tuple[Objection, ...]:
    previous = periods.last_signed()
    return signing.objections(period, previous=previous, unsigned_at=periods.unsigned_at(previous), at=at)


def _form(within: Extent | None, signed: SignOff | None) -> forms.Form:
    if signed is not None:
        return CountersignForm()
    return SignOffForm(initial={"head": within.head if within else ""})


def _contents(request: ActorRequest, within: Extent, signed: SignOff | None) -> dict[str, Any]:
    """What lies in a period, as it is now; of a signed one the sample is as it was drawn."""
    counts, key = periods.counts(within), request.actor.author.key
    references = signed.sample if signed else periods.sample(within)
    return {
        "items": periods.items(within),
        "unproven": None if signed else unproven(within.first, within.last),
        "counts": counts,
        "closed": counts.get("closed", 0),
        "waiting": sum(count for state, count in counts.items() if state != "closed"),
        "figures": periods.figures(within),
        "sample": periods.drawn(references),
        "own_acts": signed.own_acts if signed else periods.count_acts(key, within),
        "acts": periods.acts(signed.signed_by, within) if signed and signed.awaits_countersign else [],
        "may_countersign": signed is not None and signed.awaits_countersign and signed.signed_by != key,
    }
