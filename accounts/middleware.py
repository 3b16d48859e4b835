from __future__ import annotations

from collections.abc import Callable
from typing import cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url

from accounts.authority import Actor
from accounts.selectors import actor_for
from audit.author import Origin


class ActorRequest(HttpRequest):
    """A request by somebody who is signed in."""

    actor: Actor


class SignInMiddleware(LoginRequiredMiddleware):
    """Sends strangers to sign in. A plain redirect would vanish in a page that asks by HTMX whether it is current."""

    def handle_no_permission(  # type: ignore[override] # Django promises a redirect of its own class
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        if request.headers.get("HX-Request") != "true":
            return super().handle_no_permission(request, view_func)
        here = urlsplit(request.headers.get("HX-Current-URL", "")).path or "/"
        return HttpResponse(headers={"HX-Redirect": f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': here})}"})


class ActorMiddleware:
    """Says who is asking: `request.actor`, for everybody who is signed in, read once a request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            cast("ActorRequest", request).actor = actor_for(request.user, origin=origin_of(request))
        return self.get_response(request)


def origin_of(request: HttpRequest) -> Origin:
    return Origin(
        request_id=request.META.get("REQUEST_ID", ""),
        ip=request.META.get("CLIENT_IP", ""),
        user_agent=request.headers.get("User-Agent", "")[:500],
    )
