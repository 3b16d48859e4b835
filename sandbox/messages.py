"""What goes over the wire: a request as received and an answer as sent."""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Request:
    method: str
    target: str
    headers: Headers
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    def header(self, name: str) -> str:
        """The first header of this name in any case, or an empty string."""
        return next((value.strip() for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_bytes(self, *, closing: bool, headers_only: bool) -> bytes:
        """The whole answer as it goes over the wire."""
        ends = {"Content-Length": str(len(self.body))} | ({"Connection": "close"} if closing else {})
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in {**self.headers, **ends}.items()]
        head = "\r\n".join([*lines, "", ""]).encode("iso-8859-1")
        return head if headers_only else head + self.body


class Refusal(Exception):
    """Raised where a request turns out not to be acceptable; carries the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def json_answer(status: int, payload: object, headers: Mapping[str, str] | None = None) -> Answer:
    body = json.dumps(payload, separators=(",", ":")).encode("ascii")
    return Answer(status=status, body=body, headers={"Content-Type": "application/json", **(headers or {})})


def error(status: int, sentence: str) -> Answer:
    return json_answer(status, {"error": sentence})


def unauthorized() -> Answer:
    payload = {"error": "Unauthorized", "reasonCode": 0, "errxid": uuid.uuid4().hex}
    return json_answer(HTTPStatus.UNAUTHORIZED, payload)


def no_such_path(path: str) -> Answer:
    return error(HTTPStatus.NOT_FOUND, f"There is nothing at {path}.")


def wrong_verb(method: str, path: str, allowed: Iterable[str]) -> Answer:
    verbs = ", ".join(sorted(allowed))
    sentence = f"{path} does not answer {method}; use {verbs}."
    return json_answer(HTTPStatus.METHOD_NOT_ALLOWED, {"error": sentence}, {"Allow": verbs})
