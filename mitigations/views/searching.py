"""The search that stands on every page: to the one thing that is meant, or to a few of each kind."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from audit.selectors import Entry
from mitigations.forms.search import SearchForm
from mitigations.policies.network import Prefix
from mitigations.policies.searching import read
from mitigations.selectors import rules, searching
from mitigations.selectors.searching import Named
from mitigations.views import kentik
from mitigations.views.guard import needs
from mitigations.views.rule_lines import Line, lines


@needs(Deed.VIEW)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    context: dict[str, Any] = {"form": form}
    if not form.is_valid():
        return render(request, "search/index.html", context, status=422)
    sought = read(form.cleaned_data["q"])
    context["sought"] = sought
    if sought.prefix is not None:
        return render(request, "search/index.html", {**context, **_place(sought.prefix)})
    if not sought.text or sought.is_a_place:
        return render(request, "search/index.html", context)
    found = searching.words(sought, in_the_log=not may(request.actor, Deed.READ_AUDIT))
    if address := _straight_to(found):
        return HttpResponse(status=303, headers={"Location": address})
    return render(request, "search/index.html", {**context, "found": found})


def _straight_to(found: Named) -> str:
    """Where the only thing that is meant stands. Whoever searches may see it, for else it was not found."""
    match found.exactly:
        case None:
            return ""
        case Entry(number=number):
            return reverse("event", args=[number])
        case mitigation:
            return reverse("mitigation", args=[mitigation.reference])


def _place(prefix: Prefix) -> dict[str, Any]:
    place = searching.place(prefix)
    return {
        "place": place,
        "elsewhere": kentik.rows(place.elsewhere.rows),
        "rules": _rules_of(prefix),
    }


def _rules_of(prefix: Prefix) -> list[Line]:
    """The rules in force that name addresses of it."""
    current = rules.in_force()
    if current is None:
        return []
    return [line for line in lines(current.parsed, rules.names()) if line.rule.names_any_of(prefix)]
