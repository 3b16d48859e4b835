"""Reading Kentik's answers: what a status and a body come to, in an outcome and a sentence.

Kentik documents one answer, `{"response": {"result": "OK"}}`, and 429. Everything else here is the safe reading of what
its SDKs expect and what has been seen: a 4xx that says no is a refusal, and whatever is not clear is unknown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from mitigations.kentik.messages import Outcome

_REFUSALS = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422})
_CREDENTIALS = frozenset({401, 403})
_LONGEST_REASON = 300
# Kentik's page prints its one example with a comma before the closing brace. Should it really answer so, it is an OK.
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")


def judge(status: int, body: str) -> tuple[Outcome, str]:
    """The outcome of an answer, and the sentence that explains it."""
    said = reason(body)
    told = f": {said}" if said else "."
    if 200 <= status < 300:
        if _result(body) == "OK":
            return Outcome.ACCEPTED, "Kentik accepted it."
        return Outcome.UNKNOWN, f"Kentik answered {status} without its OK{told}"
    if status == 429:
        return Outcome.THROTTLED, f"Kentik's rate limit refused it (429){told}"
    if status in _CREDENTIALS:
        return Outcome.REFUSED, f"Kentik refused the portal's credentials or rights ({status}){told}"
    if status in _REFUSALS:
        return Outcome.REFUSED, f"Kentik refused it ({status}){told}"
    return Outcome.UNKNOWN, f"Kentik answered {status}, which does not tell whether it started{told}"


def is_about_credentials(status: int) -> bool:
    return status in _CREDENTIALS


def reason(body: str) -> str:
    """What an error body says, for a person: of every shape that is known, or the text itself, shortened."""
    answer = _parsed(body)
    match answer:
        case {"error": str(error), **rest}:
            return _shortened(_with_trace(error, rest))
        case {"message": str(message)}:
            return _shortened(message)
        case {"response": {"result": str(result)}}:
            return _shortened(f"result {result!r}")
        case None:
            return _shortened(re.sub(r"<[^<>]*>", " ", body))
        case _:
            return _shortened(body)


def _with_trace(error: str, rest: Mapping[Any, Any]) -> str:
    trace = rest.get("errxid")
    return f"{error} (Kentik's trace {trace})" if isinstance(trace, str) and trace else error


def _result(body: str) -> object:
    match _parsed(body):
        case {"response": {"result": result}}:
            return result
    return None


def _parsed(body: str) -> Any:
    for text in (body, _TRAILING_COMMA.sub("", body)):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            continue
    return None


def _shortened(text: str) -> str:
    words = " ".join(text.encode("utf-8", errors="replace").decode().split())  # no lone surrogates from \ud800
    return words if len(words) <= _LONGEST_REASON else f"{words[:_LONGEST_REASON]}…"
