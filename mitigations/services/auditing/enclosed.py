"""What goes along with whatever leaves the portal, so that it can be read and verified without it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings

from audit import chaining, keys
from audit.chain import Head
from audit.exported import CHECKPOINT
from audit.models import Checkpoint, Event, Outcome
from audit.packing import Package, Tally
from audit.walking import REDACTED

KEYS = "keys.txt"
SOFTWARE = f"Breakwater {settings.VERSION}"
_DOCS = settings.BASE_DIR / "docs"
VERIFY = (_DOCS / "verify_export.py").read_text(encoding="utf-8")
FORMAT = (_DOCS / "audit-format.md").read_text(encoding="utf-8")
README = """\
This was taken out of a Breakwater, the portal through which DDoS mitigations are asked for, approved and sent.

manifest.json     what this is: who made it and when, by which filter, up to which number, and the SHA-256 of its data
*.ndjson, *.csv   the data
checkpoint.txt    the head of the log, signed, as it was at or before the end of the data
keys.txt          the public keys that the portal believes; compare them with those that you were given elsewhere
verify.py         checks all of it, and needs nothing but Python 3.11 (for signatures also the package "cryptography"):
                  python verify.py THIS.zip [--checkpoint FILE] [--keys FILE]
FORMAT.md         how each line is made and tied to the one before it, to the byte, should you rather check it yourself

A checkpoint or a key in this archive proves little: whoever forged the data may have put it there. One that you kept
from before, or got from somebody else, proves that the log was not rewritten since.
"""


def believed() -> str:
    """The public keys that the portal believes, one a line. Raises BadKey."""
    return "".join(f"{key}\n" for key in keys.believed())


def first_files(package: Package, *, keys: str, covering: int) -> bytes:
    """What stands before the data: what it is, how it is verified, and the newest checkpoint of an event so far."""
    checkpoint = Checkpoint.objects.filter(number__lte=covering).first()
    texts = {
        "README.txt": README,
        "verify.py": VERIFY,
        "FORMAT.md": FORMAT,
        KEYS: keys,
        CHECKPOINT: checkpoint.note if checkpoint else "",
    }
    return b"".join(package.whole(name, text) for name, text in texts.items() if text)


def described(
    file: str, log: str, tally: Tally, *, rows: int, first: int, last: int, around: tuple[Head, Head] | None
) -> dict[str, Any]:
    """What a manifest says of one file of data. `around`: what its first record follows and what its last one is, when
    nothing between them is left out.
    """
    return {
        "file": file,
        "log": log,
        "rows": rows,
        "first": first,
        "last": last,
        "bytes": tally.size,
        "sha256": tally.sha256,
        "complete": around is not None,
        "after": as_facts(around[0]) if around else None,
        "end": as_facts(around[1]) if around else None,
    }


def heads() -> dict[str, Any]:
    """The newest record of each log; the events last, for they hold the others."""
    logs = sorted(chaining.logs().items(), key=lambda each: each[1] is Event)
    return {name: as_facts(chaining.head(log)) for name, log in logs}


def as_facts(head: Head) -> dict[str, Any]:
    return {"number": head.number, "hash": head.hash}


def announced(log: str, gone: Collection[int], *, beyond: int) -> list[dict[str, Any]]:
    """For a manifest: which event announced what is gone, where that event is `beyond` what stands in the file."""
    announcing = Event.objects.filter(deed=REDACTED, outcome=Outcome.DONE, number__gt=beyond)
    told = [(each.number, each.facts) for each in announcing.order_by("number")] if gone else []
    return [
        {"log": log, "number": facts["number"], "by": number}
        for number, facts in told
        if facts["log"] == log and facts["number"] in gone
    ]
