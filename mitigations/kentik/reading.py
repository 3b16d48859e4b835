"""Reading Kentik's answers: what a status and a body come to, in an outcome and a sentence.

Kentik documents one answer, `{"response": {"result": "OK"}}`, and 429. Everything else here is the safe reading of what
its SDKs expect and what has been seen: a 4xx that says no is a refusal, and whatever is not clear is unknown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from mitigations.kentik.messages import Fate, Outcome, Raw, is_about_credentials

_REFUSALS = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422})
_LONGEST_REASON = 300
_ENDS = (".", "!", "?", "…")
# Kentik's page prints its one example with a comma before the closing brace. Should it really answer so, it is an OK.
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")


Judge = Callable[[int, str], tuple[Outcome, str]]


def conclude(raw: Raw, judge: Judge) -> tuple[Outcome, str]:
    """What an exchange that asked for a deed came to, where `judge` knows its answers."""
    if raw.received is None:
        return Outcome.NOT_SENT if raw.fate is Fate.NOT_SENT else Outcome.UNKNOWN, raw.trouble
    outcome, sentence = judge(raw.received.status, raw.received.body)
    if raw.fate is Fate.BROKE_OFF and outcome is not Outcome.REFUSED:
        return Outcome.UNKNOWN, raw.trouble
    return outcome, sentence


def judge(status: int, body: str) -> tuple[Outcome, str]:
    """The outcome of an answer to `manual-mitigate`, and the sentence that explains it."""
    if not is_success(status):
        return judge_failure(status, body, doubt="whether it started")
    if _result(body) == "OK":
        return Outcome.ACCEPTED, "Kentik accepted it."
    return Outcome.UNKNOWN, f"Kentik answered {status} without its OK{told(body)}"


def judge_failure(status: int, body: str, *, doubt: str) -> tuple[Outcome, str]:
    """The outcome of an answer that is no success. `doubt` is what cannot be known where it is not clear."""
    said = told(body)
    if status == 429:
        return Outcome.THROTTLED, f"Kentik's rate limit refused it (429){said}"
    if is_about_credentials(status):
        return Outcome.REFUSED, f"Kentik refused the portal's credentials or rights ({status}){said}"
    if status in _REFUSALS:
        return Outcome.REFUSED, f"Kentik refused it ({status}){said}"
    return Outcome.UNKNOWN, f"Kentik answered {status}, which does not tell {doubt}{said}"


def is_success(status: int) -> bool:
    return 200 <= status < 300


def told(body: str) -> str:
    """The end of a sentence: what an error body says, or nothing more."""
    return told_words(reason(body))


def told_words(said: str) -> str:
    """The end of a sentence: what Kentik said, which may or may not be one itself."""
    return f": {said}{'' if said.endswith(_ENDS) else '.'}" if said else "."


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
