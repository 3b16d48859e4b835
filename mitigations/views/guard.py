"""What every view begins with: who is asking, and may they?"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.authority import Deed, demand
from accounts.middleware import ActorRequest
from mitigations.services import refusals

P = ParamSpec("P")
View = Callable[Concatenate[ActorRequest, P], HttpResponse]
Guarded = Callable[Concatenate[HttpRequest, P], HttpResponse]


def needs(deed: Deed) -> Callable[[View[P]], Guarded[P]]:
    """Only for people who may ever do this deed. Whether they may do it to this mitigation, the service asks.

    Whoever only looks is turned away; whoever tries to do it is turned away and remembered.
    """

    def guard(view: View[P]) -> Guarded[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            known = cast("ActorRequest", request)
            if request.method == "POST":
                subject = str(kwargs.get("reference") or request.path)
                refusals.demand(deed, subject=subject, by=known.actor, at=timezone.now())
            demand(known.actor, deed)
            return view(known, *args, **kwargs)

        return cast("Guarded[P]", guarded)

    return guard
