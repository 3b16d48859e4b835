"""The one text of a set of facts: what is stored is exactly what is hashed.

ASCII JSON, keys sorted, no white space, no floats: two programs that agree on the facts agree on the bytes. It is kept
as text rather than in a JSON column, because PostgreSQL's jsonb rewrites numbers and refuses NUL and lone surrogates.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TypeAlias

Fact: TypeAlias = str | int | bool | list["Fact"] | tuple["Fact", ...] | Mapping[str, "Fact"] | None


def canonical(facts: Mapping[str, Fact]) -> str:
    """The canonical text. Raises TypeError for anything that is not a fact, floats above all."""
    return json.dumps(_plain(facts), sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()


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
