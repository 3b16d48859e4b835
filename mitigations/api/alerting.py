"""Alerts of detectors: each may propose a mitigation, which then waits for people like any other."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, cast

from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Router

from accounts.middleware import origin_of
from mitigations.api import problems, responses
from mitigations.api.asking import address
from mitigations.api.calls import answered, reads
from mitigations.api.door import AlertRequest, ApiRequest, SourceDoor
from mitigations.api.problems import Kind, Pointed
from mitigations.api.shapes.mitigations import Heard
from mitigations.policies.alerts import Outcome
from mitigations.services import proposing

if TYPE_CHECKING:
    from mitigations.models import Notice

router = Router(tags=["Alerts"], auth=SourceDoor())

_STATUSES = {Outcome.PROPOSED: HTTPStatus.CREATED, Outcome.STIRRED: HTTPStatus.ACCEPTED}
_PROBLEMS: dict[Outcome, Kind] = {
    Outcome.UNREADABLE: problems.UNACCEPTABLE,
    Outcome.BLOCKED: problems.UNACCEPTABLE,
    Outcome.FORBIDDEN: problems.FORBIDDEN,
}
_BODY = {"content": {"application/json": {"schema": {"type": "object"}}}, "required": True}
SourceName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", examples=["edge-fnm"])]


@router.post(
    "/{source}",
    response=responses.deed(Heard, 200, 201, 202),
    summary="Tell of an attack",
    openapi_extra={"requestBody": _BODY},
)
@reads(None)
def hear(request: ApiRequest, source: SourceName) -> HttpResponse:
    """A source of alerts sends what its detector says, as its JSON is. It shows its secret in place of a token, or
    signs the call: `X-Breakwater-Timestamp` has the seconds since 1970, `X-Breakwater-Signature` reads `v1=` and the
    HMAC-SHA256 of “timestamp.body” in hexadecimal.

    201: a mitigation is proposed, and waits for people. 202: the worker looks at Kentik. 200: nothing is asked for, and
    `outcome` says why. The same attack is asked for once, however often it is told.
    """
    call, at = cast("AlertRequest", request), timezone.now()
    notice, was_heard = proposing.hear(call.auth, body=call.body, origin=origin_of(call), at=at)
    answer = _answer(call, notice)
    if was_heard:
        answer["Idempotency-Replayed"] = "true"
    return answer


def status_of(outcome: Outcome) -> int:
    kind = _PROBLEMS.get(outcome)
    return kind.status if kind else _STATUSES.get(outcome, HTTPStatus.OK)


def _answer(call: AlertRequest, notice: Notice) -> HttpResponse:
    """From what is kept of it, so that the same delivery is answered the same."""
    outcome = Outcome(notice.outcome)
    if (kind := _PROBLEMS.get(outcome)) is not None:
        found = [Pointed(pointer="", **each) for each in notice.findings]
        return problems.problem(call, kind, notice.sentence, objections=found)
    reference = notice.mitigation.reference if notice.mitigation else None
    shape = Heard(outcome=outcome, sentence=notice.sentence, mitigation=reference)
    status = status_of(outcome)
    location = address(reference) if reference and status == HTTPStatus.CREATED else ""
    return answered(call, shape, status=status, location=location)
