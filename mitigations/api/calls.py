"""What every operation of the API shares: may they, was it done before, and how the answer leaves."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.cache import get_conditional_response
from ninja.operation import Operation
from ninja.utils import contribute_operation_callback
from pydantic import BaseModel

from accounts import answers
from accounts.answers import Answer, Taken
from accounts.authority import SCOPES, Deed, demand
from audit.refusal import Refused, Unacceptable
from mitigations.api import cursors, problems
from mitigations.api.door import ApiRequest
from mitigations.api.problems import Pointed
from mitigations.services import refusals

P = ParamSpec("P")
View = Callable[Concatenate[ApiRequest, P], HttpResponse]
Guarded = Callable[Concatenate[HttpRequest, P], HttpResponse]

_KEY = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)
_KEPT_HEADERS = ("Content-Type", "Location")


def reads(deed: Deed | None) -> Callable[[View[P]], Guarded[P]]:
    """For whoever may ever do this deed; None: for whoever was let in. That somebody else tried is not recorded."""

    def admit(call: ApiRequest, _: str) -> None:
        if deed is not None:
            demand(call.auth.actor, deed)

    return _for(deed, admit)


def does(deed: Deed) -> Callable[[View[P]], Guarded[P]]:
    """For whoever may ever do this deed; who tries without is recorded, as at the pages."""

    def admit(call: ApiRequest, subject: str) -> None:
        refusals.demand(deed, subject=subject, by=call.auth.actor, at=timezone.now())

    return _for(deed, admit)


def answered(
    request: HttpRequest, shape: BaseModel, *, status: int = 200, location: str = "", onward: str | None = None
) -> HttpResponse:
    """`onward`: the cursor of the next page."""
    response = HttpResponse(shape.model_dump_json(), status=status, content_type="application/json")
    if location:
        response["Location"] = location
    if onward is not None:
        query = request.GET.copy()
        query["cursor"] = onward
        response["Link"] = f'<{request.path}?{urlencode(list(_pairs(query)))}>; rel="next"'
    if request.method != "GET":
        return response
    response["Cache-Control"] = "private, no-cache"
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    return cast("HttpResponse", get_conditional_response(request, etag=etag, response=response))


def strange(pointer: str, sentence: str) -> Unacceptable:
    """A parameter that cannot be read."""
    return Unacceptable([Pointed(code="shape", sentence=sentence, pointer=pointer)])


def place(cursor: str | None) -> str:
    """What a cursor names; empty without one. Raises Unacceptable for what no list of ours has written."""
    if not cursor:
        return ""
    text = cursors.unpack(cursor)
    if text is None:
        raise no_place()
    return text


def number(cursor: str | None) -> int | None:
    """The same of a list that goes by numbers."""
    text = place(cursor)
    if not text:
        return None
    found = cursors.number(text)
    if found is None:
        raise no_place()
    return found


def no_place() -> Unacceptable:
    return strange("query:cursor", "This names no place in the list. Take the cursor that a page of it gave.")


def _for(deed: Deed | None, admit: Callable[[ApiRequest, str], None]) -> Callable[[View[P]], Guarded[P]]:
    """With an Idempotency-Key it is done once. `admit` hears what it is about, and raises for whoever it is not for."""

    def guard(view: View[P]) -> Guarded[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            call = cast("ApiRequest", request)
            _knows_parameters(request, view)
            admit(call, str(kwargs.get("reference") or request.path))
            return _once(call, lambda: view(call, *args, **kwargs))

        return _with_types(cast("Guarded[P]", guarded), view, deed)

    return guard


def _once(call: ApiRequest, act: Callable[[], HttpResponse]) -> HttpResponse:
    key = call.headers.get("Idempotency-Key")
    if key is None or call.method != "POST":
        return act()
    if not _KEY.fullmatch(key):
        raise strange("header:Idempotency-Key", "It has 1 to 200 visible ASCII characters.")
    begun = answers.begin(caller=call.auth.caller, key=key, call_sha256=_hash_of(call), at=timezone.now())
    return _kept(call, begun, act) if isinstance(begun, Taken) else _repeated(begun)


def _kept(call: ApiRequest, taken: Taken, act: Callable[[], HttpResponse]) -> HttpResponse:
    """Done, and its answer kept, a refusal like any other. What breaks on the way leaves the key without an answer."""
    try:
        response = act()
    except Refused as refusal:
        response = problems.refused(call, refusal)
    except ObjectDoesNotExist:
        response = problems.not_found(call)
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    answers.keep(taken, Answer(status=response.status_code, headers=headers, body=response.content.decode()))
    return response


def _repeated(answer: Answer) -> HttpResponse:
    return HttpResponse(answer.body, status=answer.status, headers={**answer.headers, "Idempotency-Replayed": "true"})


def _hash_of(call: HttpRequest) -> str:
    """Of all that says what is to be done; of a body, its very bytes."""
    head = f"{call.method} {call.get_full_path()}\n".encode()
    return hashlib.sha256(head + call.body).hexdigest()


def _knows_parameters(request: HttpRequest, view: Callable[..., HttpResponse]) -> None:
    """Ninja passes over parameters that it does not know; a filter that is misspelled would show everything."""
    strangers = sorted(set(request.GET) - _parameters_of(view))
    if strangers:
        raise strange(f"query:{strangers[0]}", f"There is no parameter “{strangers[0]}” here.")


def _parameters_of(view: Callable[..., HttpResponse]) -> set[str]:
    annotation = inspect.signature(view, eval_str=True).parameters.get("query")
    if annotation is None:
        return set()
    shape: type[BaseModel] = annotation.annotation.__origin__
    return set(shape.model_fields)


def _with_types(guarded: Guarded[P], view: Callable[..., HttpResponse], deed: Deed | None) -> Guarded[P]:
    """Ninja would look up the names of the view's types in this module. The schema tells the scope of the deed."""
    guarded.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined] # Python's own hook
    scope = SCOPES[deed].value if deed is not None else None

    def tell_scope(operation: Operation) -> None:
        operation.openapi_extra = {"x-scope": scope, **(operation.openapi_extra or {})}

    contribute_operation_callback(guarded, tell_scope)
    return guarded


def _pairs(query: QueryDict) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.lists() for value in values]
