"""Whether the log is as it was written, and the checkpoints that bear witness to it elsewhere."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.authority import Deed
from accounts.middleware import ActorRequest
from audit import proofs
from audit.selectors import head
from mitigations.forms.paging import BeforeForm
from mitigations.services.auditing import keeping, proving
from mitigations.views import freshness
from mitigations.views.guard import needs


@needs(Deed.VERIFY_AUDIT)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    newest = head()
    if (answer := freshness.answer(request, newest=newest)) is not None:
        return answer
    form = BeforeForm(request.GET)
    made, older = proofs.checkpoints(before=form.cleaned_data["before"] if form.is_valid() else None)
    covered = proving.covered()
    context = {
        "head": newest,
        "covered": covered,
        # Each verification is an event itself, the next one after what it read.
        "unread": max(newest - covered.number - 1, 0) if covered else 0,
        "verification": keeping.awaited_verification(),
        "signing": keeping.awaited_checkpoint(),
        "trouble": proving.trouble(),
        "checkpoints": made,
        "older": older,
    }
    return render(request, "audit/proofs.html", context)


@needs(Deed.VERIFY_AUDIT)
@require_POST
def verify(request: ActorRequest) -> HttpResponse:
    proving.want_verification(whole="whole" in request.POST, by=request.actor, at=timezone.now())
    messages.success(request, "The worker verifies the log; this page shows what it finds.")
    return redirect("proofs")


@needs(Deed.VERIFY_AUDIT)
@require_POST
def sign(request: ActorRequest) -> HttpResponse:
    proving.want_checkpoint(by=request.actor, at=timezone.now())
    messages.success(request, "The worker signs the head of the log; the checkpoint then stands on this page.")
    return redirect("proofs")


@needs(Deed.VERIFY_AUDIT)
@require_safe
def checkpoint(request: ActorRequest, number: int) -> HttpResponse:
    """The note as a file: exactly the bytes that are signed, and the signature."""
    found = proofs.checkpoint(number)
    answer = HttpResponse(found.note, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    return answer
