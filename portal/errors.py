"""Errors as pages: what happened, in a sentence, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import typed
from audit.refusal import Conflict, Forbidden, Refused, Unacceptable


@dataclass(frozen=True, kw_only=True)
class Trouble:
    status: int
    title: str
    advice: str


_REFUSALS: dict[type[Refused], Trouble] = {
    kind: Trouble(status=kind.status, title=title, advice=advice)
    for kind, title, advice in (
        (Forbidden, "You may not do this", "Somebody with the right can."),
        (Conflict, "Not possible any more", "Go back and look at it as it is now."),
        (Unacceptable, "This cannot be accepted", "Go back and mend it."),
    )
}
_BAD_REQUEST = Trouble(status=400, title="This request makes no sense", advice="Go back and try again.")
_FORBIDDEN = Trouble(status=403, title="You may not see this", advice="Somebody with the right can.")
_NOT_FOUND = Trouble(status=404, title="Nothing is here", advice="Check the address, or start from the overview.")
_STALE = Trouble(
    status=403, title="This page was too old", advice="Go back, reload the page, and send it again. Nothing was done."
)


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    return _page(request, _REFUSALS[type(refusal)], sentences=[objection.sentence for objection in refusal.objections])


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, _BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, _FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, _NOT_FOUND)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The session has ended, or begun anew, since the page was made. What was typed on it is not lost."""
    if request.headers.get("HX-Request") == "true":
        return render(request, "account/_signed_out.html")
    address = typed.keep(request, at=timezone.now())
    if not address:
        return _page(request, _STALE)
    return render(request, "errors/too_old.html", {"trouble": _STALE, "address": address}, status=_STALE.status)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request's context, which may be what is broken."""
    return render(None, "errors/500.html", {"request_id": request.META.get("REQUEST_ID", "")}, status=500)


def _page(request: HttpRequest, trouble: Trouble, sentences: list[str] | None = None) -> HttpResponse:
    context = {"trouble": trouble, "sentences": sentences or [], "request_id": request.META.get("REQUEST_ID", "")}
    return render(request, "errors/trouble.html", context, status=trouble.status)
