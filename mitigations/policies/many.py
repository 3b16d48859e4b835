"""Reading many targets at once: each on its own, those that stand twice, and those that overlap each other.

One target a line. Commas, semicolons and tabs separate as well; `#` begins a comment; blank lines mean nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from audit.refusal import Objection
from mitigations.policies.network import BadPrefix, Prefix, parse

MOST = 500
_SEPARATOR = re.compile(r"([,;\t])")
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, kw_only=True)
class Line:
    """What stands in a line: a target, or what is wrong with it (a BadPrefix brings its mends).

    `number` counts from 1, blank lines and comments included; several targets in one line share it. `overlaps` are the
    lines of the other targets that share addresses with this one.
    """

    number: int
    text: str
    target: Prefix | None = None
    wrong: Objection | None = None
    overlaps: tuple[int, ...] = ()


def read(text: str) -> tuple[Line, ...] | Objection:
    """Every target in the order in which it stands, or why there are none to judge: too many of them, or not one."""
    pieces = list(_pieces(text))
    if not pieces:
        return Objection(code="none", sentence="There is not a single target in it. Write one a line.")
    if len(pieces) > MOST:
        sentence = f"These are {len(pieces):,} targets, and at most {MOST} can be asked for at once. Take out some."
        return Objection(code="too-many", sentence=sentence)
    lines = list(_once(_parsed(number, piece) for number, piece in pieces))
    neighbours = overlaps({index: line.target for index, line in enumerate(lines) if line.target})
    return tuple(
        replace(line, overlaps=_numbers(lines, neighbours[index])) if index in neighbours else line
        for index, line in enumerate(lines)
    )


def without_wrong(text: str, lines: Iterable[Line]) -> str:
    """The text without what is wrong in it. Lines with nothing wrong stay as they are, comments and all."""
    by_number: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        by_number[line.number].append(line)
    kept = [_kept(row, by_number[number]) for number, row in enumerate(_rows(text), start=1)]
    return "\n".join(row for row in kept if row is not None)


def with_mend(text: str, *, number: int, was: str, becomes: str) -> str:
    """The text with one target of one line put right; as it is when that target does not stand there any more."""
    rows = _rows(text)
    if was and 1 <= number <= len(rows):
        rows[number - 1] = _put_right(rows[number - 1], was, becomes)
    return "\n".join(rows)


def overlaps(targets: dict[int, Prefix]) -> dict[int, list[int]]:
    """For each target that shares addresses with others: which, by their keys. No target may stand in it twice.

    Prefixes nest or are disjoint. In the order of their first addresses, the wider first, each lies inside those that
    have not ended yet, and inside no other: at most one for each prefix length.
    """
    found: dict[int, list[int]] = defaultdict(list)
    around: list[int] = []
    for key in sorted(targets, key=lambda key: _order(targets[key])):
        while around and not targets[around[-1]].contains(targets[key]):
            around.pop()
        for wider in around:
            found[wider].append(key)
            found[key].append(wider)
        around.append(key)
    return found


def _order(target: Prefix) -> tuple[int, int, int]:
    """Families apart: an IPv6 prefix may lie around IPv4 on the axis, and overlaps none of it."""
    return target.family, target.first, target.length


def _numbers(lines: Sequence[Line], indexes: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted({lines[index].number for index in indexes}))


def _rows(text: str) -> list[str]:
    return _LINE_ENDS.split(text.removeprefix(_BYTE_ORDER_MARK))


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    for number, row in enumerate(_rows(text), start=1):
        for piece in _SEPARATOR.split(row.partition("#")[0])[::2]:
            if piece.strip():
                yield number, piece.strip()


def _parsed(number: int, piece: str) -> Line:
    prefix = parse(piece)
    if isinstance(prefix, BadPrefix):
        return Line(number=number, text=piece, wrong=prefix)
    return Line(number=number, text=piece, target=prefix)


def _once(lines: Iterable[Line]) -> Iterator[Line]:
    """A target that stands twice is wrong the second time, however it is written."""
    first: dict[Prefix, Line] = {}
    for line in lines:
        if line.target is not None and first.setdefault(line.target, line) is not line:
            yield _repeated(line, first[line.target].number, line.target)
        else:
            yield line


def _repeated(line: Line, first: int, target: Prefix) -> Line:
    sentence = f"{target.text} stands in line {first} already."
    return Line(number=line.number, text=line.text, wrong=Objection(code="repeated", sentence=sentence))


def _put_right(row: str, was: str, becomes: str) -> str:
    """Only the first: when it stands twice in one line, the next press finds the other."""
    targets, mark, comment = row.partition("#")
    pieces = _SEPARATOR.split(targets)
    place = next((index for index, piece in enumerate(pieces) if piece.strip() == was), None)
    if place is not None:
        pieces[place] = pieces[place].replace(was, becomes)
    return "".join(pieces) + mark + comment


def _kept(row: str, lines: list[Line]) -> str | None:
    """A row without its wrong targets; None when nothing but those stood in it."""
    if not any(line.wrong for line in lines):
        return row
    right = ", ".join(line.text for line in lines if not line.wrong)
    _, mark, comment = row.partition("#")
    return f"{right} {mark}{comment}".rstrip() if right else None
