"""JSON pointers (RFC 6901): "/alerts/0/labels/ip" names one value of a JSON document."""

from __future__ import annotations

import re
from typing import Any

_STRAY_TILDE = re.compile(r"~(?![01])")
_INDEX = re.compile(r"0|[1-9][0-9]{0,5}", re.ASCII)


def steps(pointer: str) -> tuple[str, ...]:
    """The names and places that lead to the value; none: the whole document. Raises ValueError."""
    if not pointer:
        return ()
    if not pointer.startswith("/") or _STRAY_TILDE.search(pointer):
        raise ValueError(f"“{pointer}” is no JSON pointer. One reads /attack/target; in a name, / is ~1 and ~ is ~0.")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/"))


def at(document: Any, pointer: str) -> Any:
    """The value that the pointer names. Raises LookupError when there is none."""
    for step in steps(pointer):
        document = _inside(document, step)
    return document


def _inside(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value[step]
    if isinstance(value, list) and _INDEX.fullmatch(step):
        return value[int(step)]
    raise LookupError(step)
