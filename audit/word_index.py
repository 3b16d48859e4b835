"""Looking for events by their words: an index beside the log, no part of the chain, that can be made anew.

On SQLite an FTS5 table whose rowid is the event's number, on PostgreSQL a table of tsvectors with a GIN index. What
goes in, and what is asked for, is words that `audit.words` has made; neither database reads the texts of people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet

from audit import words
from audit.canonical import read
from audit.models import Event
from audit.words import Phrase

_BATCH = 500
# On PostgreSQL: among so many events frequent words are found by walking them, before the index is asked for rare ones.
_NEAR = 5_000

_CREATE = {
    "sqlite": ["CREATE VIRTUAL TABLE audit_words USING fts5(words, tokenize = 'ascii', prefix = '1 2')"],
    "postgresql": [
        "CREATE TABLE audit_words (number bigint PRIMARY KEY, words tsvector NOT NULL)",
        # Without a list of pending words: it would be read by each search, and emptied under the ledger's lock.
        "CREATE INDEX audit_words_found ON audit_words USING gin (words) WITH (fastupdate = off)",
    ],
}
_EMPTY = {"sqlite": ["DROP TABLE audit_words", *_CREATE["sqlite"]], "postgresql": ["TRUNCATE audit_words"]}
# A row that is there already is in nobody's way: the index never keeps an event from being written.
_WRITE = {
    "sqlite": "INSERT OR REPLACE INTO audit_words (rowid, words) VALUES {rows}",
    "postgresql": (
        "INSERT INTO audit_words (number, words) VALUES {rows} "
        "ON CONFLICT (number) DO UPDATE SET words = EXCLUDED.words"
    ),
}
_ROW = {"sqlite": "(%s, %s)", "postgresql": "(%s, %s::tsvector)"}

_FIND_ON_SQLITE = """
SELECT rowid FROM audit_words WHERE audit_words MATCH %(query)s AND rowid BETWEEN %(low)s AND %(high)s
ORDER BY rowid {order} LIMIT %(count)s
"""
# Either way alone is slow for one kind of words: walking the numbers for rare ones, the index for frequent ones, of
# which it finds all before it can say which come first. The planner cannot tell which is which.
_FIND_ON_POSTGRESQL = """
WITH near AS MATERIALIZED (
  SELECT number FROM audit_words WHERE words @@ %(query)s::tsquery AND number BETWEEN %(near_low)s AND %(near_high)s
  ORDER BY number {order} LIMIT %(count)s
), far AS MATERIALIZED (
  SELECT number FROM audit_words
  WHERE words @@ %(query)s::tsquery AND number BETWEEN %(far_low)s AND %(far_high)s
    AND (SELECT count(*) FROM near) < %(count)s
  ORDER BY number + 0 {order} LIMIT %(count)s
)
SELECT number FROM near UNION ALL SELECT number FROM far ORDER BY number {order} LIMIT %(count)s
"""


def create() -> list[str]:
    """The statements that make the empty index."""
    return _CREATE[connection.vendor]


def write(events: Sequence[Event]) -> None:
    """Make these events findable, in one statement for as many as one takes."""
    for begin in range(0, len(events), _BATCH):
        _write([(each.number, _words_of(each.body, each.detail)) for each in events[begin : begin + _BATCH]])


def remove(*, up_to: int) -> None:
    """Take out the events up to a number; call it when they are archived."""
    column = "rowid" if connection.vendor == "sqlite" else "number"
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM audit_words WHERE {column} <= %s", [up_to])  # noqa: S608 (one of two names)


def forget(number: int) -> None:
    """Make an event findable by nothing that stands beside its hashed text; call it when that is redacted."""
    _write([(number, _words_of(Event.objects.values_list("body", flat=True).get(pk=number), None))])


def rebuild(events: QuerySet[Any] | None = None) -> int:
    """Make the whole index anew, a batch at a time; how many events it holds. What happens meanwhile is in it too."""
    rows = Event.objects.all() if events is None else events
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _EMPTY[connection.vendor]:
            cursor.execute(statement)
    last = count = 0
    while batch := _write_after(last, rows):
        last, count = batch[-1], count + len(batch)
    return count


def find(
    phrases: Iterable[Phrase], facets: Mapping[str, str | bool], *, low: int, high: int, count: int, newest_first: bool
) -> list[int]:
    """The numbers, from `low` to `high`, of the first `count` events with all these phrases and values."""
    marks = [Phrase(words=(words.facet(name, value),)) for name, value in facets.items()]
    wanted = [*phrases, *marks]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            query = " AND ".join(f'"{" ".join(each.words)}"{"*" * each.beginning}' for each in wanted)
            sql, values = _FIND_ON_SQLITE, {"low": low, "high": high}
        else:
            query = " & ".join(_tsquery(each) for each in wanted)
            sql, values = _FIND_ON_POSTGRESQL, _spans(cursor, low, high, newest_first=newest_first)
        order = "DESC" if newest_first else "ASC"
        cursor.execute(sql.format(order=order), {**values, "query": query, "count": count})
        return [number for (number,) in cursor.fetchall()]


def _write_after(last: int, events: QuerySet[Any]) -> list[int]:
    """The next batch. Its rows are locked, or one that is redacted meanwhile would be found by what it said."""
    with transaction.atomic():
        following = events.filter(number__gt=last).order_by("number").select_for_update()
        batch = list(following.values_list("number", "body", "detail")[:_BATCH])
        if batch:
            _write([(number, _words_of(body, detail)) for number, body, detail in batch])
    return [number for number, _, _ in batch]


def _write(rows: Sequence[tuple[int, list[str]]]) -> None:
    vendor = connection.vendor
    written = " ".join if vendor == "sqlite" else _tsvector
    values = [value for number, found in rows for value in (number, written(found))]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE[vendor].format(rows=", ".join([_ROW[vendor]] * len(rows))), values)


def _words_of(body: str, detail: str | None) -> list[str]:
    """None of an event whose text was changed so that nobody can read it: verification tells of it."""
    try:
        return words.of(read(body), read(detail) if detail is not None else {})
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []


def _tsvector(found: list[str]) -> str:
    """Words hold neither quotes nor backslashes. Of each, PostgreSQL keeps 256 places."""
    places: dict[str, list[str]] = {}
    for place, word in enumerate(found, 1):
        places.setdefault(word, []).append(str(place))
    return " ".join(f"'{word}':{','.join(at[:255])}" for word, at in places.items())


def _tsquery(phrase: Phrase) -> str:
    return "(" + " <-> ".join(f"'{word}'" for word in phrase.words) + (":*" if phrase.beginning else "") + ")"


def _spans(cursor: CursorWrapper, low: int, high: int, *, newest_first: bool) -> dict[str, int]:
    """Which numbers are walked, and for which the index is asked."""
    cursor.execute("SELECT coalesce(min(number), 0), coalesce(max(number), 0) FROM audit_words")
    ((first, last),) = cursor.fetchall()
    low, high = max(low, first), min(high, last)
    if newest_first:
        middle = max(high - _NEAR, low - 1)
        return {"near_low": middle + 1, "near_high": high, "far_low": low, "far_high": middle}
    middle = min(low + _NEAR, high + 1)
    return {"near_low": low, "near_high": middle - 1, "far_low": middle, "far_high": high}
