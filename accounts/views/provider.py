"""Signing in by the OpenID provider, and proving there once more who one is."""

from __future__ import annotations

import logging
import secrets
from typing import Any, cast

from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe
from requests import RequestException

from accounts import openid
from accounts.adapters import is_ours, trouble
from accounts.middleware import ActorRequest

logger = logging.getLogger(__name__)


@login_not_required
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """A link rather than a form: `form-action` would forbid a form to lead to another site."""
    if request.user.is_authenticated and settings.OIDC_ISSUER:
        return redirect(_next(request) or settings.LOGIN_REDIRECT_URL)
    return _go(request, AuthProcess.LOGIN, kept={}, ask={})


@require_safe
def prove(request: ActorRequest) -> HttpResponse:
    """The provider is to ask for the password anew, and to say when it did."""
    kept = {"proof": request.actor.id, "asked": timezone.now().timestamp()}
    return _go(request, AuthProcess.REDIRECT, kept=kept, ask={"prompt": "login", "max_age": "0"})


@login_not_required
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    if not settings.OIDC_ISSUER:
        raise Http404
    try:
        view = OAuth2CallbackView.adapter_view(openid.Way(request, settings.OIDC_ISSUER))
        return cast("HttpResponse", view(request))
    except (RequestException, OAuth2Error) as error:
        return _away(request, error)


def _go(request: HttpRequest, process: str, *, kept: dict[str, Any], ask: dict[str, str]) -> HttpResponse:
    if not settings.OIDC_ISSUER:
        raise Http404
    kept = {**kept, "nonce": secrets.token_urlsafe(24)}
    try:
        return openid.go_there(request, process=process, next_url=_next(request), kept=kept, ask=ask)
    except (RequestException, OAuth2Error, KeyError, ValueError) as error:
        return _away(request, error)


def _away(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("The OpenID provider cannot be used: %s.", type(error).__name__)
    return trouble(request, f"{settings.OIDC_NAME} cannot be reached, or does not answer as it should.", status=502)


def _next(request: HttpRequest) -> str:
    wanted = request.GET.get("next", "")
    return wanted if is_ours(request, wanted) else ""
