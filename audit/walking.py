"""Walking along a chained log and naming the first thing that is wrong with it. Pure: rows come from a database, or
from the lines of an export.

What stood beside the hashed text may be gone when an event announced it: then it was redacted. A text that is gone
without a word is a flaw, and so is everything else that is not as it was written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from audit.canonical import read, read_strictly, sha256
from audit.chain import Head, tied

# The deed that announces a redaction; its facts name the log and the number.
REDACTED = "audit.redacted"
# The deed that announces that ranges of the logs were moved into a file; its facts name what each log begins behind.
ARCHIVED = "audit.archived"
Columns = Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]


class Kind(StrEnum):
    MISSING = "missing"
    MISPLACED = "misplaced"
    GARBLED = "garbled"
    UNTIED = "untied"
    RELABELLED = "relabelled"
    BACK_IN_TIME = "back-in-time"
    DETAIL_CHANGED = "detail-changed"
    DETAIL_GONE = "detail-gone"
    ARCHIVE = "archive"
    BESIDE = "beside"
    CHECKPOINT = "checkpoint"


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """The first thing that is wrong: in which log, at which number, and in a sentence."""

    kind: Kind
    log: str
    number: int
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One record as it is found. `columns`: what its other columns hold; None where there are none, as in an export."""

    number: int
    body: str
    detail: str | None
    hash: str
    columns: Mapping[str, Any] | None = None


@dataclass(kw_only=True)
class Walk:
    """One log, walked from behind `head`. `silent`: the numbers of details that are gone, so far without a word.

    `announced` are redactions, `beginnings` what the logs begin behind, as this log's events say.
    """

    log: str
    columns: Columns | None = None
    head: Head = field(default_factory=Head)
    walked: int = 0
    redacted: int = 0
    silent: set[int] = field(default_factory=set)
    announced: set[tuple[str, int]] = field(default_factory=set)
    beginnings: set[tuple[str, Head]] = field(default_factory=set)
    beside: Mapping[str, Head] = field(default_factory=dict)
    _at: str = ""

    def step(self, row: Row) -> Flaw | None:
        """Go on to the next record; what is wrong with it, if anything is."""
        expected = self.head.number + 1
        if row.number > expected:
            return self._flaw(Kind.MISSING, expected, f"{self._name(expected)} is missing.")
        body = read_strictly(row.body)
        if body is None:
            return self._flaw(Kind.GARBLED, row.number, f"{self._name(row.number)} is not written as it would be.")
        try:
            return self._look(row, body)
        except (LookupError, TypeError, ValueError, AttributeError):
            # Whoever can forge hashes can write any body.
            return self._flaw(Kind.GARBLED, row.number, f"{self._name(row.number)} makes no sense.")

    def _look(self, row: Row, body: Mapping[str, Any]) -> Flaw | None:
        flaw = (
            self._is_in_its_place(row, body)
            or self._is_tied(row)
            or self._has_its_detail(row, body)
            or self._is_labelled(row, body)
            or self._is_in_time(row, body)
        )
        if flaw is None:
            self._note(row, body)
        return flaw

    def gone(self, number: int) -> Flaw:
        """The log ends before a number that something else has seen."""
        missing = self.head.number + 1
        sentence = f"{self._name(missing)} is missing: the {self.log} end at {self.head.number}, and had {number}."
        return self._flaw(Kind.MISSING, missing, sentence)

    def unannounced(self, announced: set[tuple[str, int]]) -> Flaw | None:
        """At the end: the first detail that is gone and that nobody announced."""
        silent = sorted(number for number in self.silent if (self.log, number) not in announced)
        if not silent:
            return None
        sentence = f"What stood beside {self._name(silent[0])} is gone, and nobody announced that it would be redacted."
        return self._flaw(Kind.DETAIL_GONE, silent[0], sentence)

    def _is_in_its_place(self, row: Row, body: Mapping[str, Any]) -> Flaw | None:
        # Records from before the chain do not name their log.
        found, log = body.get("number"), body.get("log", self.log)
        if found == row.number and log == self.log:
            return None
        sentence = f"In the place of {self._name(row.number)} stands number {found} of the {log}."
        return self._flaw(Kind.MISPLACED, row.number, sentence)

    def _is_tied(self, row: Row) -> Flaw | None:
        if tied(self.head.hash, row.body) == row.hash:
            return None
        sentence = f"{self._name(row.number)} is not tied to the one before it: it, or what it follows, was changed."
        return self._flaw(Kind.UNTIED, row.number, sentence)

    def _is_labelled(self, row: Row, body: Mapping[str, Any]) -> Flaw | None:
        if self.columns is None or row.columns is None:
            return None
        meant = self.columns(body, read(row.detail) if row.detail is not None else {})
        wrong = sorted(name for name, value in meant.items() if row.columns[name] != value)
        if not wrong:
            return None
        sentence = f"{self._name(row.number)} is labelled with another {', '.join(wrong)} than it was written with."
        return self._flaw(Kind.RELABELLED, row.number, sentence)

    def _is_in_time(self, row: Row, body: Mapping[str, Any]) -> Flaw | None:
        """Only since events hold what stands beside them, they keep the order of time as well."""
        if "beside" not in body or body["at"] >= self._at:
            return None
        sentence = f"{self._name(row.number)} claims to be older than the one before it."
        return self._flaw(Kind.BACK_IN_TIME, row.number, sentence)

    def _has_its_detail(self, row: Row, body: Mapping[str, Any]) -> Flaw | None:
        if row.detail is None or (row.detail.isascii() and sha256(row.detail) == body.get("detail_sha256")):
            return None
        sentence = f"What stands beside {self._name(row.number)} is not what was written."
        return self._flaw(Kind.DETAIL_CHANGED, row.number, sentence)

    def _note(self, row: Row, body: Mapping[str, Any]) -> None:
        self.head = Head(number=row.number, hash=row.hash)
        self.walked += 1
        if row.detail is None:
            self.redacted += 1
            self.silent.add(row.number)
        if "beside" in body:
            self.beside = {
                log: Head(number=int(head["number"]), hash=head["hash"]) for log, head in body["beside"].items()
            }
            self._at = body["at"]
        if body.get("deed") in {REDACTED, ARCHIVED} and body.get("outcome") == "done":
            self._hear(body["deed"], body["facts"])

    def _hear(self, deed: str, facts: Mapping[str, Any]) -> None:
        """What an event announces of its own or of another log."""
        if deed == REDACTED:
            self.announced.add((facts["log"], facts["number"]))
        else:
            for log, each in facts["beginnings"].items():
                self.beginnings.add((log, Head(number=each["number"], hash=each["hash"])))

    def _flaw(self, kind: Kind, number: int, sentence: str) -> Flaw:
        return Flaw(kind=kind, log=self.log, number=number, sentence=sentence[0].upper() + sentence[1:])

    def _name(self, number: int) -> str:
        return f"{self.log.removesuffix('s')} {number}"
