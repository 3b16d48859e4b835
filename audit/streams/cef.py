"""An event in the Common Event Format, which most SIEMs read: one line, whatever stands in the event.

Each text is cut to what the format allows. Nothing is lost by it: the number leads to the whole event in the portal.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, ip_address

from audit.models import Event, Outcome

# Whatever any reader may take for the end of a line, or cannot be written as UTF-8. CR and LF have an escape.
_UNFIT = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LONGEST = 1023
_LONGEST_HEADER = 63
_QUIET, _REFUSED, _REVIEW = 3, 5, 8


def cef(event: Event) -> str:
    header = ("CEF:0", "Breakwater", "Breakwater", "1", _head(event.deed), _head(event.deed), str(_severity(event)))
    extension = {
        "externalId": str(event.number),
        "rt": str(int(event.at.timestamp() * 1000)),
        "suser": event.actor_name,
        "act": event.deed,
        "outcome": event.outcome,
        "msg": event.sentence,
        "cs1Label": "hash",
        "cs1": event.hash,
        "cs2Label": "subject",
        "cs2": event.subject,
        **_source(event.ip),
    }
    return "|".join((*header, " ".join(f"{name}={_value(text)}" for name, text in extension.items())))


def _severity(event: Event) -> int:
    if event.review:
        return _REVIEW
    return _REFUSED if event.outcome == Outcome.REFUSED else _QUIET


def _source(ip: str) -> dict[str, str]:
    """CEF has one place for IPv4 and another for IPv6."""
    if not ip:
        return {}
    if isinstance(ip_address(ip), IPv4Address):
        return {"src": ip}
    return {"c6a2Label": "Source IPv6 Address", "c6a2": ip}


def _head(text: str) -> str:
    """A header has no escape for line breaks."""
    fit = re.sub("[\r\n]", " ", _fit(text, _LONGEST_HEADER))
    return fit.replace("\\", "\\\\").replace("|", "\\|")


def _value(text: str) -> str:
    escaped = _fit(text, _LONGEST).replace("\\", "\\\\").replace("=", "\\=")
    return escaped.replace("\r", "\\r").replace("\n", "\\n")


def _fit(text: str, longest: int) -> str:
    fit = _UNFIT.sub("\ufffd", text)
    return fit if len(fit) <= longest else f"{fit[: longest - 1]}…"
