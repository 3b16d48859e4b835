"""Checkpoints as texts: what the head of the log was at one moment, to be signed and kept elsewhere. Pure.

breakwater/audit
<number of the newest event>
<its hash, 64 hexadecimal digits>
<name of another log> <number> <hash>       one line for each log that stands beside the events
before <number> <SHA-256 of the note before this one>     absent in the first
at <time, RFC 3339, UTC>
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from audit.canonical import time_text
from audit.chain import Head
from audit.signing import BadNote

_ORIGIN = "breakwater/audit"
_NOTE = re.compile(rf"^{_ORIGIN}\n(?:.+\n)+\n(?:— .+(?:\n|$))+", re.MULTILINE)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What a checkpoint states. `before`: the number and digest of the one before it."""

    head: Head
    at: datetime
    beside: Mapping[str, Head] = field(default_factory=dict)
    before: tuple[int, str] | None = None

    @property
    def text(self) -> str:
        beside = [f"{name} {head.number} {head.hash}" for name, head in sorted(self.beside.items())]
        before = [f"before {self.before[0]} {self.before[1]}"] if self.before else []
        at = f"at {time_text(self.at)}"
        return "\n".join([_ORIGIN, str(self.head.number), self.head.hash, *beside, *before, at, ""])


def found_in(text: str) -> str:
    """The note that stands somewhere in a text, such as a mail that was saved; the text itself when none does."""
    found = _NOTE.search(text.replace("\r\n", "\n"))
    return f"{found[0].rstrip()}\n" if found else text


def digest(note: str) -> str:
    """What the next checkpoint says of this note."""
    return hashlib.sha256(note.encode()).hexdigest()


def statement(text: str) -> Statement:
    """What a checkpoint's text states. Raises BadNote."""
    origin, *lines = text.splitlines()
    if origin != _ORIGIN or len(lines) < 3:
        raise BadNote("This is signed, but no checkpoint of a Breakwater.")
    number, found, *rest, last = lines
    named = {name: (_number(number), _hash(found)) for name, number, found in map(_three, rest)}
    before = named.pop("before", None)
    stated = Statement(
        head=Head(number=_number(number), hash=_hash(found)),
        at=_at(last),
        beside={name: Head(number=number, hash=found) for name, (number, found) in named.items()},
        before=before,
    )
    if stated.text != text:
        raise BadNote("This checkpoint is not written as it would be.")
    return stated


def _three(line: str) -> tuple[str, str, str]:
    words = line.split(" ")
    if len(words) != 3:
        raise BadNote("This checkpoint has a line that makes no sense.")
    return words[0], words[1], words[2]


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise BadNote("This checkpoint names no number where one belongs.")
    return int(text)


def _hash(text: str) -> str:
    if not _HASH.fullmatch(text):
        raise BadNote("This checkpoint names no hash where one belongs.")
    return text


def _at(line: str) -> datetime:
    try:
        return datetime.fromisoformat(line.removeprefix("at "))
    except ValueError:
        raise BadNote("This checkpoint does not say when it was made.") from None
