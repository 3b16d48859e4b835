"""Cells of a CSV file that a spreadsheet may open. Pure: docs/audit-format.md says how they are read back.

A cell that begins with = + - @, in full width too, a tab or a line end would be taken for a formula, so it gets an
apostrophe in front; one that begins with an apostrophe gets another, so that taking one away always gives the text
back. NUL and lone surrogates, which UTF-8 or the programs that read it cannot hold, are written as \\u and four
hexadecimal digits; a backslash before a u, which would look like that, is written as \\u005c.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import datetime

from audit.canonical import time_text

# So that Excel takes the file for UTF-8; Python reads it as "utf-8-sig".
MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "'")
_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]|\\(?=u)")

Value = str | int | bool | datetime | None


def row(values: Iterable[Value]) -> str:
    """One line of the file, with its line end."""
    line: list[str] = []
    csv.writer(_Into(line)).writerow([_cell(value) for value in values])
    return "".join(line)


def _cell(value: Value) -> str | int:
    """Numbers stay numbers: none of ours is a formula."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return value
        case datetime():
            return time_text(value)
    text = _UNWRITABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
    return f"'{text}" if text.startswith(_FORMULA) else text


class _Into:
    """What the CSV writer takes for a file."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def write(self, text: str) -> None:
        self._lines.append(text)
