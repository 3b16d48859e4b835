from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from audit.chain import Head
from audit.models import What
from audit.spreadsheet import Value


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: its number, and what it is as a line or as cells. `redacted`: what stood beside it is gone."""

    number: int
    written: str | tuple[Value, ...]
    redacted: bool = False


class Source(Protocol):
    """Rows that are wanted, in the order of their numbers. What has a number never gets another."""

    WHAT: ClassVar[What]
    HEADER: ClassVar[tuple[str, ...]]

    @property
    def is_whole(self) -> bool:
        """Whether nothing between the first and the last row is left out."""

    def newest(self) -> int:
        """The highest number that there is now."""

    def how_many(self, *, up_to: int) -> int | None:
        """None when they are too many to count."""

    def lines(self, *, after: int, up_to: int) -> list[Row]:
        """The next rows as lines of JSON; empty at the end."""

    def cells(self, *, after: int, up_to: int) -> list[Row]:
        """The next rows as cells, in the order of HEADER; empty at the end."""

    def head_at(self, number: int) -> Head | None:
        """The record of a chained log with this number, or the one that an archive ends with; None in other lists."""
