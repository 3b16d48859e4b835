"""An archive as a file: the same kind of zip as an export, of whole ranges of every log."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from audit import chaining
from audit.canonical import time_text
from audit.exported import MANIFEST, BadExport
from audit.exported import ranges as ranges_in
from audit.lines import line_of
from audit.models import Event
from audit.packing import Package, Tally
from audit.refusal import Conflict, Objection
from mitigations.selectors.archivable import Range
from mitigations.services.auditing import enclosed

_BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Box:
    """`until`: the time of the last event in it."""

    path: Path
    sha256: str
    ranges: tuple[Range, ...]
    until: datetime


def write(ranges: tuple[Range, ...], *, into: Path, by: str, at: datetime) -> Box:
    """Write the file under another name, and give it its own when all of it is on the disk.

    Raises Conflict when there is no such directory, or when another file has the name. One with the same records is
    left from a run that was killed, and is replaced. Raises BadKey.
    """
    path = into / f"breakwater-archive-{ranges[0].first}-{ranges[0].end.number}.zip"
    _must_be_free(path, ranges)
    digest = hashlib.sha256()
    with _written(path) as file:
        for piece in _pieces(ranges, by=by, at=at):
            file.write(piece)
            digest.update(piece)
    until = Event.objects.values_list("at", flat=True).get(number=ranges[0].end.number)
    return Box(path=path, sha256=digest.hexdigest(), ranges=ranges, until=until)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _must_be_free(path: Path, ranges: tuple[Range, ...]) -> None:
    if not path.parent.is_dir():
        raise Conflict([Objection(code="directory", sentence=f"{path.parent} is no directory.")])
    if not path.exists():
        return
    try:
        same = ranges_in(path) == {each.log: (each.after, each.end) for each in ranges}
    except BadExport:
        same = False
    if not same:
        raise Conflict([Objection(code="file", sentence=f"{path} is there already, and is another file.")])


@contextmanager
def _written(path: Path) -> Iterator[IO[bytes]]:
    unfinished = path.with_name(f".{path.name}.part")
    with unfinished.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _pieces(ranges: tuple[Range, ...], *, by: str, at: datetime) -> Iterator[bytes]:
    package, files, gone = Package(at=at.astimezone(UTC)), [], []
    yield enclosed.first_files(package, keys=enclosed.believed(), covering=ranges[0].end.number)
    for each in ranges:
        name, tally, redacted = f"{each.log}.ndjson", Tally(), set[int]()
        yield from package.long(name, _lines(each, redacted), tally)
        rows = each.end.number - each.after.number
        around = (each.after, each.end)
        files.append(
            enclosed.described(name, each.log, tally, rows=rows, first=each.first, last=each.end.number, around=around)
        )
        gone += enclosed.announced(each.log, redacted, beyond=ranges[0].end.number)
    manifest: dict[str, Any] = {
        "what": "archive",
        "format": "ndjson",
        "filter": "",
        "up_to": ranges[0].end.number,
        "made_by": by,
        "made_at": time_text(at),
        "software": enclosed.SOFTWARE,
        "described_in": "FORMAT.md",
        "files": files,
        "heads": enclosed.heads(),
        "announced": gone,
    }
    yield package.whole(MANIFEST, f"{json.dumps(manifest, indent=2)}\n")
    yield package.end()


def _lines(moved: Range, redacted: set[int]) -> Iterator[bytes]:
    """Batch by batch; the numbers of those without a detail are added to `redacted`."""
    records = chaining.logs()[moved.log]._default_manager.order_by("number").only("number", "body", "detail", "hash")
    after = moved.after.number
    while batch := list(records.filter(number__gt=after, number__lte=moved.end.number)[:_BATCH]):
        yield "".join(f"{line_of(each)}\n" for each in batch).encode()
        redacted |= {each.number for each in batch if each.is_redacted}
        after = batch[-1].number
