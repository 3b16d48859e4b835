"""The page of the API, for people: every operation as the schema has it, drawn here, with nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.authority import Deed, Scope, demand
from accounts.middleware import ActorRequest
from mitigations.api import problems, site
from mitigations.api.samples import SAMPLES


@dataclass(frozen=True, kw_only=True)
class Piece:
    text: str
    is_code: bool


@dataclass(frozen=True, kw_only=True)
class Member:
    """A parameter, or a member of a body. `kind` in words: "text, at most 200 characters"."""

    name: str
    kind: str
    required: bool
    words: list[Piece]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One operation. `example`: a command that runs it."""

    id: str
    method: str
    path: str
    title: str
    words: list[Piece]
    scope: str
    parameters: list[Member]
    body: list[Member]
    answers: str
    example: str


@require_safe
def index(request: ActorRequest) -> HttpResponse:
    demand(request.actor, Deed.VIEW)
    schema = site.described()
    context = {
        "groups": groups(schema, base=base(request)),
        "scopes": [(scope.value, scope.words) for scope in Scope],
        "kinds": problems.KINDS,
        "calls": settings.API_CALLS_PER_MINUTE,
    }
    return render(request, "api/page.html", context)


@require_safe
def schema(request: ActorRequest) -> HttpResponse:
    """The same for programs that have a session, such as a browser."""
    demand(request.actor, Deed.VIEW)
    return site.as_json()


def base(request: HttpRequest) -> str:
    return settings.PORTAL_URL or f"{request.scheme}://{request.get_host()}"


def groups(schema: Mapping[str, Any], *, base: str) -> dict[str, list[Shown]]:
    """Every operation under the name of its part."""
    found: dict[str, list[Shown]] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            shown = _shown(schema, method, path, operation, base=base)
            found.setdefault(operation["tags"][0], []).append(shown)
    return found


def _shown(schema: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any], *, base: str) -> Shown:
    return Shown(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        title=operation["summary"],
        words=_pieces(operation.get("description", "")),
        scope=operation["x-scope"] or "",
        parameters=[
            _member(schema, each["name"], each["schema"], required=each["required"])
            for each in operation.get("parameters", [])
            if each["in"] != "header"
        ],
        body=_body(schema, operation),
        answers=", ".join(sorted(operation["responses"])),
        example=_example(operation["operationId"], method, path, base),
    )


def _body(schema: Mapping[str, Any], operation: Mapping[str, Any]) -> list[Member]:
    if "requestBody" not in operation:
        return []
    shape = _resolved(schema, operation["requestBody"]["content"]["application/json"]["schema"])
    required = shape.get("required", [])
    members = shape.get("properties", {})
    return [_member(schema, name, each, required=name in required) for name, each in members.items()]


def _member(schema: Mapping[str, Any], name: str, shape: Mapping[str, Any], *, required: bool) -> Member:
    found = _resolved(schema, shape)
    words = shape.get("description") or found.get("description", "")
    return Member(name=name, kind=_kind(schema, found), required=required, words=_pieces(words))


def _pieces(text: str) -> list[Piece]:
    """What stands between backticks is code."""
    return [Piece(text=each, is_code=bool(place % 2)) for place, each in enumerate(text.split("`")) if each]


def _resolved(schema: Mapping[str, Any], shape: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference leads to; of what may be null, the rest."""
    if "$ref" in shape:
        found: Mapping[str, Any] = schema["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
        return found
    return _resolved(schema, shape["anyOf"][0]) if "anyOf" in shape else shape


def _kind(schema: Mapping[str, Any], shape: Mapping[str, Any]) -> str:
    if "enum" in shape:
        return "one of " + ", ".join(each or "nothing" for each in shape["enum"])
    match shape.get("type"):
        case "integer":
            return f"number, {shape['minimum']} to {shape['maximum']}" if shape["maximum"] < _READABLE else "number"
        case "boolean":
            return "true or false"
        case "array":
            return f"several: {_kind(schema, _resolved(schema, shape['items']))}"
    if shape.get("format") == "date-time":
        return "time, such as 2026-11-23T03:00:00Z"
    most = shape.get("maxLength")
    return f"text, at most {most} characters" if most else "text"


_READABLE = 10**9


def _example(id: str, method: str, path: str, base: str) -> str:
    """As one line for a shell."""
    sample = SAMPLES[id]
    parts = ["curl", "-s", "-H", f'"Authorization: Bearer ${sample.shows}"']
    if method == "post":
        parts += ["-H", '"Content-Type: application/json"', "-d", f"'{json.dumps(sample.body or {})}'"]
    return " ".join([*parts, f"'{base}{sample.address(path)}'"])
