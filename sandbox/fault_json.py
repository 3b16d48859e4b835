"""Faults as the control interface takes and shows them: a table of the fields that each kind has."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.apis import Api
from sandbox.faults import FLAWS, Fault, FaultKind

STATUSES = (400, 401, 403, 404, 429, 500, 502, 503, 504)
LONGEST_SECONDS = 3600
MOST_TIMES = 10_000
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[\x20-\x7e\xa0-\xff]*")
# These two frame the answer, and an answer with a false length would be another kind of fault.
OWN_HEADERS = {"content-length", "transfer-encoding"}


class FaultError(ValueError):
    """What was asked for is no fault; the message says why."""


def read_faults(payload: object) -> list[Fault]:
    """Read `{"faults": [...]}` or a single fault. Raises FaultError and reads all of it before anything is queued."""
    if not isinstance(payload, dict) or "faults" not in payload:
        return [read_fault(payload)]
    if len(payload) > 1 or not isinstance(payload["faults"], list):
        raise FaultError("The body must be a fault, or an object whose only field, faults, is a list of them.")
    return [read_fault(item) for item in payload["faults"]]


def read_fault(payload: object, *, place: str = "") -> Fault:
    if not isinstance(payload, dict):
        raise FaultError(f"{place.rstrip('.') or 'A fault'} must be a JSON object.")
    kind = _kind(payload.get("kind"), f"{place}kind")
    checks = FIELDS[kind] if place else {**FIELDS[kind], "times": _times, "api": _api}
    given = {name: value for name, value in payload.items() if name != "kind"}
    for name in sorted(given.keys() - checks.keys()):
        raise FaultError(f"{place}{name} is not a field of the fault {kind}.")
    for name in sorted(REQUIRED.get(kind, set()) - given.keys()):
        raise FaultError(f"{place}{name} is missing; the fault {kind} needs it.")
    return Fault(kind=kind, **{name: checks[name](value, f"{place}{name}") for name, value in given.items()})


def show_fault(fault: Fault) -> dict[str, object]:
    shown: dict[str, object] = {"kind": str(fault.kind), "times": fault.times}
    if fault.api:
        shown["api"] = str(fault.api)
    for name in FIELDS[fault.kind]:
        value = getattr(fault, name)
        if isinstance(value, Fault):
            shown[name] = {key: item for key, item in show_fault(value).items() if key != "times"}
        elif isinstance(value, Mapping):
            shown[name] = dict(value)
        elif value is not None:
            shown[name] = value
    return shown


def _kind(value: object, name: str) -> FaultKind:
    if not isinstance(value, str) or value not in list(FaultKind):
        raise FaultError(f"{name} must be one of {', '.join(FaultKind)}.")
    return FaultKind(value)


def _times(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_TIMES:
        raise FaultError(f"{name} must be a whole number from 1 to {MOST_TIMES}.")
    return value


def _api(value: object, name: str) -> Api:
    if not isinstance(value, str) or value not in list(Api):
        raise FaultError(f"{name} must be one of {', '.join(Api)}.")
    return Api(value)


def _seconds(value: object, name: str) -> float:
    # NaN is a float here, and is refused because it compares with nothing.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_SECONDS:
        raise FaultError(f"{name} must be a number from 0 to {LONGEST_SECONDS}.")
    return float(value)


def _status(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in STATUSES:
        raise FaultError(f"{name} must be one of {', '.join(map(str, STATUSES))}.")
    return value


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise FaultError(f"{name} must be a string.")
    return value


def _header_value(value: object, name: str) -> str:
    if not isinstance(value, str) or not HEADER_VALUE.fullmatch(value):
        raise FaultError(f"{name} must be a string that fits into one header line.")
    return value


def _headers(value: object, name: str) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise FaultError(f"{name} must be an object of header names and values.")
    for header in value:
        if not HEADER_NAME.fullmatch(header) or header.lower() in OWN_HEADERS:
            raise FaultError(f"{name} cannot hold {header!r}.")
    return {header: _header_value(text, f"{name}.{header}") for header, text in value.items()}


def _then(value: object, name: str) -> Fault:
    fault = read_fault(value, place=f"{name}.")
    if fault.kind is FaultKind.DELAY:
        raise FaultError(f"{name} cannot be another delay.")
    return fault


FIELDS: Mapping[FaultKind, Mapping[str, Callable[[object, str], Any]]] = {
    FaultKind.DELAY: {"seconds": _seconds, "then": _then},
    FaultKind.STATUS: {"status": _status, "body": _text, "headers": _headers},
    FaultKind.HANG: {},
    FaultKind.ACCEPT_THEN_DROP: {},
    FaultKind.CLOSE_BEFORE_READING: {},
    FaultKind.MALFORMED_JSON: {},
    FaultKind.RESULT: {"result": _text},
    FaultKind.REDIRECT: {"location": _header_value},
    FaultKind.TRICKLE: {"seconds": _seconds},
    **{kind: {} for kind in FLAWS},
}
REQUIRED: Mapping[FaultKind, set[str]] = {FaultKind.DELAY: {"seconds"}, FaultKind.STATUS: {"status"}}
