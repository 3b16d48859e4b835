from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.authority import Deed
from accounts.middleware import ActorRequest
from audit.selectors import page
from mitigations.forms.audit import LogForm
from mitigations.views.guard import needs


@needs(Deed.READ_AUDIT)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    form = LogForm(request.GET)
    entries, older = page(before=form.cleaned_data["before"] if form.is_valid() else None)
    return render(request, "audit/log.html", {"entries": entries, "older": older})
