"""Signing in, by name and password or by a passkey; the second step for whoever has a second factor; signing out."""

from __future__ import annotations

import json
from typing import cast

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.internal.constants import LoginStageKey
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import known, passkeys, sessions, signing_in
from accounts.access import factors_of
from accounts.adapters import is_ours
from accounts.forms import CodeForm, CredentialForm, LockedSignInForm, SignInForm
from accounts.middleware import ActorRequest, origin_of
from accounts.models import User
from accounts.signing_in import Try, Verdict

_SAID = {
    Verdict.WRONG: "That name and password do not fit together. Please try again.",
    Verdict.LOCKED: (
        "Too many sign-ins with this name have failed, here or elsewhere. You can still sign in now: in a browser or "
        "network that you have used before, with a passkey, or with the code of your second factor beside the "
        "password. Otherwise wait {minutes} minutes."
    ),
}
_STATUS = {Verdict.WRONG: 422, Verdict.LOCKED: 429}
_WRONG_CODE = {
    Verdict.WRONG: "That code is not right, or was used already. Please try the next one.",
    Verdict.LOCKED: "Too many codes were wrong. Wait a while, use a passkey, or ask an administrator.",
}


@login_not_required
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_next(request) or settings.LOGIN_REDIRECT_URL)
    if request.method != "POST":
        return _door(request, SignInForm())
    form = (LockedSignInForm if "code" in request.POST else SignInForm)(request.POST)
    if not form.is_valid():
        return _door(request, form, status=422)
    tried = Try(**form.cleaned_data, browsers=known.marks_of(request))
    outcome = signing_in.try_password(request, tried, origin=origin_of(request), at=timezone.now())
    if outcome.user is None:
        return _door(request, form, verdict=outcome.verdict, status=_STATUS[outcome.verdict])
    if outcome.factor is not None:
        post_authentication(request, outcome.factor)
    login = Login(user=outcome.user, redirect_url=_next(request))
    return cast("HttpResponse", perform_password_login(request, {"username": tried.username}, login))


@require_POST
def sign_out(request: ActorRequest) -> HttpResponse:
    signing_in.record_sign_out(by=request.actor, at=timezone.now())
    sessions.forget(request.session)
    logout(request)
    return redirect("account:login")


@login_not_required
@require_safe
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What a browser needs to ask for any passkey of this portal."""
    return JsonResponse(passkeys.ask_for_any())


@login_not_required
@require_POST
def sign_in_by_passkey(request: HttpRequest) -> HttpResponse:
    """A passkey signs and cannot be guessed, so nothing is counted, and no lock is in its way."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    form = CredentialForm(request.POST)
    factor = passkeys.of_anybody(form.cleaned_data["credential"]) if form.is_valid() else None
    if factor is None:
        messages.error(request, "That passkey is not known here, or belongs to somebody who signs in otherwise.")
        return redirect("account:login")
    login = Login(user=factor.user, redirect_url=_next(request))
    return cast("HttpResponse", perform_passwordless_login(request, factor, login))


@login_stage_required(stage=LoginStageKey.MFA_AUTHENTICATE.value, redirect_urlname="account_login")  # type: ignore[untyped-decorator] # allauth has no types
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """After password or provider: the second factor."""
    stage = request._login_stage  # type: ignore[attr-defined]
    user = cast("User", stage.login.user)
    if request.method != "POST":
        return _step(request, user, CodeForm())
    form = (CredentialForm if "credential" in request.POST else CodeForm)(request.POST)
    if not form.is_valid():
        return _step(request, user, form, status=422)
    factor = _factor(request, user, form)
    if factor is None:
        return _step(request, user, form, status=422)
    post_authentication(request, factor)
    return cast("HttpResponse", stage.exit())


def _factor(request: HttpRequest, user: User, form: forms.Form) -> Authenticator | None:
    """The factor that was given; what is wrong with it is said in the form."""
    if isinstance(form, CredentialForm):
        factor = passkeys.of(user, form.cleaned_data["credential"])
        if factor is None:
            form.add_error(None, "That passkey is not one of this account.")
        return factor
    browsers, at = known.marks_of(request), timezone.now()
    outcome = signing_in.try_code(user, form.cleaned_data["code"], browsers, origin=origin_of(request), at=at)
    if outcome.factor is None:
        form.add_error(None if outcome.verdict is Verdict.LOCKED else "code", _WRONG_CODE[outcome.verdict])
    return outcome.factor


def _step(request: HttpRequest, user: User, form: forms.Form, *, status: int = 200) -> HttpResponse:
    names = factors_of([user.pk])[user.pk]
    context = {
        "form": form if isinstance(form, CodeForm) else CodeForm(),
        "wrong": form.non_field_errors(),
        "has_codes": bool({"authenticator app", "recovery codes"} & set(names)),
        "passkey": json.dumps(passkeys.ask_for(user)) if "passkey" in names else "",
    }
    return render(request, "account/second_step.html", context, status=status)


def _door(
    request: HttpRequest, form: SignInForm, *, verdict: Verdict = Verdict.RIGHT, status: int = 200
) -> HttpResponse:
    """The password is not sent back; that a code opens what is locked, the form then asks for."""
    if verdict is Verdict.LOCKED and not isinstance(form, LockedSignInForm):
        form = LockedSignInForm(initial={"username": form.cleaned_data["username"]})
    by_name = settings.LOCAL_SIGN_IN or "emergency" in request.GET or request.method == "POST"
    context = {
        "form": form if by_name else None,
        "said": _SAID.get(verdict, "").format(minutes=int(settings.TRIES_WITHIN.total_seconds() // 60)),
        "next": _next(request),
        "provider": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        "passkeys": bool(settings.FACTOR_KEYS) and passkeys.fits(request.get_host()),
    }
    return render(request, "account/login.html", context, status=status)


def _next(request: HttpRequest) -> str:
    """Where somebody wanted to go, when that is a page of ours."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    return wanted if is_ours(request, wanted) else ""
