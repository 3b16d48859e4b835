"""How a record of a log is tied to the one before it. Pure: docs/audit-format.md is written from here.

Each record has a body, one line of canonical text, and a hash: the SHA-256 of its predecessor's hash, as 64 hexadecimal
digits, a line feed, and the body. So whoever knows one hash knows whether anything before it was changed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

# What the first record of every log follows.
GENESIS = "0" * 64


@dataclass(frozen=True, kw_only=True)
class Head:
    """The newest record of a log: its number, 0 before the first, and its hash."""

    number: int = 0
    hash: str = GENESIS


def tied(previous: str, body: str) -> str:
    """The hash of a body that follows the record with the hash `previous`."""
    return hashlib.sha256(f"{previous}\n{body}".encode("ascii")).hexdigest()
