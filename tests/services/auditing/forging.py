"""What somebody could do to an export who wants another past, and knows how it is made."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from audit.canonical import canonical, read, sha256
from audit.chain import GENESIS, tied
from tests.services.auditing.exports import lines_of, manifest_of, repacked

Lines = list[dict[str, Any]]


def forged(package: zipfile.ZipFile, into: Path, change: Callable[[Lines], None], **others: bytes | None) -> Path:
    """The export with its lines changed, and a manifest that agrees with them."""
    lines, manifest = lines_of(package), manifest_of(package)
    change(lines)
    data = "".join(f"{json.dumps(line, separators=(',', ':'))}\n" for line in lines).encode()
    [file] = manifest["files"]
    file |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "rows": len(lines)}
    file |= {"last": lines[-1]["number"], "end": {"number": lines[-1]["number"], "hash": lines[-1]["hash"]}}
    return repacked(package, into, events__ndjson=data, manifest__json=json.dumps(manifest).encode(), **others)


def rewrite(lines: Lines, place: int, **changed: Any) -> None:
    """Change one event, and tie everything after it anew."""
    before = lines[place - 1]["hash"] if place else GENESIS
    for line in lines[place:]:
        if line is lines[place]:
            line["body"] = canonical(read(line["body"]) | changed)
        line["hash"] = before = tied(before, line["body"])


def insert(lines: Lines) -> None:
    """One more event in the middle, as well made as can be without touching others."""
    detail = canonical({"salt": "00"})
    body = canonical(read(lines[2]["body"]) | {"subject": "MIT-0", "detail_sha256": sha256(detail)})
    lines.insert(2, {**lines[2], "body": body, "detail": detail, "hash": tied(lines[1]["hash"], body)})


def swap(lines: Lines) -> None:
    lines[2], lines[3] = lines[3], lines[2]


def edit(place: int, name: str, old: str, new: str) -> Callable[[Lines], None]:
    def change(lines: Lines) -> None:
        assert old in lines[place][name]
        lines[place][name] = lines[place][name].replace(old, new)

    return change


# What is done, and what the flaw's sentence holds. The export has six events, and a checkpoint of the fourth.
FORGERIES: dict[str, tuple[Callable[[Lines], None], str]] = {
    "a word of a body": (edit(2, "body", "203.0.113", "198.51.1"), "[Ee]vents? 3 is not tied"),
    "white space in a body": (edit(2, "body", ":", ": "), "3 is not written as it would be"),
    "a number with a fraction": (edit(2, "body", '"minutes":60', '"minutes":60.0'), "3 is not written as it would be"),
    "a hash": (lambda lines: lines[2].update(hash="0" * 64), "3 is not tied"),
    "a detail": (edit(2, "detail", '"ip":""', '"ip":"1"'), "[Ww]hat stands beside events? 3 is not what was written"),
    "a detail that is gone": (lambda lines: lines[2].update(detail=None), "3 is gone, and nobody announced"),
    "an event that is gone": (lambda lines: lines.pop(2) and None, "3 is missing"),
    "an event that was put in": (insert, "event[s]? 4 is missing|Event 3 is not tied"),
    "two that changed places": (swap, "3 is missing"),
    "the first of all": (lambda lines: lines.pop(0) and None, "1 is missing"),
    "the tail cut off": (lambda lines: lines.__delitem__(slice(3, None)), "states event 4"),
    "the tail rewritten": (lambda lines: rewrite(lines, 2, subject="MIT-0"), "states (another )?event 4"),
}
