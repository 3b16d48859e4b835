"""Single keys that lead to pages: one table, of which everybody has what they may open."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.authority import Actor, Deed, may


@dataclass(frozen=True, kw_only=True)
class Shortcut:
    """`keys` are pressed one after the other. `deed`: who may not do it has no use for the page."""

    keys: tuple[str, ...]
    words: str
    page: str
    deed: Deed


SHORTCUTS = (
    Shortcut(keys=("/",), words="Search everywhere", page="search", deed=Deed.VIEW),
    Shortcut(keys=("n",), words="New mitigation", page="new", deed=Deed.ASK),
    Shortcut(keys=("a",), words="Approvals", page="approvals", deed=Deed.APPROVE),
    Shortcut(keys=("g", "o"), words="Overview", page="overview", deed=Deed.VIEW),
    Shortcut(keys=("g", "m"), words="Mitigations", page="mitigations", deed=Deed.VIEW),
    Shortcut(keys=("g", "l"), words="The audit log", page="audit", deed=Deed.READ_AUDIT),
    Shortcut(keys=("?",), words="All shortcuts", page="shortcuts", deed=Deed.VIEW),
)


def of(actor: Actor) -> list[Shortcut]:
    return [each for each in SHORTCUTS if not may(actor, each.deed)]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The list that `?` shows, for everybody and without a script."""
    return render(request, "account/shortcuts.html")
