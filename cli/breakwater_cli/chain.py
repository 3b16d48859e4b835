"""The audit log, checked by this machine alone, as docs/audit-format.md says. Nothing here knows the portal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

_LOG = "events"


class Flaw(Exception):
    """With a sentence that says where the log is not as it was written."""


@dataclass(frozen=True, kw_only=True)
class Head:
    number: int = 0
    hash: str = "0" * 64


@dataclass
class Walk:
    """From the first event that is there to the last, in constant memory.

    `marks`: hashes that somebody kept elsewhere, by the number of their event; what is left of them lies in an archive.
    """

    marks: dict[int, str]
    rows: int = 0
    head: Head = field(default_factory=Head)
    _first: Mapping[str, Any] = field(default_factory=dict)
    _archived: Head = field(default_factory=Head)
    _gone: set[int] = field(default_factory=set)
    _announced: set[int] = field(default_factory=set)

    @property
    def begins_at(self) -> int:
        return int(self._first["number"]) if self._first else 1

    def take(self, record: Mapping[str, Any]) -> None:
        """The next event. Raises Flaw."""
        try:
            self._take(record, int(record["number"]))
        except (KeyError, TypeError, ValueError, AttributeError):
            _flaw(f"What follows event {self.head.number} is no event.")

    def end(self) -> None:
        """What can be told only now. Raises Flaw."""
        if self.begins_at > 1:
            self._must_follow_an_archive()
        if beyond := sorted(number for number in self.marks if number > self.head.number):
            _flaw(f"Event {beyond[0]}, which was kept elsewhere, is not there: the log was cut off.")
        if silent := sorted(self._gone - self._announced):
            _flaw(f"What stood beside event {silent[0]} is gone, and nobody announced it.")

    def _take(self, record: Mapping[str, Any], number: int) -> None:
        body = _canonical(record["body"])
        if body is None or (body["number"], body.get("log", _LOG)) != (number, _LOG):
            _flaw(f"Event {number} is not written as it would be.")
        if not self._first:
            self._first = record
        if self.rows or number == 1:
            self._must_follow(record, number)
        self._look_beside(record["detail"], body)
        self._hear(body)
        self.head, self.rows = Head(number=number, hash=record["hash"]), self.rows + 1
        if self.marks.pop(number, self.head.hash) != self.head.hash:
            _flaw(f"Event {number} is not the one that was kept elsewhere: the log was written anew.")

    def _must_follow(self, record: Mapping[str, Any], number: int) -> None:
        if number != self.head.number + 1:
            _flaw(f"Event {self.head.number + 1} is missing, or out of its place.")
        if not _is_tied(record, self.head):
            _flaw(f"Event {number} is not tied to the one before it: it, or what it follows, was changed.")

    def _must_follow_an_archive(self) -> None:
        """What the first one follows is told by the event of the newest archive."""
        if self._archived.number != self.begins_at - 1 or not _is_tied(self._first, self._archived):
            _flaw(f"The log begins with event {self.begins_at}, and no archive says so.")

    def _look_beside(self, detail: str | None, body: Mapping[str, Any]) -> None:
        if detail is None:
            self._gone.add(body["number"])
        elif _hash(detail) != body["detail_sha256"]:
            _flaw(f"What stands beside event {body['number']} is not what was written.")

    def _hear(self, body: Mapping[str, Any]) -> None:
        if body["outcome"] != "done":
            return
        if body["deed"] == "audit.redacted" and body["facts"]["log"] == _LOG:
            self._announced.add(body["facts"]["number"])
        if body["deed"] == "audit.archived":
            self._archived = Head(**body["facts"]["beginnings"][_LOG])


def _is_tied(record: Mapping[str, Any], before: Head) -> bool:
    return bool(_hash(f"{before.hash}\n{record['body']}") == record["hash"])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(text: str) -> dict[str, Any] | None:
    """The object of a canonical text; None for any other text."""
    try:
        found = json.loads(text, parse_float=_no_number, parse_constant=_no_number)
        is_canonical = json.dumps(found, sort_keys=True, separators=(",", ":")) == text
    except (ValueError, RecursionError):
        return None
    return found if is_canonical and isinstance(found, dict) else None


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _flaw(sentence: str) -> NoReturn:
    raise Flaw(sentence)
