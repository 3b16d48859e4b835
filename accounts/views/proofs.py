"""Proving once more who one is, before what reaches the network or changes how one signs in."""

from __future__ import annotations

import json

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import passkeys, sessions, signing_in
from accounts.access import factors_of, linked
from accounts.adapters import is_ours
from accounts.forms import CodeForm, CredentialForm, ProofPasswordForm
from accounts.middleware import ActorRequest, origin_of
from accounts.models import User
from accounts.selectors import person
from accounts.signing_in import Verdict

_WRONG = {
    Verdict.WRONG: "That is not right. Please try again.",
    Verdict.LOCKED: "Too many tries were wrong. Wait a quarter of an hour, or sign out and in again.",
}


@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def proof(request: ActorRequest) -> HttpResponse:
    """By the second factor of whoever has one; else by the password, or at the provider."""
    me = person(request.actor)
    names = set(factors_of([me.pk])[me.pk])
    kind = CodeForm if names else ProofPasswordForm
    if request.method != "POST":
        return _page(request, me, names, kind())
    form = (CredentialForm if "credential" in request.POST and "passkey" in names else kind)(request.POST)
    if form.is_valid() and _is_proved(request, me, form):
        sessions.prove(request.session, at=timezone.now())
        return redirect(_next(request) or "account:account")
    return _page(request, me, names, form, status=422)


def _is_proved(request: ActorRequest, me: User, form: forms.Form) -> bool:
    if isinstance(form, CredentialForm):
        verdict = Verdict.RIGHT if passkeys.of(me, form.cleaned_data["credential"]) else Verdict.WRONG
    else:
        where, at = request.session.session_key or "", timezone.now()
        verdict = signing_in.try_proof(me, **form.cleaned_data, where=where, origin=origin_of(request), at=at)
    if verdict is not Verdict.RIGHT:
        form.add_error(None, _WRONG[verdict])
    return verdict is Verdict.RIGHT


def _page(request: ActorRequest, me: User, names: set[str], form: forms.Form, *, status: int = 200) -> HttpResponse:
    by_provider = not names and me.pk in linked([me.pk])
    by_password = not names and not by_provider and me.has_usable_password()
    context = {
        "form": form if not isinstance(form, CredentialForm) else CodeForm(),
        "wrong": form.non_field_errors(),
        "has_codes": by_password or bool(names - {"passkey"}),
        "passkey": json.dumps(passkeys.ask_for(me)) if "passkey" in names else "",
        "provider": settings.OIDC_NAME if by_provider else "",
        "minutes": int(settings.PROOF_MAX_AGE.total_seconds() // 60),
        "next": _next(request),
    }
    return render(request, "account/proof.html", context, status=status)


def _next(request: ActorRequest) -> str:
    wanted = request.POST.get("next", request.GET.get("next", ""))
    return wanted if is_ours(request, wanted) else ""
