"""The log as a list of sentences."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.authority import Actor, Deed
from accounts.middleware import ActorRequest
from audit.selectors import Entry, Page, page
from mitigations.forms.audit import LogForm
from mitigations.selectors import archivable
from mitigations.views.audit import places
from mitigations.views.audit.places import Piece
from mitigations.views.guard import needs


@dataclass(frozen=True, kw_only=True)
class Line:
    entry: Entry
    told: list[Piece]
    noted: list[Piece]


@needs(Deed.READ_AUDIT)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    form, found = LogForm(request.GET), Page(entries=[])
    valid = form.is_valid()
    if valid:
        found = page(form.filter, before=form.cleaned_data["before"], after=form.cleaned_data["after"])
    context = {
        "form": form,
        "page": found,
        "archive": archivable.newest() if found.older is None else None,
        "lines": lines(found.entries, reader=request.actor),
        "chips": [(words, _without(request.GET, name)) for name, words in form.said.items()] if valid else [],
    }
    return render(request, "audit/log.html", context, status=200 if valid else 422)


def lines(entries: list[Entry], *, reader: Actor) -> list[Line]:
    return [Line(entry=each, told=places.told(each, reader=reader), noted=places.noted(each)) for each in entries]


def _without(query: QueryDict, name: str) -> str:
    """The same list without one of its filters, from its newest end."""
    rest = query.copy()
    for each in (name, "before", "after"):
        rest.pop(each, None)
    return f"?{rest.urlencode()}"
