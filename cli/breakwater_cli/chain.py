"""One log of a portal, checked by this machine alone, as docs/audit-format.md says. Nothing here knows the portal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

# What was written before there was a chain does not say of which log it is.
_OLDEST = "events"

Record = Mapping[str, Any]


class Flaw(Exception):
    """With a sentence that says where a log is not as it was written."""


@dataclass(frozen=True, kw_only=True)
class Head:
    number: int = 0
    hash: str = "0" * 64


_START = Head()


@dataclass(kw_only=True)
class Chain:
    """From the first record that is there to the last, in constant memory. `one`: what a record of it is called.

    `marks`: hashes that somebody kept elsewhere, by number, until they are compared. `archived`: numbers of those that
    could not be, for they lie in an archive; told at the end. `gone`: numbers of those beside which nothing stands any
    more.
    """

    log: str
    one: str
    head: Head = _START
    rows: int = 0
    marks: dict[int, str] = field(default_factory=dict)
    archived: list[int] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    _first: Record = field(default_factory=dict)

    @property
    def begins_at(self) -> int:
        return int(self._first["number"]) if self._first else 1

    def mark(self, head: Head) -> None:
        """Somebody kept this one elsewhere. Raises Flaw."""
        if self.marks.setdefault(head.number, head.hash) != head.hash:
            flaw(f"Two that were kept state different {self.log} {head.number}.")

    def take(self, record: Record) -> Mapping[str, Any]:
        """The next record; gives its body. Raises Flaw."""
        try:
            return self._take(record, int(record["number"]))
        except (KeyError, TypeError, ValueError, AttributeError):
            flaw(f"What follows {self._named(self.head.number).lower()} is no {self.one.lower()}.")

    def end(self, archived: Head) -> None:
        """What can be told only when all of it was read: where the newest archive ends. Raises Flaw."""
        if self.begins_at > 1 and not (archived.number == self.begins_at - 1 and _is_tied(self._first, archived)):
            flaw(f"The log begins with {self._named(self.begins_at).lower()}, and no archive says so.")
        self._compare(archived)
        if beyond := sorted(number for number in self.marks if number > max(self.head.number, archived.number)):
            flaw(f"{self._named(beyond[0])}, which was kept elsewhere, is not there: the log was cut off.")
        self.archived = sorted(self.marks)

    def _take(self, record: Record, number: int) -> Mapping[str, Any]:
        name, body = self._named(number), _canonical(record["body"])
        if body is None or (body["number"], body.get("log", _OLDEST)) != (number, self.log):
            flaw(f"{name} is not written as it would be.")
        if self.rows or number == 1:
            self._must_follow(record, number)
        if record["detail"] is None:
            self.gone.add(number)
        elif _hash(record["detail"]) != body["detail_sha256"]:
            flaw(f"What stands beside {name.lower()} is not what was written.")
        self._first = self._first or record
        self.head, self.rows = Head(number=number, hash=record["hash"]), self.rows + 1
        self._compare(self.head)
        return body

    def _compare(self, head: Head) -> None:
        if self.marks.pop(head.number, head.hash) != head.hash:
            flaw(f"{self._named(head.number)} is not the one that was kept elsewhere: the log was written anew.")

    def _must_follow(self, record: Record, number: int) -> None:
        if number != self.head.number + 1:
            flaw(f"{self._named(self.head.number + 1)} is missing, or out of its place.")
        if not _is_tied(record, self.head):
            flaw(f"{self._named(number)} is not tied to the one before it: it, or what it follows, was changed.")

    def _named(self, number: int) -> str:
        return f"{self.one} {number}"


def flaw(sentence: str) -> NoReturn:
    raise Flaw(sentence)


def _is_tied(record: Record, before: Head) -> bool:
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
