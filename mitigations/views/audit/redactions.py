"""What stands beside a record and shall go: one asks, another decides."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from audit import proofs
from mitigations.forms.redactions import AskForm
from mitigations.services.auditing import redacting
from mitigations.views.guard import needs


@needs(Deed.SEE_REDACTIONS)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    context = {
        "waiting": proofs.redactions(waiting=True),
        "decided": proofs.redactions(waiting=False),
        "may_decide": not may(request.actor, Deed.REDACT),
        "me": request.actor.author.key,
    }
    return render(request, "redactions/list.html", context)


@needs(Deed.ASK_REDACTION)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: ActorRequest, log: str, number: int) -> HttpResponse:
    record = redacting.record_of(log, number)
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        asked = redacting.ask(
            log=log, number=number, reason=form.cleaned_data["reason"], by=request.actor, at=timezone.now()
        )
        messages.success(request, f"An administrator is asked to redact {asked.subject}.")
        return redirect("redactions")
    context = {"form": form, "record": record, "log": log}
    return render(request, "redactions/ask.html", context, status=422 if request.method == "POST" else 200)


@needs(Deed.REDACT)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: ActorRequest, id: int) -> HttpResponse:
    if request.method != "POST":
        return render(request, "redactions/decide.html", {"redaction": proofs.redaction(id)})
    deed = redacting.carry_out if "redact" in request.POST else redacting.decline
    done = deed(id=id, by=request.actor, at=timezone.now())
    said = "is redacted" if done.carried_out else "stays as it is"
    messages.success(request, f"What stands beside {done.subject} {said}.")
    return redirect("redactions")
