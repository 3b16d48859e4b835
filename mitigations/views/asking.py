"""Asking for a mitigation: the form, what will happen, and the request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.authority import Actor, Deed
from accounts.middleware import ActorRequest
from audit.refusal import Objection, Refused
from mitigations.forms.mitigation import MitigationForm
from mitigations.policies.approval import STANDARD
from mitigations.policies.guardrails import Finding, Terms
from mitigations.selectors import catalogue, mitigations
from mitigations.services import requests
from mitigations.services.kentik_account import body_of
from mitigations.services.requests import preview_message
from mitigations.views.guard import needs


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would happen: the guardrails' findings, the sentence of the rule, and the JSON that Kentik would get."""

    terms: Terms
    findings: tuple[Finding, ...]
    rule: str
    body: str

    @property
    def addresses(self) -> str:
        size = self.terms.target.size
        return f"{size:,} addresses" if size > 1 else "1 address"


@needs(Deed.ASK)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, MitigationForm(initial=_again(request)))
    data = request.POST.copy()
    if mend := data.get("mend"):
        data["ip_cidr"] = mend
    form = MitigationForm(data)
    if not form.is_valid():
        return _page(request, form, status=422)
    if "ask" not in data:
        return _page(request, form, preview=_preview(form, request.actor))
    try:
        mitigation = requests.ask(wanted=form.wanted, by=request.actor, at=timezone.now())
    except Refused as refusal:
        return _page(
            request, form, preview=_preview(form, request.actor), objections=refusal.objections, status=refusal.status
        )
    messages.success(request, f"{mitigation.reference} waits for approval. {mitigation.rule}")
    return redirect("mitigation", mitigation.reference)


def _preview(form: MitigationForm, by: Actor) -> Preview:
    pairing = catalogue.pairing(form.wanted.pairing_id)
    return Preview(
        terms=form.terms,
        findings=requests.judge(pairing, form.terms, by=by),
        rule=STANDARD.sentence,
        body=body_of(preview_message(form.wanted, pairing)),
    )


def _again(request: ActorRequest) -> dict[str, Any]:
    """`?again=MIT-42`: the terms of an earlier one, to ask for the same once more."""
    reference = request.GET.get("again")
    if reference is None:
        return {}
    earlier = mitigations.one(reference)
    return {
        "ip_cidr": earlier.target,
        "pairing": earlier.pairing_id,
        "minutes_before_auto_stop": earlier.minutes,
        "comment": earlier.comment,
        "reason": earlier.reason,
        "ticket": earlier.ticket,
    }


def _page(
    request: ActorRequest,
    form: MitigationForm,
    *,
    preview: Preview | None = None,
    objections: tuple[Objection, ...] = (),
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "preview": preview, "objections": objections, "rule": STANDARD.sentence}
    return render(request, "mitigations/new.html", context, status=status)
