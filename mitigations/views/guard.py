"""What every view begins with: who is asking, and may they?"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.authority import Deed, demand
from accounts.middleware import ActorRequest
from accounts.proving import first_prove
from mitigations.services import refusals

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
View = Callable[Concatenate[ActorRequest, P], R]
Guarded = Callable[Concatenate[HttpRequest, P], R]


def needs(deed: Deed) -> Callable[[View[P, R]], Guarded[P, R | HttpResponse]]:
    """Only for people who may ever do this deed. Whether they may do it to this mitigation, the service asks.

    Whoever only looks is turned away; whoever tries to do it is turned away and remembered. Before some deeds they
    prove again who they are (`accounts.proof`), and come back to what they typed.
    """

    def guard(view: View[P, R]) -> Guarded[P, R | HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> R | HttpResponse:
            known = cast("ActorRequest", request)
            if request.method == "POST":
                subject = str(kwargs.get("reference") or request.path)
                refusals.demand(deed, subject=subject, by=known.actor, at=timezone.now())
                if (elsewhere := first_prove(request, deed)) is not None:
                    return elsewhere
            demand(known.actor, deed)
            return view(known, *args, **kwargs)

        return cast("Guarded[P, R | HttpResponse]", guarded)

    return guard
