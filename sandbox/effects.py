"""What a fault makes of a call."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from sandbox.faults import Fault, FaultKind
from sandbox.messages import Answer, error, json_answer, unauthorized

# Cut off behind the word that a careless client may look for.
MALFORMED = b'{"response":{"result":"OK"'


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The answer to send, if any. Without one the connection is closed, after the caller has left if it hangs."""

    answer: Answer | None = None
    seconds_per_byte: float = 0
    hangs: bool = False


def play(fault: Fault | None, *, target: str, judge: Callable[[], Answer]) -> Outcome:
    """Decide what happens to a call; `judge` does the ordinary thing, creates the mitigation and gives the answer."""
    if fault is None:
        return Outcome(answer=judge())
    match fault.kind:
        case FaultKind.STATUS:
            return Outcome(answer=_with_status(fault))
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
        case FaultKind.CLOSE_BEFORE_READING | FaultKind.DELAY:
            raise AssertionError(f"{fault.kind} is dealt with before a call is played")


def _with_status(fault: Fault) -> Answer:
    answer = _plain(fault.status, fault.body) if fault.body is not None else _usual(fault.status)
    given = {name.lower() for name in fault.headers}
    kept = {name: value for name, value in answer.headers.items() if name.lower() not in given}
    return Answer(status=answer.status, body=answer.body, headers={**kept, **fault.headers})


def _plain(status: int, body: str) -> Answer:
    return Answer(status=status, body=body.encode("utf-8"), headers={"Content-Type": "text/plain; charset=utf-8"})


def _usual(status: int) -> Answer:
    return unauthorized() if status == HTTPStatus.UNAUTHORIZED else error(status, HTTPStatus(status).phrase)


def _elsewhere(location: str) -> Answer:
    status = HTTPStatus.TEMPORARY_REDIRECT
    return json_answer(status, {"error": status.phrase}, {"Location": location})


def _malformed(answer: Answer) -> Answer:
    """A refused request stays refused: 200 would claim a mitigation that was never created."""
    return Answer(status=answer.status, body=MALFORMED, headers=answer.headers) if answer.status == 200 else answer
