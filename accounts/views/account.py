"""The account of whoever is signed in: where they are signed in, their password, their second factor."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services, sessions, signing_in
from accounts.access import factors_of, linked, may_sign_in_locally, sessions_of
from accounts.forms import NewPasswordForm
from accounts.middleware import ActorRequest, must_have_factor, origin_of
from accounts.models import User
from accounts.proving import first_prove_for_account
from accounts.selectors import person
from accounts.signing_in import Verdict
from audit.refusal import Unacceptable

_WRONG = {
    Verdict.WRONG: "That is not your password now.",
    Verdict.LOCKED: "Too many tries were wrong. Wait a quarter of an hour.",
}


@require_safe
def account(request: ActorRequest) -> HttpResponse:
    me, at = person(request.actor), timezone.now()
    context = {
        "me": me,
        "roles": sorted(request.actor.roles),
        "factors": factors_of([me.pk])[me.pk],
        "may_have_factors": bool(settings.FACTOR_KEYS),
        "must_have_factor": must_have_factor(request.actor),
        "provider": settings.OIDC_NAME if linked([me.pk]) else "",
        "has_password": me.has_usable_password() and may_sign_in_locally(me),
        "sessions": sessions_of(me.pk, at=at, here=request.session.session_key),
        "idle": _in_words(settings.SESSION_IDLE),
        "longest": _in_words(settings.SESSION_LONGEST),
    }
    return render(request, "account/account.html", context)


def _in_words(time: timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    hours = minutes // 60
    return f"{hours} hour{'s' * (hours != 1)}" if minutes == hours * 60 else f"{minutes} minutes"


@require_POST
def end_sessions(request: ActorRequest) -> HttpResponse:
    """One of them, or all others. Whoever ends the one that they are in signs out instead."""
    me, here = request.actor, request.session.session_key or ""
    assert me.id is not None, "only people have sessions"
    wanted = request.POST.get("session", "")
    ids = [int(wanted)] if wanted.isdecimal() and len(wanted) < len(str(2**63)) else None
    if ids is None and wanted != "others":
        return redirect("account:account")
    count = sessions.end(ids=ids, person=me.id, but=here, by=me.author, at=timezone.now())
    messages.success(request, _ended(count))
    return redirect("account:account")


def _ended(count: int) -> str:
    if not count:
        return "There was none to end any more."
    return "One session is ended." if count == 1 else f"{count} sessions are ended."


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: ActorRequest) -> HttpResponse:
    """Whoever knows the old one sets a new one; all other sessions end with it."""
    me = person(request.actor)
    if not (me.has_usable_password() and may_sign_in_locally(me)):
        return redirect("account:account")
    if (elsewhere := first_prove_for_account(request)) is not None:
        return elsewhere
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _changed(request, me, form, at=timezone.now()):
        messages.success(request, "Your password is changed, and every other session is ended.")
        return redirect("account:account")
    return render(request, "account/password.html", {"form": form}, status=422 if form.is_bound else 200)


def _changed(request: ActorRequest, me: User, form: NewPasswordForm, *, at: datetime) -> bool:
    data, where = form.cleaned_data, request.session.session_key or ""
    verdict = signing_in.try_proof(me, password=data["old_password"], where=where, origin=origin_of(request), at=at)
    if verdict is not Verdict.RIGHT:
        form.add_error("old_password", _WRONG[verdict])
        return False
    try:
        user = services.change_password(password=data["new_password"], by=request.actor, at=at)
    except Unacceptable as refusal:
        for objection in refusal.objections:
            form.add_error("new_password", objection.sentence)
        return False
    update_session_auth_hash(request, user)
    sessions.renew(request.session, person=user.pk, at=at)
    return True
