"""JSON that somebody sent, read in the one way that leaves nothing open."""

from __future__ import annotations

import json
from typing import Any, NoReturn


class BadJson(ValueError):
    """With a sentence for whoever sent it."""


def parsed(body: bytes) -> Any:
    """Raises BadJson. Of a name that stands twice, whoever looked at it on the way may have taken the other value."""
    try:
        return json.loads(body, parse_constant=_no_constant, object_pairs_hook=_once)
    except BadJson:
        raise
    except (ValueError, RecursionError):
        raise BadJson("The body is no JSON that can be read.") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BadJson("A name stands twice in one object of the body. Say it once.")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
