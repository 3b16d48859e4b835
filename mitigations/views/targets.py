"""What happened on one target, and on what overlaps it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.authority import Deed
from accounts.middleware import ActorRequest
from mitigations.forms.history import HistoryForm
from mitigations.policies.network import BadPrefix, Prefix, parse
from mitigations.policies.ordering import Place
from mitigations.selectors import history, listing
from mitigations.views import kentik
from mitigations.views.guard import needs

_PAGE = 25


@needs(Deed.VIEW)
@require_safe
def index(request: ActorRequest, prefix: str) -> HttpResponse:
    """A target has one address: however else it is written, the browser is sent there."""
    target = parse(prefix)
    if isinstance(target, BadPrefix):
        return render(request, "targets/none.html", {"wrong": target}, status=404)
    if target.text != prefix:
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        return redirect(reverse("target", args=[target.text]) + query)
    form = HistoryForm(request.GET)
    if not form.is_valid():
        return render(request, "targets/history.html", {"target": target, "form": form}, status=422)
    return render(request, "targets/history.html", _context(target, form))


def _context(target: Prefix, form: HistoryForm) -> dict[str, Any]:
    alone, data = form.is_alone, form.cleaned_data
    below, above = (None if data[name] is None else Place(id=data[name]) for name in ("before", "after"))
    page = listing.page(history.on(target, alone=alone), columns=history.SHOWN, below=below, above=above, size=_PAGE)
    return {
        "target": target,
        "form": form,
        "alone": alone,
        "page": page,
        "entries": history.entries(page.rows, beside=target, at=timezone.now()),
        "summary": history.summary(target, alone=alone),
        "elsewhere": kentik.rows(history.elsewhere(target, alone=alone)),
    }
