"""What Kentik shows: beside one of ours, as evidence, and what was started elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from audit.refusal import Objection, Refused
from mitigations.forms.mitigation import IdentifyForm
from mitigations.policies import lifecycle
from mitigations.policies.lifecycle import Status
from mitigations.selectors import kentik, mitigations, observed
from mitigations.services import adopting, kentik_account
from mitigations.views.guard import needs

if TYPE_CHECKING:
    from mitigations.models import Alarm, Mitigation, Sighting


@dataclass(frozen=True, kw_only=True)
class Row:
    """One at Kentik, with names where ours know its IDs. `link` leads to Kentik's own page, `reference` to ours."""

    sighting: Sighting
    platform: str
    method: str
    link: str | None
    reference: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """An alarm with the way to Kentik's own page of what it is about."""

    alarm: Alarm
    link: str | None


@needs(Deed.VIEW)
@require_safe
def elsewhere(request: ActorRequest) -> HttpResponse:
    seen = observed.seen_with_others(at=timezone.now())
    return render(request, "kentik/elsewhere.html", {"seen": seen, "rows": rows(kentik.elsewhere())})


@needs(Deed.IDENTIFY)
@require_http_methods(["GET", "HEAD", "POST"])
def identify(request: ActorRequest, reference: str) -> HttpResponse:
    mitigation = mitigations.one(reference)
    candidates = [each.kentik_id for each in observed.candidates(mitigation)]
    if request.method != "POST":
        form = IdentifyForm(candidates=candidates)
        return _identify_page(request, mitigation, form, objections=_against(request, mitigation))
    form = IdentifyForm(request.POST, candidates=candidates)
    if not form.is_valid():
        return _identify_page(request, mitigation, form, status=422)
    try:
        adopting.adopt_by(reference=reference, by=request.actor, at=timezone.now(), **form.cleaned_data)
    except Refused as refusal:
        again = mitigations.one(reference)
        return _identify_page(request, again, form, objections=refusal.objections, status=refusal.status)
    messages.success(request, f"{reference} is Kentik’s {form.cleaned_data['kentik_id']}.")
    return redirect("mitigation", reference)


def beside(mitigation: Mitigation, *, at: datetime) -> dict[str, Any]:
    """What a page needs to show one of ours beside what Kentik shows of it."""
    seen = observed.seen(at=at)
    return {"seen": seen, "observed": observed.observed(mitigation, seen, at=at), "link": _link_of(mitigation)}


def evidence(mitigation: Mitigation) -> list[Row]:
    """All that Kentik showed for its target."""
    return rows(kentik.like(mitigation))


def told(alarms: Iterable[Alarm]) -> list[Told]:
    return [Told(alarm=each, link=_link_of(each.mitigation)) for each in alarms]


def rows(sightings: Iterable[Sighting]) -> list[Row]:
    platforms, methods = observed.names()
    return [
        Row(
            sighting=each,
            platform=platforms.get(each.platform_id, f"platform {each.platform_id}"),
            method=methods.get(each.method_id, f"method {each.method_id}"),
            link=_link(each.kentik_id),
            reference=f"MIT-{each.mitigation_id}" if each.mitigation_id else "",
        )
        for each in sightings
    ]


def _link_of(mitigation: Mitigation) -> str | None:
    sighting: Sighting | None = getattr(mitigation, "sighting", None)
    return _link(sighting.kentik_id) if sighting else None


def _link(kentik_id: str) -> str | None:
    """A region that Kentik does not have is the worker's to complain of; pages stay without links."""
    try:
        return kentik_account.link(kentik_id)
    except ValueError:
        return None


def _against(request: ActorRequest, mitigation: Mitigation) -> tuple[Objection, ...]:
    now = lifecycle.objections(Status(mitigation.status), Deed.IDENTIFY)
    return may(request.actor, Deed.IDENTIFY, mitigation) or now


def _identify_page(
    request: ActorRequest,
    mitigation: Mitigation,
    form: IdentifyForm,
    *,
    objections: tuple[Objection, ...] = (),
    status: int = 200,
) -> HttpResponse:
    context = {
        "mitigation": mitigation,
        "form": form,
        "objections": objections,
        "impossible": objections or not form.fields["kentik_id"].choices,  # type: ignore[attr-defined]
        "evidence": evidence(mitigation),
        **beside(mitigation, at=timezone.now()),
    }
    return render(request, "mitigations/confirm/identify.html", context, status=status)
