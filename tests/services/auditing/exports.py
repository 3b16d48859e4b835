"""Exports made as the portal makes them, read as people read them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from accounts.authority import Actor
from audit.chain import Head
from audit.models import Export, Format
from audit.selectors import Filter
from mitigations.selectors.exporting import Events, Source
from mitigations.services.auditing import exporting
from tests.making import NOW

EVERYTHING = Events(Filter())


def ask(source: Source = EVERYTHING, *, by: Actor, format: Format = Format.NDJSON, filter: str = "") -> Export:
    return exporting.ask(format=format, filter=filter, source=source, by=by, at=NOW)


def begin(export: Export, source: Source = EVERYTHING, *, by: Actor, at: datetime = NOW) -> Iterator[bytes]:
    return exporting.download(id=export.pk, source=source, by=by, now=lambda: at)[1]


def taken(source: Source = EVERYTHING, *, by: Actor, format: Format = Format.NDJSON) -> zipfile.ZipFile:
    """The whole of what there is now."""
    export = ask(source, by=by, format=format)
    return opened(b"".join(begin(export, source, by=by)))


def opened(data: bytes) -> zipfile.ZipFile:
    package = zipfile.ZipFile(io.BytesIO(data))
    assert package.testzip() is None
    return package


def manifest_of(package: zipfile.ZipFile) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(package.read("manifest.json"))
    return found


def lines_of(package: zipfile.ZipFile, name: str = "events.ndjson") -> list[dict[str, Any]]:
    return [json.loads(line) for line in package.read(name).splitlines()]


def table_of(package: zipfile.ZipFile, name: str = "events.csv") -> list[dict[str, str]]:
    text = package.read(name).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def repacked(package: zipfile.ZipFile, into: Path, **changed: bytes | None) -> Path:
    """The same zip with some files changed, or left out; names with `__` for the dot."""
    new = {name.replace("__", "."): data for name, data in changed.items()}
    with zipfile.ZipFile(into, "w") as out:
        for name in package.namelist():
            data = new.get(name, package.read(name))
            if data is not None:
                out.writestr(name, data)
    return into


def head(found: dict[str, Any]) -> Head:
    return Head(number=found["number"], hash=found["hash"])
