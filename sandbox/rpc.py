"""Errors as the gateway of V6 writes them: the code is gRPC's own, and each has its HTTP status."""

from enum import IntEnum
from http import HTTPStatus

from sandbox.messages import Answer, Refusal, json_answer


class Code(IntEnum):
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14


STATUS_OF = {
    Code.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
    Code.INVALID_ARGUMENT: HTTPStatus.BAD_REQUEST,
    Code.DEADLINE_EXCEEDED: HTTPStatus.GATEWAY_TIMEOUT,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.PERMISSION_DENIED: HTTPStatus.FORBIDDEN,
    Code.RESOURCE_EXHAUSTED: HTTPStatus.TOO_MANY_REQUESTS,
    Code.UNIMPLEMENTED: HTTPStatus.NOT_IMPLEMENTED,
    Code.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}


def error(code: Code, message: str) -> Answer:
    return answer_with(STATUS_OF[code], code, message)


def refusal(code: Code, message: str) -> Refusal:
    return Refusal(error(code, message))


def of_status(status: int) -> Answer:
    """The error that the gateway would give with this HTTP status."""
    code = next((code for code, usual in STATUS_OF.items() if usual == status), Code.UNKNOWN)
    return answer_with(status, code, HTTPStatus(status).phrase)


def answer_with(status: int, code: Code, message: str) -> Answer:
    return json_answer(status, {"code": int(code), "message": message, "details": []})
