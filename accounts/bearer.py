"""The text of a token: how it is made, known again, and cut out of whatever should not hold it. Pure.

Tokens of the API and the secrets of sources of alerts are made alike, and told apart by how they begin.
"""

from __future__ import annotations

import hashlib
import re
import secrets

# What secret scanners look for; the whole patterns stand in docs/api.md and docs/alerts.md.
MARK = "bwk_"
SOURCE_MARK = "bwh_"
_MARKS = (MARK, SOURCE_MARK)
# 32 random bytes as base64 without padding.
_LENGTH = 43
_SHOWN = 6
_TOKEN = re.compile(rf"(?:{'|'.join(_MARKS)})[A-Za-z0-9_-]{{{_LENGTH}}}", re.ASCII)


def make(mark: str = MARK) -> str:
    """A new token: 256 random bits. Whoever has it may use it, so it is shown once and kept nowhere."""
    return mark + secrets.token_urlsafe(32)


def is_token(text: str, mark: str = MARK) -> bool:
    """Whether it has the shape of one."""
    return text.startswith(mark) and _TOKEN.fullmatch(text) is not None


def hashed(token: str) -> str:
    """What is kept of it. So many random bits need no salt, and one look-up finds it."""
    return hashlib.sha256(token.encode()).hexdigest()


def beginning(token: str) -> str:
    """As much of it as tells one from another, and lets nobody in."""
    return token[: len(MARK) + _SHOWN]


def without_tokens(text: str) -> str:
    """The same with every token in it cut to its beginning."""
    return _TOKEN.sub(lambda match: f"{beginning(match[0])}…", text) if any(mark in text for mark in _MARKS) else text
