"""Second factors of whoever is signed in: an authenticator app, passkeys, recovery codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from allauth.mfa.totp.internal import auth as app
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import factors, passkeys, qr, secrets
from accounts.access import factor_rows
from accounts.forms import AppForm, CredentialForm, PasskeyNameForm
from accounts.middleware import ActorRequest, must_have_factor
from accounts.proving import first_prove_for_account
from accounts.selectors import person
from audit.refusal import Conflict, Unacceptable

P = ParamSpec("P")
_BEGUN = "new_app"
View = Callable[Concatenate[ActorRequest, P], HttpResponse]


def _proved(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Whoever changes a second factor has just proved who they are; and without keys there is none to change."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not settings.FACTOR_KEYS:
            raise Http404
        return first_prove_for_account(request) or view(cast("ActorRequest", request), *args, **kwargs)

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", guarded)


@require_safe
def second_factor(request: ActorRequest) -> HttpResponse:
    return _overview(request)


def _overview(request: ActorRequest, *, codes: list[str] | None = None, status: int = 200) -> HttpResponse:
    """`codes`: those that were just made, which are shown this once."""
    assert request.actor.id is not None, "only people have second factors"
    rows = factor_rows(request.actor.id)
    context = {
        "is_on": bool(settings.FACTOR_KEYS),
        "must": must_have_factor(request.actor),
        "app": next((row for row in rows if row.kind == "authenticator app"), None),
        "passkeys": [row for row in rows if row.kind == "passkey"],
        "codes_left": next((row.left for row in rows if row.kind == "recovery codes"), None),
        "codes": codes,
        "has_any": any(row.kind != "recovery codes" for row in rows),
    }
    return render(request, "account/factors.html", context, status=status)


@_proved
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def add_app(request: ActorRequest) -> HttpResponse:
    """The secret stays in the session, encrypted as ever, until a code shows that the app has it."""
    me, form = person(request.actor), AppForm(request.POST if request.method == "POST" else None)
    secret = _begun(request) if form.is_bound else _begin(request)
    if form.is_valid():
        if app.validate_totp_code(secret, form.cleaned_data["code"]):
            return _keep_app(request, secret)
        form.add_error("code", "That is not the code of this key now. Is the phone’s clock right?")
    address = factors.address_of(me, secret)
    context = {"form": form, "secret": _grouped(secret), "address": address, "qr": qr.drawn(address)}
    return render(request, "account/add_app.html", context, status=422 if form.is_bound else 200)


def _begin(request: ActorRequest) -> str:
    secret = str(app.generate_totp_secret())
    request.session[_BEGUN] = secrets.encrypt(secret, settings.FACTOR_KEYS)
    return secret


def _begun(request: ActorRequest) -> str:
    """What was shown; something new where nothing was, or the session has begun anew since."""
    kept = request.session.get(_BEGUN)
    return secrets.decrypt(kept, settings.FACTOR_KEYS) if kept else _begin(request)


def _keep_app(request: ActorRequest, secret: str) -> HttpResponse:
    try:
        factors.add_app(secret=secret, by=request.actor, at=timezone.now())
    except Conflict as refusal:
        messages.error(request, str(refusal))
        return redirect("account:factors")
    request.session.pop(_BEGUN, None)
    return _with_codes(request, "Your authenticator app is set up.")


def _with_codes(request: ActorRequest, sentence: str) -> HttpResponse:
    """With the first factor come recovery codes, for the day on which it is lost."""
    messages.success(request, sentence)
    assert request.actor.id is not None, "only people have second factors"
    if any(row.kind == "recovery codes" for row in factor_rows(request.actor.id)):
        return redirect("account:factors")
    return _overview(request, codes=factors.make_codes(by=request.actor, at=timezone.now()))


def _grouped(secret: str) -> str:
    return " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))


@_proved
@require_http_methods(["GET", "HEAD", "POST"])
def add_passkey(request: ActorRequest) -> HttpResponse:
    me, name = person(request.actor), PasskeyNameForm(request.POST if request.method == "POST" else None)
    wrong = ""
    if name.is_valid():
        answer = CredentialForm(request.POST)
        if answer.is_valid() and passkeys.is_new(answer.cleaned_data["credential"]):
            return _keep_passkey(request, name.cleaned_data["name"], answer.cleaned_data["credential"])
        wrong = "That was no passkey of this device. Please try once more."
    context = {
        "form": name,
        "wrong": wrong,
        "fits": passkeys.fits(request.get_host()),
        "port": request.get_port(),
        "options": json.dumps(passkeys.ask_for_new(me)),
    }
    return render(request, "account/add_passkey.html", context, status=422 if name.is_bound else 200)


def _keep_passkey(request: ActorRequest, name: str, credential: dict[str, Any]) -> HttpResponse:
    factors.add_passkey(name=name or "Passkey", credential=credential, by=request.actor, at=timezone.now())
    return _with_codes(request, "Your passkey is set up.")


@_proved
@require_POST
def remove(request: ActorRequest, id: int) -> HttpResponse:
    try:
        factors.remove(id=id, must_have_one=must_have_factor(request.actor), by=request.actor, at=timezone.now())
    except Unacceptable as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "It is removed.")
    return redirect("account:factors")


@_proved
@require_POST
def make_codes(request: ActorRequest) -> HttpResponse:
    try:
        codes = factors.make_codes(by=request.actor, at=timezone.now())
    except Unacceptable as refusal:
        messages.error(request, str(refusal))
        return redirect("account:factors")
    return _overview(request, codes=codes)
