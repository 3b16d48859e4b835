"""`manual-mitigate`: reading the body, judging it, answering."""

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from sandbox.catalogue import Catalogue
from sandbox.messages import Answer, Refusal, Request, error, json_answer, no_such_path, unauthorized, wrong_verb
from sandbox.mitigations import AlreadyMitigated, Mitigations, Network, Order

PATH = "/api/v5/alerts/manual-mitigate"
DIGITS = re.compile(r"[0-9]+")
# Nine digits are nineteen centuries; more would carry the end beyond what a datetime can hold.
MINUTES = re.compile(r"[0-9]{1,9}")
PREFIX = re.compile(r"[0-9A-Fa-f.:]+(/[0-9]{1,3})?")


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


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """The pair that is let in; None stands for anything that is not empty."""

    email: str | None = None
    token: str | None = None

    def accept(self, *, email: str, token: str) -> bool:
        return all((email, token, self.email in (None, email), self.token in (None, token)))


class Pairs(list[tuple[str, object]]):
    """A JSON object as it was written, so that a key written twice shows."""


@dataclass(frozen=True, kw_only=True)
class V5:
    catalogue: Catalogue
    mitigations: Mitigations
    credentials: Credentials
    keys: Keys

    def answer(self, request: Request) -> Answer:
        try:
            self._let_in(request)
            self._start(read_order(request.body, self.keys))
        except Refusal as refusal:
            return refusal.answer
        return json_answer(HTTPStatus.OK, {"response": {"result": "OK"}})

    def _let_in(self, request: Request) -> None:
        if request.path != PATH:
            raise Refusal(no_such_path(request.path))
        if request.method != "POST":
            raise Refusal(wrong_verb(request.method, PATH, ["POST"]))
        email, token = request.header("X-CH-Auth-Email"), request.header("X-CH-Auth-API-Token")
        if not self.credentials.accept(email=email, token=token):
            raise Refusal(unauthorized())
        if request.header("Content-Type").partition(";")[0].strip().lower() != "application/json":
            raise _refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json.")

    def _start(self, order: Order) -> None:
        objection = self.catalogue.objection(platform_id=order.platform_id, method_id=order.method_id)
        if objection:
            raise _refused(HTTPStatus.NOT_FOUND, objection)
        try:
            self.mitigations.start(order)
        except AlreadyMitigated as reason:
            raise _refused(HTTPStatus.CONFLICT, str(reason)) from reason


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
    network = _network(text)
    if network is None:
        return [f"{key} must be an IP address or a prefix"]
    # An address without a length is its own network and passes.
    if "/" in text and ipaddress.ip_address(text.partition("/")[0]) != network.network_address:
        return [f"{key} has host bits set; the prefix is {network}"]
    return []


def _network(text: str) -> Network | None:
    """Python reads netmasks and scopes as well, which are no CIDR, so the pattern comes first."""
    if not PREFIX.fullmatch(text):
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _refused(status: int, sentence: str) -> Refusal:
    return Refusal(error(status, sentence))
