from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts import sessions, typed
from accounts.access import has_factor
from accounts.authority import Actor
from accounts.bearer import without_tokens
from accounts.selectors import actor_for
from audit.author import Origin

_IT_CAME = "Thank you. Nothing was done yet."
_IT_DID_NOT = "This did not reach us before, and nothing was done."
# What somebody needs who sets up a second factor.
_WITHOUT_FACTOR = ("/account/second-factor/", "/account/proof/", "/account/oidc/")


class ActorRequest(HttpRequest):
    """A request by somebody who is signed in."""

    actor: Actor
    # What they typed here before they had to sign in again.
    typed: QueryDict | None


class SessionMiddleware:
    """Ends a session whose time is over, and keeps when somebody was last there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._look(request, request.user.pk)
        return self.get_response(request)

    def _look(self, request: HttpRequest, person: int) -> None:
        at = timezone.now()
        limits = sessions.Limits(longest=settings.SESSION_LONGEST, idle=settings.SESSION_IDLE)
        if sessions.is_over(request.session, at=at, limits=limits):
            sessions.forget(request.session)
            logout(request)
        elif _is_somebody_there(request):
            sessions.keep(request.session, person=person, origin=origin_of(request), at=at)


def _is_somebody_there(request: HttpRequest) -> bool:
    """Whether a person did this. A page that asks by itself whether it is current, or loads itself anew, is nobody."""
    if request.method == "POST":
        return True
    if request.headers.get("HX-Request") == "true":
        return False
    return "Sec-Fetch-Mode" not in request.headers or request.headers.get("Sec-Fetch-User") == "?1"


class SecondFactorMiddleware:
    """Leads somebody whose role demands a second factor to where they set one up, and nowhere else until they have."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = getattr(request, "actor", None)
        if actor is None or not must_have_factor(actor) or _is_on_the_way(request) or has_factor(actor.id):
            return self.get_response(request)
        messages.warning(request, "Your role demands a second factor. Set one up, then you can go on.")
        return redirect("account:factors")


def must_have_factor(actor: Actor) -> bool:
    return bool({role.value for role in actor.roles} & set(settings.SECOND_FACTOR_ROLES))


def _is_on_the_way(request: HttpRequest) -> bool:
    return request.path.startswith(_WITHOUT_FACTOR) or request.path == reverse("account:logout")


class SignInMiddleware(LoginRequiredMiddleware):
    """Sends strangers to sign in, and keeps what they typed meanwhile.

    A plain redirect would vanish in a page that asks by HTMX whether it is current, and would take the form away from
    somebody who still types in it.
    """

    def handle_no_permission(  # type: ignore[override] # Django promises a redirect of its own class
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        if request.headers.get("HX-Request") == "true":
            return render(request, "account/_signed_out.html") if request.method == "POST" else _away(request)
        if request.method == "POST" and request.path != reverse("account:logout"):
            return self._keep(request) or super().handle_no_permission(request, view_func)
        return super().handle_no_permission(request, view_func)

    def _keep(self, request: HttpRequest) -> HttpResponse | None:
        address = typed.keep(request, at=timezone.now())
        if not address:
            return None
        kept = "You were signed out before this reached us. Nothing was done. What you typed is kept while you sign in."
        messages.warning(request, kept)
        return redirect_to_login(address)


class TypedMiddleware:
    """Brings back what somebody typed before they had to sign in again: `request.typed`, on the page of its form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = _typed_before(request) if typed.KEY in request.GET else None
        cast("ActorRequest", request).typed = found.as_posted if found else None
        if found:
            messages.warning(request, _brought_back(request.GET[typed.KEY], found))
        response = self.get_response(request)
        if request.method == "POST" and request.user.is_authenticated and _was_taken(response):
            typed.forget(request.session, page=request.path)
        return response


def _was_taken(response: HttpResponse) -> bool:
    """Whether what was posted is done with, rather than kept until somebody has proved who they are."""
    is_redirect = response.status_code == HTTPStatus.FOUND
    return is_redirect and urlsplit(response.headers["Location"]).path != reverse("account:proof")


def _typed_before(request: HttpRequest) -> typed.Typed | None:
    if request.method != "GET" or not request.user.is_authenticated:
        return None
    found = typed.find(request.session, request.GET[typed.KEY], person=request.user.pk, at=timezone.now())
    return found if found and urlsplit(found.page).path == request.path else None


def _brought_back(key: str, found: typed.Typed) -> str:
    return format_html(
        "{} What you typed stands in the form again: look it through,"
        ' and press once more.{} <a href="{}">All that you typed</a>',
        _IT_CAME if found.came else _IT_DID_NOT,
        " A file has to be chosen again." if found.files else "",
        reverse("account:typed", args=[key]),
    )


def _away(request: HttpRequest) -> HttpResponse:
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
        user_agent=without_tokens(request.headers.get("User-Agent", ""))[:500],
    )
