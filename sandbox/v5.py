"""`manual-mitigate`: reading the body, judging it, answering."""

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus

from sandbox.credentials import Credentials, is_json
from sandbox.faults import FaultKind
from sandbox.lifecycle import Order
from sandbox.messages import Answer, Refusal, Request, error, json_answer, no_such_path, wrong_verb
from sandbox.mitigations import AlreadyMitigated, Mitigations
from sandbox.shelf import Shelf
from sandbox.targets import target_problem

PATH = "/api/v5/alerts/manual-mitigate"
DIGITS = re.compile(r"[0-9]+")
# Nine digits are nineteen centuries; more would carry the end beyond what a datetime can hold.
MINUTES = re.compile(r"[0-9]{1,9}")


class Spelling(StrEnum):
    """Kentik's documentation and its own SDK write two of the keys differently."""

    DOCUMENTED = "documented"
    SDK = "sdk"


@dataclass(frozen=True, kw_only=True)
class Keys:
    comment: str
    method: str
    target: str = "ipCidr"
    platform: str = "platformID"
    minutes: str = "minutesBeforeAutoStop"

    def all(self) -> list[str]:
        return [self.target, self.comment, self.platform, self.method, self.minutes]


KEYS = {
    Spelling.DOCUMENTED: Keys(comment="Comment", method="methodId"),
    Spelling.SDK: Keys(comment="comment", method="methodID"),
}


class Pairs(list[tuple[str, object]]):
    """A JSON object as it was written, so that a key written twice shows."""


@dataclass(frozen=True, kw_only=True)
class V5:
    shelf: Shelf
    mitigations: Mitigations
    credentials: Credentials
    keys: Keys

    def answer(self, request: Request, flaw: FaultKind | None = None) -> Answer:
        """`flaw` is what will be wrong with the mitigation, and does not show in the answer."""
        try:
            self._let_in(request)
            self._start(_flawed(read_order(request.body, self.keys), flaw), flaw)
        except Refusal as refusal:
            return refusal.answer
        return json_answer(HTTPStatus.OK, {"response": {"result": "OK"}})

    def _let_in(self, request: Request) -> None:
        if request.path != PATH:
            raise Refusal(no_such_path(request.path))
        if request.method != "POST":
            raise Refusal(wrong_verb(request.method, PATH, ["POST"]))
        self.credentials.check(request)
        if not is_json(request):
            raise _refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json.")

    def _start(self, order: Order, flaw: FaultKind | None) -> None:
        catalogue = self.shelf.catalogue
        objection = catalogue.objection(platform_id=order.platform_id, method_id=order.method_id)
        if objection:
            raise _refused(HTTPStatus.NOT_FOUND, objection)
        try:
            self.mitigations.start(
                order,
                flowspec=catalogue.is_flowspec(order.method_id),
                start_fails=flaw is FaultKind.START_FAILS,
                clear_fails=flaw is FaultKind.CLEAR_FAILS,
            )
        except AlreadyMitigated as reason:
            raise _refused(HTTPStatus.CONFLICT, str(reason)) from reason


def _flawed(order: Order, flaw: FaultKind | None) -> Order:
    if flaw is FaultKind.LOSE_AUTO_STOP:
        return replace(order, minutes=0)
    return replace(order, comment="") if flaw is FaultKind.LOSE_COMMENT else order


def read_order(body: bytes, keys: Keys) -> Order:
    """Read the five fields. Raises a Refusal that names all that is wrong with them."""
    pairs = _read_object(body)
    fields = dict(pairs)
    problems = [*_shape_problems(pairs, keys), *_value_problems(fields, keys)]
    if problems:
        raise _refused(HTTPStatus.BAD_REQUEST, "; ".join(problems) + ".")
    texts = {key: str(value) for key, value in fields.items()}
    return Order(
        target=ipaddress.ip_network(texts[keys.target]),
        comment=texts[keys.comment],
        platform_id=texts[keys.platform],
        method_id=texts[keys.method],
        minutes=int(texts[keys.minutes]),
    )


def _read_object(body: bytes) -> Pairs:
    try:
        pairs = json.loads(body.decode("utf-8"), object_pairs_hook=Pairs)
    except (ValueError, RecursionError) as reason:
        raise _refused(HTTPStatus.BAD_REQUEST, "The body is not JSON.") from reason
    if not isinstance(pairs, Pairs):
        raise _refused(HTTPStatus.BAD_REQUEST, "The body must be a JSON object.")
    return pairs


def _shape_problems(pairs: Pairs, keys: Keys) -> list[str]:
    names = [name for name, _ in pairs]
    return [
        *(f"{key} is missing" for key in keys.all() if key not in names),
        *(f"{name} is not a known field" for name in dict.fromkeys(names) if name not in keys.all()),
        *(f"{key} is given more than once" for key in keys.all() if names.count(key) > 1),
    ]


def _value_problems(fields: Mapping[str, object], keys: Keys) -> list[str]:
    problems = []
    for key in keys.all():
        value = fields.get(key)
        if isinstance(value, str):
            problems += _text_problems(key, value, keys)
        elif key in fields:
            problems.append(f"{key} must be a string")
    return problems


def _text_problems(key: str, text: str, keys: Keys) -> list[str]:
    if key in (keys.platform, keys.method) and not DIGITS.fullmatch(text):
        return [f"{key} must be a decimal number"]
    if key == keys.minutes and not MINUTES.fullmatch(text):
        return [f"{key} must be a decimal number of at most nine digits"]
    if key == keys.target:
        return _target_problems(key, text)
    return []


def _target_problems(key: str, text: str) -> list[str]:
    problem = target_problem(text)
    return [f"{key} {problem}"] if problem else []


def _refused(status: int, sentence: str) -> Refusal:
    return Refusal(error(status, sentence))
