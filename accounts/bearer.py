"""The text of a token: how it is made, known again, and cut out of whatever should not hold it. Pure."""

from __future__ import annotations

import hashlib
import re
import secrets

# What secret scanners look for; the whole pattern stands in docs/api.md.
MARK = "bwk_"
# 32 random bytes as base64 without padding.
_LENGTH = 43
_SHOWN = 6
_TOKEN = re.compile(rf"{MARK}[A-Za-z0-9_-]{{{_LENGTH}}}", re.ASCII)


def make() -> str:
    """A new token: 256 random bits. Whoever has it may use it, so it is shown once and kept nowhere."""
    return MARK + secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    """Whether it has the shape of one."""
    return _TOKEN.fullmatch(text) is not None


def hashed(token: str) -> str:
    """What is kept of it. So many random bits need no salt, and one look-up finds it."""
    return hashlib.sha256(token.encode()).hexdigest()


def beginning(token: str) -> str:
    """As much of it as tells one from another, and lets nobody in."""
    return token[: len(MARK) + _SHOWN]


def without_tokens(text: str) -> str:
    """The same with every token in it cut to its beginning."""
    return _TOKEN.sub(lambda match: f"{beginning(match[0])}…", text) if MARK in text else text
