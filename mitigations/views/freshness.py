"""Keeping a page current without swapping it under somebody's hands: it asks whether anything has happened since.

The page carries the number of the newest audit event that it shows, and what Kentik showed if that is on it; HTMX asks
again with that, and is told either that nothing is new (204) or to load the page anew.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django_htmx.http import HttpResponseClientRefresh


def answer(request: HttpRequest, *, newest: int | str) -> HttpResponse | None:
    """The answer to such a question; None when this is an ordinary visit."""
    seen = question(request)
    if seen is None:
        return None
    return HttpResponse(status=204) if seen == str(newest) else HttpResponseClientRefresh()


def question(request: HttpRequest) -> str | None:
    """What the page says that it shows, when it asks whether that is current; None when this is an ordinary visit."""
    return request.GET.get("seen") if request.headers.get("HX-Request") == "true" else None
