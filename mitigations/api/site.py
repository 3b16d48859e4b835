"""The API as a whole: its parts, its schema, and what each error becomes."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

from accounts.admission import NotAdmitted
from audit.refusal import Objection, Refused
from mitigations.api import alerting, asking, deciding, log, policy, problems, reports
from mitigations.api.calls import reads
from mitigations.api.door import ApiRequest, Door
from mitigations.api.problems import TooLarge, TooOften
from mitigations.policies import json_once
from mitigations.policies.json_once import BadJson

PREFIX = "/api/v1/"
_ABOUT = """What the portal does, for programs: the same guardrails, approvals and audit log as its pages.

Each call brings a token of the person who answers for it, as `Authorization: Bearer bwk_…`. A token is worth no more
than its scopes, and no more than its owner may at that moment. Each POST may bring an `Idempotency-Key`: the same call
with the same key is then done once within 24 hours. Sources of alerts prove themselves in another way: see Alerts.
Errors are problem details (RFC 9457) with every finding in them.
"""


class Once(Parser):
    """Bodies in which each name stands once."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        return cast("dict[str, Any]", json_once.parsed(request.body))


class Api(NinjaAPI):
    """Ninja's, with what it cannot know put into the schema."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=PREFIX)
        for operations in schema["paths"].values():
            for method, operation in operations.items():
                _complete(method, operation)
        return schema

    def get_openapi_operation_id(self, operation: Any) -> str:
        """Such as "asking.ask": where it stands in the code."""
        view = operation.view_func
        return f"{view.__module__.rpartition('.')[2]}.{view.__name__}"


_HEADERS = {
    "RateLimit": "How many calls are left of this minute, and in how many seconds it ends.",
    "RateLimit-Policy": "How many calls a minute has.",
    "X-Request-ID": "By which the audit log and the portal's own log name this call.",
}


def _complete(method: str, operation: dict[str, Any]) -> None:
    operation["responses"] = {str(status): response for status, response in operation["responses"].items()}
    for status, response in operation["responses"].items():
        code = int(status)
        response["headers"] = {name: _header(words) for name, words in _HEADERS.items()}
        if code >= 400:
            response["content"] = {problems.CONTENT_TYPE: response["content"]["application/json"]}
            response["description"] = problems.kind_of(code).title
        if code == 201:
            response["headers"]["Location"] = _header("Where the new mitigation is.")
        if code in {401, 429, 503}:
            name = "WWW-Authenticate" if code == 401 else "Retry-After"
            response["headers"][name] = _header("What is asked for." if code == 401 else "In how many seconds.")
    for parameter in operation.get("parameters", []):
        parameter["schema"] = _without_null(parameter["schema"])
    if method == "get":
        operation["responses"]["200"]["headers"]["ETag"] = _header("Sent back in If-None-Match, it spares the body.")
        operation["responses"]["304"] = {"description": "It has not changed."}
    if method == "post":
        operation.setdefault("parameters", []).append(_KEY)


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Nothing in an address is null: what is not said is left out."""
    [first, *rest] = schema.get("anyOf", [schema])
    return first if rest == [{"type": "null"}] else schema


_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "The same call with the same key is done once within 24 hours, and answered the same.",
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,200}$"},
}


def _header(words: str) -> dict[str, Any]:
    return {"description": words, "schema": {"type": "string"}}


api = Api(
    title="Breakwater",
    version=settings.VERSION,
    description=_ABOUT,
    urls_namespace="api-v1",
    auth=Door(),
    parser=Once(),
    openapi_url=None,
    docs_url=None,
)


@api.get("/openapi.json", include_in_schema=False)
@reads(None)
def schema(request: ApiRequest) -> HttpResponse:
    """For programs; people find the same at /api/."""
    return as_json()


def as_json() -> HttpResponse:
    return JsonResponse(described())


@cache
def described() -> OpenAPISchema:
    """The API in the words of OpenAPI. Made once: only another release changes it."""
    return api.get_openapi_schema()


api.add_router("/mitigations", asking.router)
api.add_router("", deciding.router)
api.add_router("", policy.router)
api.add_router("", log.router)
api.add_router("/reports", reports.router)
api.add_router("/alerts", alerting.router)


@api.exception_handler(NotAdmitted)
def not_admitted(request: HttpRequest, error: NotAdmitted) -> HttpResponse:
    kind = problems.kind_of(error.status)
    answer = problems.problem(request, kind, str(error), objections=[Objection(code=error.code, sentence=str(error))])
    if kind is problems.UNAUTHORIZED:
        wrong = "" if error.code == "no-token" else ', error="invalid_token"'
        answer["WWW-Authenticate"] = f'Bearer realm="Breakwater"{wrong}'
    return answer


@api.exception_handler(TooOften)
def too_often(request: HttpRequest, error: TooOften) -> HttpResponse:
    allowance = error.allowance
    sentence = f"More than {allowance.most} calls in a minute. Go on in {allowance.resets_in} s."
    answer = problems.problem(request, problems.TOO_OFTEN, sentence)
    answer["Retry-After"] = str(allowance.resets_in)
    return answer


@api.exception_handler(TooLarge)
def too_large(request: HttpRequest, error: TooLarge) -> HttpResponse:
    return problems.problem(request, problems.TOO_LARGE, str(error))


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return problems.refused(request, error)


@api.exception_handler(ObjectDoesNotExist)
@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.not_found(request)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problems.invalid(request, error.errors)


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja's own: a body that is no JSON, whatever the reason."""
    cause = error.__cause__
    if isinstance(cause, RequestDataTooBig):
        return problems.problem(request, problems.TOO_LARGE, "The body is too large.")
    sentence = str(cause) if isinstance(cause, BadJson) else "The body cannot be read."
    return problems.problem(request, problems.kind_of(error.status_code), sentence)


@api.exception_handler(Exception)
def broken(request: HttpRequest, error: Exception) -> HttpResponse:
    """For Django to deal with, in whatever mode: Ninja would show where it broke."""
    raise error


def urls() -> tuple[list[URLPattern | URLResolver], str, str]:
    """Whoever calls comes with a token: nobody is led to a page to sign in."""
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback.login_required = False  # type: ignore[attr-defined] # Django's own mark
    return patterns, app_name, namespace
