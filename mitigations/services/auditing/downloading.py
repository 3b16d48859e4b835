"""One download of an export: its bytes as they leave, and what is remembered of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from accounts.authority import Actor
from audit import spreadsheet
from audit.canonical import time_text
from audit.chain import Head
from audit.exported import MANIFEST
from audit.ledger import recorded
from audit.models import Event, Export, Format
from audit.packing import Package, Tally
from mitigations.selectors.exporting import Row, Source
from mitigations.services import events
from mitigations.services.auditing import enclosed

# After so many rows the page is told how far it is.
_STEP = 5_000
Now = Callable[[], datetime]


class _TakenOverError(Exception):
    """Somebody began anew what seemed to stand still."""


@dataclass(kw_only=True)
class Download:
    """One way out for one export."""

    export: Export
    source: Source
    by: Actor
    now: Now
    keys: str
    tally: Tally = field(default_factory=Tally)
    rows: int = 0
    first: int = 0
    last: int = 0
    redacted: set[int] = field(default_factory=set)

    def stream(self) -> Iterator[bytes]:
        try:
            yield from self._package()
        except BaseException:
            # Whoever asked went away, or something failed; either way data has left.
            self._break_off()
            raise

    def _package(self) -> Iterator[bytes]:
        at, heads, after = self.now(), enclosed.heads(), self._after()
        package = Package(at=at.astimezone(UTC))
        covering = self.export.up_to if self._is_of_events else heads[Event.LOG]["number"]
        yield enclosed.first_files(package, keys=self.keys, covering=covering)
        yield from package.long(self.export.file_name, self._pieces(), self.tally)
        manifest = self._manifest(at=at, heads=heads, after=after)
        yield package.whole(MANIFEST, f"{json.dumps(manifest, indent=2)}\n")
        self._end()
        yield package.end()

    @property
    def _is_of_events(self) -> bool:
        return self.export.what == Event.LOG

    def _pieces(self) -> Iterator[bytes]:
        is_table = self.export.format == Format.CSV
        following = self.source.cells if is_table else self.source.lines
        if is_table:
            yield (spreadsheet.MARK + spreadsheet.row(self.source.HEADER)).encode()
        told, after = 0, 0
        while batch := following(after=after, up_to=self.export.up_to):
            after = batch[-1].number
            self._count(batch)
            yield "".join(_text(row) for row in batch).encode()
            if self.rows - told >= _STEP:
                told = self.rows
                self._move()

    def _count(self, batch: list[Row]) -> None:
        self.first = self.first or batch[0].number
        self.last = batch[-1].number
        self.rows += len(batch)
        self.redacted |= {row.number for row in batch if row.redacted}

    def _move(self) -> None:
        self._update(rows=self.rows, reached=self.last, size=self.tally.size, moved_at=self.now())

    def _update(self, **values: Any) -> None:
        if not Export.objects.filter(pk=self.export.pk, run=self.export.run).update(**values):
            raise _TakenOverError(self.export.subject)

    def _end(self) -> None:
        at = self.now()
        with recorded(events.EXPORTED, subject=self.export.subject, by=self.by.author, at=at) as record:
            end = {"rows": self.rows, "reached": self.last, "size": self.tally.size, "sha256": self.tally.sha256}
            self._update(**end, run=None, moved_at=at, ended_at=at)
            record.facts = {
                "what": self.export.what,
                "format": self.export.format,
                "filter": self.export.filter,
                "rows": self.rows,
                "first": self.first,
                "last": self.last,
                "up_to": self.export.up_to,
                "sha256": self.tally.sha256,
                "asked_by": self.export.asked_by_name,
            }

    def _break_off(self) -> None:
        """Record it, unless it has ended or is another's by now."""
        mine, at = Export.objects.filter(pk=self.export.pk, run=self.export.run), self.now()
        if not mine.exists():
            return
        with recorded(events.EXPORT_BROKEN_OFF, subject=self.export.subject, by=self.by.author, at=at) as record:
            mine.update(run=None, rows=self.rows, reached=self.last, size=self.tally.size, moved_at=at)
            record.facts = {"what": self.export.what, "rows": self.rows, "reached": self.last}

    def _after(self) -> Head | None:
        """What the first row follows, in a chained log of which nothing is left out."""
        if not self.source.is_whole:
            return None
        first = self.source.lines(after=0, up_to=self.export.up_to)[:1]
        return self.source.head_at(first[0].number - 1) if first else self.source.head_at(self.export.up_to)

    def _around(self, after: Head | None) -> tuple[Head, Head] | None:
        """The records around a chain; None where something is left out, were it by an archive meanwhile."""
        end = self.source.head_at(self.last) if self.rows else after
        has_gaps = self.rows != self.last - self.first + bool(self.rows)
        return None if after is None or end is None or has_gaps else (after, end)

    def _manifest(self, *, at: datetime, heads: dict[str, Any], after: Head | None) -> dict[str, Any]:
        export, around = self.export, self._around(after)
        return {
            "what": export.what,
            "format": export.format,
            "filter": export.filter,
            "up_to": export.up_to,
            "asked_by": export.asked_by_name,
            "asked_at": time_text(export.asked_at),
            "made_by": self.by.username,
            "made_at": time_text(at),
            "software": enclosed.SOFTWARE,
            "described_in": "FORMAT.md",
            "files": [
                enclosed.described(
                    export.file_name,
                    export.what,
                    self.tally,
                    rows=self.rows,
                    first=self.first,
                    last=self.last,
                    around=around,
                )
            ],
            "heads": heads,
            "announced": enclosed.announced(
                export.what, self.redacted, beyond=self.last if self._is_of_events and around else 0
            ),
        }


def _text(row: Row) -> str:
    return f"{row.written}\n" if isinstance(row.written, str) else spreadsheet.row(row.written)
