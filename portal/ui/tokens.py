"""The tokens of the stylesheet: its colours by day and by night, its spaces and sizes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from django.contrib.staticfiles import finders

_ROOT = re.compile(r":root \{(.*?)\n\}", re.DOTALL)
_TOKEN = re.compile(r"--([a-z0-9-]+): ((?:[^;(]|\([^;]*\))+);")
_PAIR = re.compile(r"light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, kw_only=True)
class Token:
    """`day` and `night` are colours such as #0b3550; for what is no colour they are empty."""

    name: str
    value: str
    day: str
    night: str


def tokens() -> list[Token]:
    """As the stylesheet names them, in its order."""
    found = _ROOT.search(Path(str(finders.find("breakwater.css"))).read_text())
    return [_token(name, value) for name, value in _TOKEN.findall(found[1] if found else "")]


def _token(name: str, value: str) -> Token:
    if pair := _PAIR.fullmatch(value):
        return Token(name=name, value=value, day=pair[1], night=pair[2])
    colour = value if _COLOUR.fullmatch(value) else ""
    return Token(name=name, value=value, day=colour, night=colour)
