"""From V6's JSON to values. Nothing raises: what cannot be read is missing, and is said to be.

Kentik's gateway writes unset fields as zero or null, 64-bit numbers as strings, durations as "3600s" and times with 0
to 9 digits of a second. Its settings are its own, so neighbours of all that are read as well.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from mitigations.kentik.v6.states import MitigationType, PlatformType, State
from mitigations.kentik.v6.values import HistoryEntry, KentikMitigation, Method, Platform

Json = Mapping[str, Any]
Choice = TypeVar("Choice", bound=StrEnum)

_TIME = re.compile(
    r"(?P<whole>[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?"
    r"(?P<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
# Twelve digits are thirty thousand years, and about the longest that the schema's Duration holds.
_SECONDS = re.compile(r"(?P<whole>[0-9]{1,12})(?:\.(?P<fraction>[0-9]{1,9}))?s?")
_BEFORE_ANY = datetime(1970, 1, 1, tzinfo=UTC)


def read_object(text: str, *, redact: Callable[[str], str]) -> Json:
    """The JSON object of a body, its strings redacted once more behind their escapes; empty when it is no object."""
    try:
        answer = _clean(json.loads(text), redact)
    except (ValueError, RecursionError):
        return {}
    return _fields(answer)


def mitigation(row: object) -> KentikMitigation | None:
    """None when it is no object or has no ID."""
    fields = _fields(row)
    kind, kind_text = _choice(fields.get("type"), MitigationType, MitigationType.UNSPECIFIED)
    state, state_text = _choice(fields.get("currentState"), State, State.UNSPECIFIED)
    found = KentikMitigation(
        id=text_of(fields.get("id")),
        type=kind,
        type_text=kind_text,
        target=_target(fields.get("target")),
        state=state,
        state_text=state_text,
        platform_id=text_of(fields.get("platformId")),
        method_id=text_of(fields.get("methodId")),
        started_at=time_of(fields.get("startTimeAt")),
        ends_at=time_of(fields.get("endTimeAt")),
        auto_stop=duration_of(fields.get("autoStopTtl")),
        comment=text_of(fields.get("comment")),
        history=_history(fields.get("states")),
    )
    return found if found.id else None


def platform(row: object) -> Platform | None:
    """None when it is no object or has no ID."""
    fields = _fields(row)
    found = Platform(method_ids=_texts(fields.get("mitigationMethodIds")), **_shared(fields))
    return found if found.id else None


def method(row: object) -> Method | None:
    """None when it is no object or has no ID."""
    fields = _fields(row)
    found = Method(excluded_ip_cidrs=_texts(fields.get("excludedIpCidrs")), **_shared(fields))
    return found if found.id else None


def _shared(fields: Json) -> dict[str, Any]:
    """What platforms and methods have in common."""
    kind, kind_text = _choice(fields.get("type"), PlatformType, PlatformType.UNSPECIFIED)
    return {
        "id": text_of(fields.get("id")),
        "name": text_of(fields.get("name")),
        "description": text_of(fields.get("description")),
        "type": kind,
        "type_text": kind_text,
        "created_at": time_of(fields.get("createdAt")),
        "modified_at": time_of(fields.get("modifiedAt")),
    }


def text_of(value: object) -> str:
    """A string, or a whole number as one: IDs come as either. Anything else is empty."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)


def count_of(value: object) -> int | None:
    """A number that is not negative, written as a number or as a string of digits."""
    text = text_of(value)
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def time_of(value: object) -> datetime | None:
    """An RFC 3339 time in UTC, to the microsecond. A time before 1970 is how some servers write an unset one."""
    parts = _TIME.fullmatch(value) if isinstance(value, str) else None
    if parts is None:
        return None
    zone = parts["zone"].upper().replace("Z", "+00:00")
    try:
        whole = datetime.fromisoformat(parts["whole"].upper() + zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    at = whole.replace(microsecond=_microseconds(parts["fraction"]))
    return at if at >= _BEFORE_ANY else None


def duration_of(value: object) -> timedelta | None:
    """A duration such as "3600s" or "90.500s". None when it is nothing, or cannot be read."""
    text = repr(value) if isinstance(value, float) else text_of(value)
    parts = _SECONDS.fullmatch(text)
    if parts is None:
        return None
    return timedelta(seconds=int(parts["whole"]), microseconds=_microseconds(parts["fraction"])) or None


def canonical(text: str) -> str:
    """A prefix in one spelling, a host with its length; what is no prefix stays as it is."""
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        return text


def _target(value: object) -> str | None:
    """A target is a prefix, or for Flowspec a rule with prefixes in it; what is adaptive has none."""
    fields = _fields(value)
    rule = _fields(fields.get("flowspec"))
    for given in (fields.get("ipCidr"), rule.get("dstPrefix"), rule.get("srcPrefix")):
        if text := text_of(given):
            return canonical(text)
    return None


def _history(value: object) -> tuple[HistoryEntry, ...]:
    entries = [_entry(_fields(row)) for row in rows_of(value) or ()]
    return tuple(sorted(entries, key=lambda entry: entry.at or _BEFORE_ANY))


def _entry(fields: Json) -> HistoryEntry:
    state, state_text = _choice(fields.get("state"), State, State.UNSPECIFIED)
    return HistoryEntry(
        at=time_of(fields.get("timestamp")), state=state, state_text=state_text, event=text_of(fields.get("event"))
    )


def rows_of(value: object) -> Sequence[object] | None:
    """The rows of a list; none when it is unset, and None when it is no list."""
    if value is None:
        return ()
    return value if isinstance(value, list) else None


def _choice(value: object, choices: type[Choice], unknown: Choice) -> tuple[Choice, str]:
    """The member and the text to show; a number stands for the member at that place of the schema."""
    members = list(choices)
    number = count_of(value)
    if number is not None and number < len(members):
        return members[number], members[number].value
    text = text_of(value)
    return next((member for member in members if member.value == text), unknown), text or unknown.value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(text for item in rows_of(value) or () if (text := text_of(item)))


def _fields(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "").ljust(6, "0")[:6])


def _clean(value: Any, redact: Callable[[str], str]) -> Any:
    """Every string as it may be kept: no credential, no NUL, no lone surrogate."""
    if isinstance(value, str):
        return redact(value).encode("utf-8", errors="replace").decode()
    if isinstance(value, list):
        return [_clean(item, redact) for item in value]
    if isinstance(value, dict):
        return {key: _clean(item, redact) for key, item in value.items()}
    return value
