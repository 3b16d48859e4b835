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
    _check(facts)
    return json.dumps(facts, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _check(value: object) -> None:
    match value:
        case str() | bool() | int() | None:
            return
        case list() | tuple():
            for each in value:
                _check(each)
        case Mapping():
            for key, each in value.items():
                if not isinstance(key, str):
                    raise TypeError(f"A fact's name is text, not {key!r}.")
                _check(each)
        case _:
            raise TypeError(f"Facts are text, whole numbers, true, false, null, lists and mappings; not {value!r}.")
