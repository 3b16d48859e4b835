"""What a fault makes of a call."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus

from sandbox import rpc
from sandbox.apis import Api, api_of
from sandbox.faults import FLAWS, Fault, FaultKind
from sandbox.messages import Answer, error, json_answer, unauthorized

# Of an answer's end: what is left of V5's has the word that a careless client may look for.
CUT_OFF = 2


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The answer to send, if any. Without one the connection is closed, after the caller has left if it hangs."""

    answer: Answer | None = None
    seconds_per_byte: float = 0
    hangs: bool = False


def play(fault: Fault | None, *, target: str, judge: Callable[[], Answer]) -> Outcome:
    """Decide what happens to a call; `judge` does the ordinary thing, changes the mitigations and gives the answer."""
    if fault is None:
        return Outcome(answer=judge())
    match fault.kind:
        case FaultKind.STATUS:
            return Outcome(answer=_with_status(fault, target))
        case FaultKind.RESULT:
            return Outcome(answer=json_answer(HTTPStatus.OK, {"response": {"result": fault.result}}))
        case FaultKind.REDIRECT:
            return Outcome(answer=_elsewhere(fault.location or target))
        case FaultKind.ACCEPT_THEN_DROP:
            judge()
            return Outcome()
        case FaultKind.MALFORMED_JSON:
            return Outcome(answer=_malformed(judge()))
        case FaultKind.TRICKLE:
            return Outcome(answer=judge(), seconds_per_byte=fault.seconds)
        case FaultKind.HANG:
            return Outcome(hangs=True)
        case kind if kind in FLAWS:
            return Outcome(answer=judge())
        case _:
            raise AssertionError(f"{fault.kind} is dealt with before a call is played")


def _with_status(fault: Fault, target: str) -> Answer:
    answer = _plain(fault.status, fault.body) if fault.body is not None else _usual(fault.status, target)
    given = {name.lower() for name in fault.headers}
    kept = {name: value for name, value in answer.headers.items() if name.lower() not in given}
    return Answer(status=answer.status, body=answer.body, headers={**kept, **fault.headers})


def _plain(status: int, body: str) -> Answer:
    return Answer(status=status, body=body.encode("utf-8"), headers={"Content-Type": "text/plain; charset=utf-8"})


def _usual(status: int, target: str) -> Answer:
    if status == HTTPStatus.UNAUTHORIZED:
        return unauthorized()
    return rpc.of_status(status) if api_of(target) is Api.V6 else error(status, HTTPStatus(status).phrase)


def _elsewhere(location: str) -> Answer:
    status = HTTPStatus.TEMPORARY_REDIRECT
    return json_answer(status, {"error": status.phrase}, {"Location": location})


def _malformed(answer: Answer) -> Answer:
    """A refused request stays refused: 200 would claim a mitigation that was never created."""
    return replace(answer, body=answer.body[:-CUT_OFF]) if answer.status == 200 else answer
