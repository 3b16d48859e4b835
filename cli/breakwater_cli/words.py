"""Texts for a terminal: nothing in them can move its cursor, change its colours or turn them around."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_TOKEN = re.compile(r"bwk_[A-Za-z0-9_-]{43}", re.ASCII)
_STRING_OR_BLANKS = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\r\n]+')
_NO_PLAIN_ASCII = re.compile(r"[^\x20-\x7e]+")
# Between letters of Arabic, Indic scripts and emoji they mean something, and they move nothing.
_JOINERS = "\u200c\u200d"
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def clean(text: str) -> str:
    """With each control character shown as its escape, such as \\x1b; line ends stay, and tokens go."""
    text = _TOKEN.sub("bwk_…", text.replace("\r\n", "\n").replace("\t", " "))
    return "".join(map(_shown, text))


def on_one_line(text: str) -> str:
    return " ".join(clean(text).split())


def cleaned(value: Any) -> Any:
    """The same of whatever JSON may hold."""
    match value:
        case str():
            return clean(value)
        case list():
            return [cleaned(each) for each in value]
        case dict():
            return {clean(name): cleaned(each) for name, each in value.items()}
        case _:
            return value


def as_json_for_terminals(text: str) -> str:
    """The same JSON on one line and in ASCII: what a terminal might obey, or not be able to show, stands in it as an
    escape. Numbers stay as they were written, since a float of ours might be another one.
    """
    compact = _STRING_OR_BLANKS.sub(lambda found: found[1] or "", text)
    return _NO_PLAIN_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], compact)


def moment(text: str) -> datetime:
    """A time as the API writes it."""
    return datetime.fromisoformat(text)


def local(at: datetime, *, now: datetime) -> str:
    """In the zone of this machine; the day only where it is another one."""
    here, today = at.astimezone(), now.astimezone()
    if here.date() == today.date():
        return f"{here:%H:%M:%S}"
    return f"{here.day} {here:%b %H:%M}" if here.year == today.year else f"{here:%Y-%m-%d %H:%M}"


def exact(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S %Z}"


def duration(seconds: float) -> str:
    """In two units at most: 40 s, 12 min, 3 h 05 min, 2 d 4 h."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < _DAY:
        hours, rest = divmod(whole, _HOUR)
        return f"{hours} h {rest // _MINUTE:02} min" if rest >= _MINUTE else f"{hours} h"
    days, rest = divmod(whole, _DAY)
    return f"{days} d {rest // _HOUR} h" if rest >= _HOUR else f"{days} d"


def minutes(count: int) -> str:
    return f"for {duration(count * _MINUTE)}" if count else "until somebody stops it"


def ago(at: datetime, *, now: datetime) -> str:
    return f"{duration((now - at).total_seconds())} ago"


def listed(names: list[str], *, otherwise: str) -> str:
    if not names:
        return otherwise
    *before, last = names
    return f"{', '.join(before)} or {last}" if before else last


def with_mend(finding: Mapping[str, Any]) -> str:
    """A mend is a sentence that says what to do, or what was meant perhaps."""
    sentence, mend = str(finding.get("sentence") or ""), str(finding.get("mend") or "")
    if not mend or mend.endswith("."):
        return f"{sentence} {mend}".strip()
    return f"{sentence} Perhaps you meant {mend}."


def _shown(character: str) -> str:
    if not _is_unsafe(character) or character == "\n":
        return character
    return character.encode("unicode_escape").decode()


def _is_unsafe(character: str) -> bool:
    """Control, format, private and half characters, and what separates lines."""
    if character.isascii():
        return not character.isprintable()
    kind = unicodedata.category(character)
    return kind in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} and character not in _JOINERS
