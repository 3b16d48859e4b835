"""What V6 tells, as plain values. Missing, null and zero are one; what a value does not know it says raw."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from mitigations.kentik.messages import Call, ReadCall
from mitigations.kentik.v6.paging import Place
from mitigations.kentik.v6.states import MitigationType, PlatformType, State


@dataclass(frozen=True, kw_only=True)
class _Offer:
    """A type that the schema does not have is UNSPECIFIED, and `type_text` keeps what was written."""

    id: str
    name: str
    description: str
    type: PlatformType
    type_text: str
    created_at: datetime | None
    modified_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Platform(_Offer):
    """A mitigation platform. Which methods are linked to it is said here and nowhere else."""

    method_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Method(_Offer):
    """A mitigation method. Kentik does not apply `excluded_ip_cidrs` to manual mitigations."""

    excluded_ip_cidrs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class HistoryEntry:
    """A change of state; `event` is Kentik's own word for what brought it about."""

    at: datetime | None
    state: State
    state_text: str
    event: str


@dataclass(frozen=True, kw_only=True)
class KentikMitigation:
    """A mitigation as Kentik has it.

    `target` is canonical text where it is a prefix, and None where there is none to be read. A type or state that the
    schema does not have is UNSPECIFIED, and `type_text` or `state_text` keeps what was written. `auto_stop` None runs
    until it is stopped. `ends_at` is when it ended or will end. `history` is sorted by time.
    """

    id: str
    type: MitigationType
    type_text: str
    target: str | None
    state: State
    state_text: str
    platform_id: str
    method_id: str
    started_at: datetime | None
    ends_at: datetime | None
    auto_stop: timedelta | None
    comment: str
    history: tuple[HistoryEntry, ...]

    @property
    def auto_stop_minutes(self) -> int | None:
        """Whole minutes, rounded up; None runs until it is stopped."""
        return None if self.auto_stop is None else math.ceil(self.auto_stop / timedelta(minutes=1))


Row = TypeVar("Row", Platform, Method, KentikMitigation)
Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Row]):
    """One page of a list, filtered once more.

    `next` is where to read on, or None when there is nothing more, or too much. `complete` says that this page ends the
    list; with neither there is more that nobody will read, and nothing may be taken for absent. `unreadable` counts
    rows that made no sense: while there are any, what is not found may be one of them.
    """

    rows: tuple[Row, ...]
    next: Place | None
    complete: bool
    total: int | None = None
    unreadable: int = 0


@dataclass(frozen=True, kw_only=True)
class Listing(Generic[Row]):
    """Pages put together. Only when it is `complete` does a row that is not in it not exist."""

    rows: tuple[Row, ...]
    complete: bool

    @classmethod
    def of(cls, pages: Iterable[Page[Row]]) -> Listing[Row]:
        """All pages of one list, in the order they were read.

        Rows move while pages are read, and one can slip from a page that is still to come into one that was read. It
        shows when the total changes or a row comes twice, and such a list is not complete either.
        """
        read = list(pages)
        rows = [row for page in read for row in page.rows]
        once = {row.id: row for row in rows}
        moved = len(once) < len(rows) or len({page.total for page in read}) > 1
        whole = bool(read) and read[-1].complete and not any(page.unreadable for page in read)
        return cls(rows=tuple(once.values()), complete=whole and not moved)


@dataclass(frozen=True, kw_only=True)
class Answer(Generic[Value]):
    """The answer to a question. `value` is None unless the outcome of the call is READ."""

    call: ReadCall
    value: Value | None


class Acted(StrEnum):
    """What came of an action for one mitigation."""

    DONE = "done"  # Kentik took the order; the state says when it is carried out
    REFUSED = "refused"
    UNKNOWN = "unknown"  # Kentik said nothing about it, or contradicted itself


@dataclass(frozen=True, kw_only=True)
class ActResult:
    id: str
    acted: Acted
    message: str


@dataclass(frozen=True, kw_only=True)
class ActAnswer:
    """What came of an action: one result for each ID asked for when the call was accepted, and none otherwise."""

    call: Call
    results: tuple[ActResult, ...]
