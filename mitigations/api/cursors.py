"""Places in lists, as opaque text: made by us, handed back as they are."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode

_MOST = 2**62


def pack(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unpack(cursor: str) -> str | None:
    """The text that was packed; None for what never was one."""
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    return text if text.isascii() and pack(text) == cursor else None


def number(text: str) -> int | None:
    """A place in a list that goes by numbers."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(_MOST))):
        return None
    return int(text) if int(text) <= _MOST else None
