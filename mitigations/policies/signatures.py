"""How a source of alerts signs what it sends: HMAC-SHA256 of "timestamp.body", so that neither can be changed."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

# So much may clocks differ, and a call take; what is older is a replay.
WINDOW = timedelta(minutes=5)
_VERSION = "v1="
_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)


def sign(secret: str, *, timestamp: str, body: bytes) -> str:
    """What stands in the header: "v1=" and the signature in hexadecimal."""
    return _VERSION + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def fits(signature: str, secret: str, *, timestamp: str, body: bytes) -> bool:
    """In a time that tells nothing of how much of it was right."""
    return hmac.compare_digest(sign(secret, timestamp=timestamp, body=body).encode(), signature.encode())


def is_timely(timestamp: str, *, at: datetime) -> bool:
    """Whether these are seconds since 1970, of now or nearly."""
    if not _SECONDS.fullmatch(timestamp):
        return False
    return abs(datetime.fromtimestamp(int(timestamp), UTC) - at) <= WINDOW
