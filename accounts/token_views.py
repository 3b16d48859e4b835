"""The page of one's own tokens of the API."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import tokens
from accounts.authority import Actor, Deed, demand, may
from accounts.middleware import ActorRequest
from accounts.proving import first_prove
from accounts.token_forms import TokenForm
from audit.refusal import Objection, Refused


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """For everybody with an account: whoever has lost their roles may still want to revoke theirs."""
    actor, at = _actor(request), timezone.now()
    context = {
        "rows": [(token, not token.is_over(at)) for token in tokens.own(actor, at=at)],
        "others": tokens.of_others(actor, at=at) if not may(actor, Deed.ADMINISTER) else [],
        "may_make": not may(actor, Deed.MAKE_TOKEN),
    }
    return render(request, "tokens/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The answer to the form shows the token, and nothing shows it again: so it is no redirect."""
    actor = _actor(request)
    if request.method != "POST":
        demand(actor, Deed.MAKE_TOKEN)
        return _form(request, TokenForm())
    tokens.demand_maker(by=actor, at=timezone.now())
    if (elsewhere := first_prove(request, Deed.MAKE_TOKEN)) is not None:
        return elsewhere
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        longest = timedelta(days=settings.API_TOKEN_DAYS)
        made = tokens.make(wish=form.wish, longest=longest, by=actor, at=timezone.now())
    except Refused as refusal:
        return _form(request, form, objections=refusal.objections, status=refusal.status)
    return render(request, "tokens/made.html", {"made": made})


@require_POST
def revoke(request: HttpRequest, id: int) -> HttpResponse:
    token = tokens.revoke(id=id, by=_actor(request), at=timezone.now())
    messages.success(request, f"The token {token.name} is revoked: what uses it is refused from now on.")
    return redirect("account:tokens")


def _form(
    request: HttpRequest, form: TokenForm, *, objections: tuple[Objection, ...] = (), status: int = 200
) -> HttpResponse:
    return render(request, "tokens/new.html", {"form": form, "objections": objections}, status=status)


def _actor(request: HttpRequest) -> Actor:
    return cast("ActorRequest", request).actor
