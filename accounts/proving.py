"""Having somebody prove again who they are before a deed that needs it, without losing what they typed."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts import sessions, typed
from accounts.authority import Deed
from accounts.proof import is_fresh, wants_proof


def first_prove(request: HttpRequest, deed: Deed) -> HttpResponse | None:
    """Where somebody who is about to do this must go first, and comes back from; None when they need not."""
    at, proved_at = timezone.now(), sessions.proved_at(request.session)
    if not wants_proof(deed, proved_at, at=at, max_age=settings.PROOF_MAX_AGE):
        return None
    return _go(typed.keep(request, at=at, came=True) or request.get_full_path())


def first_prove_for_account(request: HttpRequest) -> HttpResponse | None:
    """The same before somebody changes how they themselves sign in. Whoever has just signed in need not, in whatever
    way it was: a provider that never says when it asked would keep them from setting up what does.
    """
    at = timezone.now()
    shown = (sessions.proved_at(request.session), sessions.begun_at(request.session))
    if any(is_fresh(each, at=at, max_age=settings.PROOF_MAX_AGE) for each in shown):
        return None
    return _go(reverse("account:factors") if request.method == "POST" else request.get_full_path())


def _go(address: str) -> HttpResponse:
    return redirect(f"{reverse('account:proof')}?{urlencode({'next': address})}")
