"""The one text of a set of facts: what is stored is exactly what is hashed.

ASCII JSON, keys sorted, no white space, no floats: two programs that agree on the facts agree on the bytes. It is kept
as text rather than in a JSON column, because PostgreSQL's jsonb rewrites numbers and refuses NUL and lone surrogates.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeAlias

Fact: TypeAlias = str | int | bool | list["Fact"] | tuple["Fact", ...] | Mapping[str, "Fact"] | None

# What PostgreSQL refuses in a text column.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def canonical(facts: Mapping[str, Fact]) -> str:
    """The canonical text. Raises TypeError for anything that is not a fact, floats above all."""
    return _written(_plain(facts))


def read_strictly(text: str) -> dict[str, Any] | None:
    """The facts of a text if it is the canonical one of them, else None."""
    try:
        facts = read(text)
        return facts if _written(facts) == text else None
    except (ValueError, RecursionError):
        return None


def read(text: str) -> dict[str, Any]:
    """The facts of a canonical text. Raises ValueError for what is no JSON object, or has numbers with a fraction."""
    facts = json.loads(text, parse_float=_no_float, parse_constant=_no_float)
    if not isinstance(facts, dict):
        raise ValueError("This is not a set of facts.")
    return facts


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def time_text(at: datetime) -> str:
    """A time as every text of the log has it: RFC 3339 in UTC, to the microsecond, so that times sort as texts do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def storable(text: str) -> str:
    """The text as any column takes it: NUL and lone surrogates become U+FFFD. What is hashed keeps them."""
    return _UNSTORABLE.sub("\ufffd", text)


def _written(facts: object) -> str:
    return json.dumps(facts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def _no_float(text: str) -> NoReturn:
    raise ValueError(f"{text} is no whole number.")


def _plain(value: object) -> object:
    """The same facts in lists and dicts, which is what the JSON writer knows."""
    match value:
        case str() | bool() | int() | None:
            return value
        case list() | tuple():
            return [_plain(each) for each in value]
        case Mapping():
            return {_name(key): _plain(each) for key, each in value.items()}
    raise TypeError(f"Facts are text, whole numbers, true, false, null, lists and mappings; not {value!r}.")


def _name(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"A fact's name is text, not {key!r}.")
    return key
