"""What V6's answers come to: first by their status, then by what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mitigations.kentik import reading
from mitigations.kentik.messages import Fate, Outcome, Raw, ReadOutcome
from mitigations.kentik.v6 import parsing
from mitigations.kentik.v6.paging import PAGE_ROWS, Place
from mitigations.kentik.v6.parsing import Json
from mitigations.kentik.v6.values import Acted, ActResult, KentikMitigation, Page, Row

_NOT_FOR_US = frozenset({401, 403, 404})


def judge_read(raw: Raw, *, missing: ReadOutcome = ReadOutcome.REFUSED) -> tuple[ReadOutcome, str]:
    """What a question came to, as far as the status tells. `missing` is what a 404 stands for."""
    if raw.received is None:
        return ReadOutcome.FAILED, raw.trouble
    status, said = raw.received.status, reading.told(raw.received.body)
    if status == 404 and missing is ReadOutcome.ABSENT:
        return missing, f"Kentik has none with this ID, or no mitigation API (V6), with 404{said}"
    if status in _NOT_FOR_US:
        return ReadOutcome.REFUSED, f"Kentik refuses its mitigation API (V6) to the portal, with {status}{said}"
    if status == 429:
        return ReadOutcome.THROTTLED, f"Kentik's rate limit refused it (429){said}"
    if raw.fate is not Fate.ANSWERED:
        return ReadOutcome.FAILED, raw.trouble
    if reading.is_success(status):
        return ReadOutcome.READ, "Kentik answered."
    return ReadOutcome.FAILED, f"Kentik answered {status}{said}"


def judge_act(status: int, body: str) -> tuple[Outcome, str]:
    """What an action came to, as far as the status tells: each ID has a result of its own."""
    if reading.is_success(status):
        return Outcome.ACCEPTED, "Kentik took the order."
    return reading.judge_failure(status, body, doubt="whether it was done")


def page(
    answer: Json,
    *,
    key: str,
    read: Callable[[object], Row | None],
    at: Place,
    keeps: Callable[[Row], bool] = lambda _: True,
) -> Page[Row] | None:
    """A page of a list, or None when this is none.

    There is more when Kentik says so, or when it says nothing and the page is full.
    """
    pagination, given = answer.get("pagination"), parsing.rows_of(answer.get(key))
    told = pagination if isinstance(pagination, dict) else {}
    if given is None or not (key in answer or told):
        return None
    total, seen = parsing.count_of(told.get("totalCount")), at.offset + len(given)
    more = told.get("hasMoreResults") is True or (len(given) >= PAGE_ROWS if total is None else seen < total)
    rows = [row for item in given if (row := read(item))]
    return Page(
        rows=tuple(row for row in rows if keeps(row)),
        next=at.after(len(given)) if more else None,
        complete=not more,
        total=total,
        unreadable=len(given) - len(rows),
    )


def one_mitigation(answer: Json, *, mitigation_id: str) -> KentikMitigation | None:
    """The mitigation that was asked for; None when it is another or cannot be read."""
    found = parsing.mitigation(answer.get("mitigation"))
    return found if found and found.id == mitigation_id else None


def results(answer: Json, ids: Sequence[str]) -> tuple[ActResult, ...]:
    """One result for each ID, in order."""
    rows = [row for row in parsing.rows_of(answer.get("results")) or () if isinstance(row, dict)]
    return tuple(_result(asked, rows) for asked in ids)


def _result(asked: str, rows: Sequence[Json]) -> ActResult:
    about = [row for row in rows if parsing.text_of(row.get("mitigationId")) == asked]
    if not about:
        return ActResult(id=asked, acted=Acted.UNKNOWN, message="Kentik said nothing about it.")
    verdicts = {_acted(row.get("success")) for row in about}
    message = " ".join(text for row in about if (text := parsing.text_of(row.get("message"))))
    return ActResult(id=asked, acted=verdicts.pop() if len(verdicts) == 1 else Acted.UNKNOWN, message=message)


def _acted(success: object) -> Acted:
    if success is True:
        return Acted.DONE
    return Acted.REFUSED if success is None or success is False else Acted.UNKNOWN
