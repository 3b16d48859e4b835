"""Reading what has left the portal: exports, archives, and files that streams wrote. Pure: it needs no database.

A zip holds `manifest.json`, which says what each file of records in it holds, and may hold `checkpoint.txt`. A plain
file of lines, .ndjson or .ndjson.gz, says nothing of itself; its first record is taken for granted unless it is the
first of all. docs/audit-format.md describes both.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast

from audit.chain import Head
from audit.notes import Statement, statement
from audit.signing import BadNote, PublicKey, verified
from audit.trails import EVENTS, Trail, Verdict, Walking
from audit.walking import Flaw, Kind, Row, Walk

MANIFEST, CHECKPOINT = "manifest.json", "checkpoint.txt"
_BROKEN = (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile)


class BadExport(ValueError):
    """`str()` of it is a sentence for people."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file of records. `member`: its name in the zip; empty for a plain file, which is not known to be whole."""

    log: str
    member: str = ""
    sha256: str = ""
    after: Head | None = None
    end: Head | None = None


def rows(path: Path, log: str) -> Iterator[Row]:
    """The records of one log. Raises BadExport for a file that cannot be read, when it comes to that place."""
    for part in _parts(path):
        if part.log == log:
            yield from _rows(path, part)


def ranges(path: Path) -> dict[str, tuple[Head, Head]]:
    """What each log in a zip begins behind, and its last record. Raises BadExport."""
    return {part.log: (part.after, part.end) for part in _parts(path) if part.after and part.end}


def joined(paths: Collection[Path]) -> dict[str, Iterator[Row]]:
    """The records of several archives, log by log in the order of their numbers. Raises BadExport."""
    found: dict[str, list[tuple[int, Path]]] = {}
    for path in paths:
        for log, (after, _) in ranges(path).items():
            found.setdefault(log, []).append((after.number, path))
    return {log: _one_after_another(log, sorted(each)) for log, each in found.items()}


def _one_after_another(log: str, paths: Collection[tuple[int, Path]]) -> Iterator[Row]:
    for _, path in paths:
        yield from rows(path, log)


def verify_file(path: Path, *, kept: Collection[Statement] = (), keys: Collection[PublicKey] = ()) -> Verdict:
    """Walk along every log in a file, and ask the checkpoint in it, whose signature must be by one of `keys`.

    `kept` are checkpoints from elsewhere whose signatures are verified. Raises BadExport when it is no such file, or is
    a selection from a log, which is no chain.
    """
    parts = _parts(path)
    walk = Walking({EVENTS: Trail(walk=Walk(log=EVENTS), rows=iter(())), **_trails(path, parts)}, partial=True)
    main = EVENTS if any(part.log == EVENTS for part in parts) else parts[0].log
    try:
        own = _own_checkpoint(path, keys)
    except BadNote as error:
        flaw: Flaw | None = Flaw(kind=Kind.CHECKPOINT, log=EVENTS, number=0, sentence=f"Its checkpoint: {error}")
        return walk.verdict(flaw, checkpoints=0, log=main)
    begins = walk.heads[EVENTS].number if main == EVENTS else None
    known = sorted([*kept, *own], key=lambda each: each.head.number)
    asked = [each for each in known if begins is not None and each.head.number > begins]
    flaw = _rewritten(path, parts) or walk.run(asked) or _cut(walk.heads, parts)
    return walk.verdict(flaw, checkpoints=len(asked), archived=len(known) - len(asked), log=main)


def _parts(path: Path) -> list[Part]:
    if not zipfile.is_zipfile(path):
        return [Part(log=log) for log in _logs_of(path)]
    manifest = _manifest(path)
    if manifest.get("format") != "ndjson":
        raise BadExport("This holds a table to be read; only what was exported as NDJSON can be verified.")
    try:
        if all(each["complete"] for each in manifest["files"]):
            return [_part(each) for each in manifest["files"]]
    except _BROKEN as error:
        raise BadExport(f"Its {MANIFEST} does not say what it should: {error!r}.") from error
    raise BadExport("This is a selection from the log, and no chain. The verify.py in it checks what can be.")


def _part(file: dict[str, Any]) -> Part:
    after, end = (Head(number=file[name]["number"], hash=file[name]["hash"]) for name in ("after", "end"))
    return Part(log=file["log"], member=file["file"], sha256=file["sha256"], after=after, end=end)


def _manifest(path: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(path) as package:
            return cast("dict[str, Any]", json.loads(package.read(MANIFEST)))
    except _BROKEN as error:
        raise BadExport(f"{path.name} is no export of a Breakwater: {error!r}.") from error


def _own_checkpoint(path: Path, keys: Collection[PublicKey]) -> list[Statement]:
    """Raises BadNote."""
    if not zipfile.is_zipfile(path):
        return []
    with zipfile.ZipFile(path) as package:
        if CHECKPOINT not in package.namelist():
            return []
        try:
            note = package.read(CHECKPOINT).decode()
        except UnicodeDecodeError:
            raise BadNote("This is no signed note.") from None
    return [statement(verified(note, keys)[0])]


def _logs_of(path: Path) -> list[str]:
    found = list(dict.fromkeys(log for log, _ in _lines(path, Part(log=""))))
    if not found:
        raise BadExport(f"{path.name} holds no records.")
    return found


def _trails(path: Path, parts: Collection[Part]) -> dict[str, Trail]:
    announced = {(str(log), int(number)) for log, number in _announced(path)}
    trails = {part.log: _trail(path, part) for part in parts}
    for trail in trails.values():
        trail.walk.announced |= announced
    return trails


def _announced(path: Path) -> Collection[tuple[str, int]]:
    """Redactions that were announced by events which are not in the file."""
    if not zipfile.is_zipfile(path):
        return ()
    return [(each["log"], each["number"]) for each in _manifest(path).get("announced", ())]


def _trail(path: Path, part: Part) -> Trail:
    found = _rows(path, part)
    if part.after is not None:
        return Trail(walk=Walk(log=part.log, head=part.after), rows=found, goes_on=True)
    first = next(found)
    if first.number == 1:
        return Trail(walk=Walk(log=part.log), rows=chain([first], found), goes_on=True)
    return Trail(walk=Walk(log=part.log, head=Head(number=first.number, hash=first.hash)), rows=found, goes_on=True)


def _rewritten(path: Path, parts: Collection[Part]) -> Flaw | None:
    """Whether a file is another one than its manifest was written for."""
    for part in parts:
        if part.member and _sha256(path, part) != part.sha256:
            return _flaw(part, f"{part.member} is not the file that the manifest was written for.")
    return None


def _sha256(path: Path, part: Part) -> str:
    digest = hashlib.sha256()
    with _opened(path, part) as file:
        while piece := file.read(1 << 16):
            digest.update(piece)
    return digest.hexdigest()


def _cut(heads: dict[str, Head], parts: Collection[Part]) -> Flaw | None:
    for part in parts:
        if part.end is not None and heads[part.log] != part.end:
            return _flaw(part, f"The {part.log} end at {heads[part.log].number}; the manifest says {part.end.number}.")
    return None


def _flaw(part: Part, sentence: str) -> Flaw:
    return Flaw(kind=Kind.MISSING, log=part.log, number=0, sentence=sentence)


def _rows(path: Path, part: Part) -> Iterator[Row]:
    return (row for log, row in _lines(path, part) if log == part.log)


def _lines(path: Path, part: Part) -> Iterator[tuple[str, Row]]:
    with _opened(path, part) as file:
        for place, line in enumerate(file, 1):
            try:
                yield _row(line)
            except (ValueError, KeyError, TypeError) as error:
                raise BadExport(f"Line {place} of {part.member or path.name} is no record: {error!r}.") from error


def _row(line: bytes) -> tuple[str, Row]:
    read = json.loads(line)
    number, texts = read["number"], [read[name] for name in ("log", "body", "hash")]
    detail = read["detail"]
    if type(number) is not int or not all(isinstance(text, str) for text in [*texts, detail or ""]):
        raise TypeError("its members are not what they should be")
    log, body, found = texts
    return log, Row(number=number, body=body, detail=detail, hash=found)


@contextmanager
def _opened(path: Path, part: Part) -> Iterator[IO[bytes]]:
    """The lines, unpacked. Raises BadExport when the file breaks off, or was damaged."""
    try:
        if part.member:
            with zipfile.ZipFile(path) as package, package.open(part.member) as file:
                yield file
        elif path.suffix == ".gz":
            with gzip.open(path) as file:
                yield cast("IO[bytes]", file)
        else:
            with path.open("rb") as file:
                yield file
    except (OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise BadExport(f"{path.name} cannot be read: {error!r}.") from error
