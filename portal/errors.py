"""Errors as pages: what happened, in a sentence, what to do next, and where that is done.

A page for a person, its content alone for HTMX, and JSON for a program that asks for it. None says more than is here.
Below /api/v1/ every error has the one shape of the API, `mitigations.api.problems`.
"""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from accounts import typed
from audit.refusal import Conflict, Forbidden, Refused, Unacceptable
from mitigations.api import problems

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """`to_programs`: what the API says where `advice` is about pages. `retry_after`: seconds after which trying again
    makes sense.
    """

    status: int
    title: str
    advice: str
    to_programs: str = ""
    retry_after: int | None = None


_REFUSALS: dict[type[Refused], Trouble] = {
    kind: Trouble(status=kind.status, title=title, advice=advice)
    for kind, title, advice in (
        (Forbidden, "You may not do this", "Nothing was done. Somebody with the right can do it."),
        (Conflict, "Not possible any more", "Nothing was done. Go back and look at it as it is now."),
        (Unacceptable, "This cannot be accepted", "Nothing was done. Go back and mend it."),
    )
}
_BAD_REQUEST = Trouble(
    status=400, title="This request makes no sense", advice="Nothing was done. Go back, reload the page and try again."
)
_NOT_OURS = Trouble(
    status=400,
    title="The portal has another name",
    advice="Open it by the address that you were given. Whoever runs it adds further names to ALLOWED_HOSTS.",
)
_FORBIDDEN = Trouble(status=403, title="You may not see this", advice="Somebody with the right can.")
_STALE = Trouble(
    status=403, title="This page was too old", advice="Go back, reload the page, and send it again. Nothing was done."
)
_NOT_FOUND = Trouble(
    status=404,
    title="Nothing is here",
    advice="Check the address, or start from the overview.",
    to_programs="Nothing has this address.",
)
_TOO_LARGE = Trouble(
    status=413, title="That was too much at once", advice="Nothing was done. Send less: a part of the list at a time."
)
_BROKEN = Trouble(
    status=500,
    title="Something broke on our side",
    advice="Look at the list before you try again: what you did may or may not have happened.",
)
_AWAY = Trouble(
    status=503,
    title="The portal cannot reach its data",
    advice="Wait a minute, then look at the list before you try again: what you did may or may not have happened. "
    "What is in force goes on meanwhile, and ends at its auto-stop; Kentik’s own page shows it.",
    retry_after=60,
)
# Answers that come without a word, from Django or from a limit in front of a view.
_BARE = {
    trouble.status: trouble
    for trouble in (
        Trouble(
            status=405,
            title="This is no way to use this page",
            advice="Nothing was done. Open it anew.",
            to_programs="Nothing was done. The schema says which methods this address has.",
        ),
        Trouble(
            status=429,
            title="That was too often",
            advice="Nothing was done. Wait a minute, then try once more.",
            retry_after=60,
        ),
    )
}
_TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
_DATABASE_AWAY = (OperationalError, InterfaceError)
_LAST_RESORT = "<!DOCTYPE html><title>Error {status}</title><h1>{title}</h1><p>{advice}</p><p>Request {request_id}</p>"


def is_of_the_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/v1/")


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    return _answer(request, _REFUSALS[type(refusal)], [objection.sentence for objection in refusal.objections])


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, DisallowedHost):
        return _answer(request, _NOT_OURS)
    return _answer(request, _TOO_LARGE if isinstance(exception, _TOO_MUCH) else _BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, _FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, _NOT_FOUND)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The session has ended, or begun anew, since the page was made. What was typed on it is not lost."""
    if request.headers.get("HX-Request") == "true":
        return render(request, "account/_signed_out.html")
    address = typed.keep(request, at=timezone.now())
    if not address:
        return _answer(request, _STALE)
    return render(request, "errors/too_old.html", {"trouble": _STALE, "address": address}, status=_STALE.status)


def in_words(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """An answer that only names an error, as one that says what to do; its headers are kept. Any other as it is."""
    trouble = _BARE.get(response.status_code) if _is_wordless(request, response) else None
    if trouble is None:
        return response
    answer = _answer(request, trouble)
    for name, value in response.items():
        if not name.startswith("Content-"):
            answer.headers[name] = value
    return answer


def _is_wordless(request: HttpRequest, response: HttpResponse) -> bool:
    """Ninja has a word for what it does not allow, which is not the shape of an error of ours."""
    if response.streaming:
        return False
    is_shaped = response.headers.get("Content-Type") == problems.CONTENT_TYPE
    return not response.content or (is_of_the_api(request) and not is_shaped)


def server_error(request: HttpRequest) -> HttpResponse:
    """Whatever broke may be what other pages are made of, so this one needs no database, session or context."""
    trouble = _AWAY if isinstance(sys.exc_info()[1], _DATABASE_AWAY) else _BROKEN
    if is_of_the_api(request) or _wants_json(request):
        return _told(_as_json(request, trouble, []), trouble)
    context = {"trouble": trouble, "request_id": _request_id(request)}
    try:
        return _told(HttpResponse(render_to_string("errors/bare.html", context), status=trouble.status), trouble)
    except Exception:
        logger.exception("The page for an error cannot be made either")
        words = {"status": trouble.status, "title": trouble.title, "advice": trouble.advice}
        page = _LAST_RESORT.format(**words, request_id=context["request_id"])
        return _told(HttpResponse(page, status=trouble.status), trouble)


def _answer(request: HttpRequest, trouble: Trouble, sentences: list[str] | None = None) -> HttpResponse:
    if is_of_the_api(request) or _wants_json(request):
        return _told(_as_json(request, trouble, sentences or []), trouble)
    context = {
        "trouble": trouble,
        "sentences": sentences or [],
        "request_id": _request_id(request),
        "back": _back(request),
    }
    template = "errors/_trouble.html" if request.headers.get("HX-Request") == "true" else "errors/trouble.html"
    return _told(render(request, template, context, status=trouble.status), trouble)


def _as_json(request: HttpRequest, trouble: Trouble, sentences: list[str]) -> HttpResponse:
    if is_of_the_api(request):
        return problems.problem(request, problems.kind_of(trouble.status), trouble.to_programs or trouble.advice)
    body = {
        "status": trouble.status,
        "title": trouble.title,
        "sentences": sentences,
        "advice": trouble.advice,
        "request_id": _request_id(request),
    }
    return JsonResponse(body, status=trouble.status)


def _told(response: HttpResponse, trouble: Trouble) -> HttpResponse:
    if trouble.retry_after is not None:
        response.headers["Retry-After"] = str(trouble.retry_after)
    return response


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _request_id(request: HttpRequest) -> str:
    return str(request.META.get("REQUEST_ID", ""))


def _back(request: HttpRequest) -> str:
    """The page of ours that this person came from; empty where the browser does not tell, or tells another site's.

    Browsers send it whole within a site only (`same-origin`), and a path of ours leads nowhere else.
    """
    try:
        came_from = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    at_ours = came_from.netloc == request.META.get("HTTP_HOST") and came_from.path.startswith("/")
    if not at_ours or came_from.path.startswith("//"):
        return ""
    return f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path
