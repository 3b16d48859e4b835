"""The one shape of an error: problem details as RFC 9457 has them, with everything that stands against the call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.allowance import Allowance
from accounts.bearer import without_tokens
from audit.refusal import Conflict, Forbidden, Objection, Refused, Unacceptable
from mitigations.api.shapes.plain import Finding, Problem
from mitigations.policies.guardrails import Severity

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, kw_only=True)
class Pointed(Objection):
    """One about a part of what was sent; `pointer` says which, as RFC 6901 has it. `mend`: what was meant, perhaps."""

    pointer: str
    mend: str = ""
    severity: Severity | None = None
    collides: str = ""


class TooOften(Exception):
    """More calls than somebody may make in a minute."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__("too many calls")
        self.allowance = allowance


class TooLarge(Exception):
    """A body of more bytes than this operation takes."""

    def __init__(self, most: int) -> None:
        super().__init__(f"A body has at most {most:,} bytes here.")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`name` ends the type of the problem, urn:breakwater:problem:…, by which a program tells what to do."""

    status: int
    name: str
    title: str


BAD_REQUEST = Kind(status=400, name="bad-request", title="This request makes no sense")
UNAUTHORIZED = Kind(status=401, name="unauthorized", title="A token is needed")
FORBIDDEN = Kind(status=403, name="forbidden", title="You may not do this")
NOT_FOUND = Kind(status=404, name="not-found", title="Nothing is here")
NOT_ALLOWED = Kind(status=405, name="method-not-allowed", title="This is no way to use this address")
CONFLICT = Kind(status=409, name="conflict", title="Not possible any more")
NO_LENGTH = Kind(status=411, name="no-length", title="How long it is must be said")
TOO_LARGE = Kind(status=413, name="too-large", title="That was too much at once")
NOT_JSON = Kind(status=415, name="not-json", title="The API reads JSON")
UNACCEPTABLE = Kind(status=422, name="unacceptable", title="This cannot be accepted")
TOO_OFTEN = Kind(status=429, name="too-often", title="That was too often")
BROKEN = Kind(status=500, name="broken", title="Something broke on our side")
AWAY = Kind(status=503, name="away", title="The portal cannot reach its data")

KINDS = (
    *(BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, NOT_ALLOWED, CONFLICT, NO_LENGTH, TOO_LARGE, NOT_JSON),
    *(UNACCEPTABLE, TOO_OFTEN, BROKEN, AWAY),
)
_BY_STATUS = {kind.status: kind for kind in KINDS}
_REFUSALS: dict[type[Refused], Kind] = {Forbidden: FORBIDDEN, Conflict: CONFLICT, Unacceptable: UNACCEPTABLE}


def kind_of(status: int) -> Kind:
    return _BY_STATUS.get(status, BAD_REQUEST)


def problem(request: HttpRequest, kind: Kind, detail: str, *, objections: Iterable[Objection] = ()) -> HttpResponse:
    findings = [finding_of(each) for each in objections]
    body = Problem(
        type=f"urn:breakwater:problem:{kind.name}",
        title=kind.title,
        status=kind.status,
        detail=without_tokens(detail),
        instance=without_tokens(request.path),
        request_id=str(request.META.get("REQUEST_ID", "")),
        findings=findings,
    )
    return HttpResponse(body.model_dump_json(), status=kind.status, content_type=CONTENT_TYPE)


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    return problem(request, _REFUSALS[type(refusal)], str(refusal), objections=refusal.objections)


def not_found(request: HttpRequest) -> HttpResponse:
    return problem(request, NOT_FOUND, "Nothing has this address.")


def invalid(request: HttpRequest, errors: Sequence[dict[str, Any]]) -> HttpResponse:
    """What was sent does not have the shape that the schema says; each error as pydantic tells it."""
    found = [Pointed(code="shape", sentence=_sentence(each), pointer=_pointer(each["loc"])) for each in errors]
    return problem(request, UNACCEPTABLE, "What was sent does not have the shape that is asked for.", objections=found)


def finding_of(objection: Objection) -> Finding:
    return Finding(
        code=objection.code,
        sentence=without_tokens(objection.sentence),
        severity=getattr(objection, "severity", None),
        mend=getattr(objection, "mend", ""),
        collides=getattr(objection, "collides", "") or None,
        pointer=getattr(objection, "pointer", None),
    )


def _sentence(error: dict[str, Any]) -> str:
    """Pydantic's words; before those of our own validators it puts what kind of error they raise."""
    return f"{str(error['msg']).removeprefix('Value error, ')}."


def _pointer(loc: Sequence[str | int]) -> str:
    """Where it stands: behind the source (body, query, path) and the name of the parameter that is the whole body."""
    source, *rest = [str(each) for each in loc]
    if source == "body":
        return "".join(f"/{_escaped(each)}" for each in rest[1:])
    return f"{source}:{rest[-1] if rest else ''}"


def _escaped(text: str) -> str:
    return without_tokens(text).replace("~", "~0").replace("/", "~1")
