"""Reading a catalogue from a file: CSV with a header line, or JSON with a list of objects of the same names.

One row is one pairing. Everything that is wrong is told, line by line; a row is a value only if it is right.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import forms

from mitigations.forms.catalogue import KINDS, KentikIdField, PairingForm
from mitigations.services.catalogue import Row

# What the CSV reader puts where a row has more or fewer values than the header has names.
_MORE, _LESS = "\x00more", "\x00less"
_YES, _NO = {"yes", "true", "1"}, {"no", "false", "0"}
_FLAGS = {"offered": "no", "ipv4": "yes", "ipv6": "no", "widens_to_24": "no", "needs_ports": "no"}
_DEFAULTS = {"widest_ipv4": "24", "widest_ipv6": "48", "default_minutes": "60"}


class RowForm(PairingForm):
    platform_id = KentikIdField()
    platform_name = forms.CharField(max_length=100)
    method_id = KentikIdField()
    method_name = forms.CharField(max_length=100)
    type = forms.ChoiceField(choices=KINDS)


COLUMNS = tuple(RowForm.base_fields)


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """`line` is the line of a CSV file, or the place in a JSON list, counted from 1; 0 means the file as a whole."""

    line: int
    sentence: str


def read(path: Path) -> tuple[list[Row], list[Mistake]]:
    """Every row that is right, and every mistake. Raises OSError when the file cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return [], [Mistake(line=0, sentence="The file is not UTF-8 text.")]
    rows: list[Row] = []
    mistakes: list[Mistake] = []
    try:
        numbered = list(_json(text) if path.suffix.lower() == ".json" else _csv(text))
    except RecursionError:
        return [], [Mistake(line=0, sentence="The JSON is nested beyond reason.")]
    except (ValueError, csv.Error) as error:
        return [], [Mistake(line=0, sentence=str(error))]
    if not numbered:
        return [], [Mistake(line=0, sentence="There is not a single pairing in it.")]
    for line, values in numbered:
        row = _row(line, values)
        if isinstance(row, Row):
            rows.append(row)
        else:
            mistakes += row
    return rows, mistakes + list(_repeated(rows))


def _csv(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text), strict=True, restkey=_MORE, restval=_LESS)
    for values in reader:
        yield reader.line_num, {str(name): value for name, value in values.items()}


def _json(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    parsed = json.loads(text)
    if not isinstance(parsed, list) or not all(isinstance(each, dict) for each in parsed):
        raise ValueError("The JSON must be a list of objects, one for each pairing.")
    yield from enumerate(parsed, start=1)


def _row(line: int, values: dict[str, Any]) -> Row | list[Mistake]:
    strange = [name for name in values if name not in COLUMNS and name != _MORE]
    texts = {name: _text(value) for name, value in values.items() if name in COLUMNS}
    given = {name: text for name, text in texts.items() if text}
    flags, bad_flags = _flags(given)
    form = RowForm({**_DEFAULTS, **given, **flags})
    sentences = [f"There is no column {name!r}." for name in strange] + bad_flags
    if values.get(_MORE) or _LESS in values.values():
        sentences.append("There are more or fewer values than columns.")
    sentences += [f"{name}: {error}" for name, errors in form.errors.items() for error in errors]
    if sentences:
        return [Mistake(line=line, sentence=sentence) for sentence in sentences]
    data = form.cleaned_data
    shared = {"kind": data["type"]}
    return Row(
        line=line,
        platform={"kentik_id": data["platform_id"], "name": data["platform_name"], **shared},
        method={"kentik_id": data["method_id"], "name": data["method_name"], **shared},
        pairing={name: data[name] for name in PairingForm.base_fields},
    )


def _flags(given: dict[str, str]) -> tuple[dict[str, bool], list[str]]:
    """Yes and no as people write them: Django's own reading takes every text but "false" and "0" for yes."""
    flags, wrong = {}, []
    for name, default in _FLAGS.items():
        word = given.get(name, default).lower()
        flags[name] = word in _YES
        if word not in _YES | _NO:
            wrong.append(f"{name}: say yes or no, not {given[name]!r}.")
    return flags, wrong


def _text(value: object) -> str:
    return "" if value is None or value == _LESS else str(value).strip()


def _repeated(rows: list[Row]) -> Iterator[Mistake]:
    """The same pairing twice, or one platform or method under two names."""
    pairs: dict[tuple[str, str], int] = {}
    things: dict[tuple[str, str], tuple[int, object]] = {}
    for row in rows:
        pair = (row.platform["kentik_id"], row.method["kentik_id"])
        if pair in pairs:
            yield Mistake(line=row.line, sentence=f"This pairing stands in line {pairs[pair]} already.")
        pairs.setdefault(pair, row.line)
        for what, values in (("platform", row.platform), ("method", row.method)):
            first, known = things.setdefault((what, values["kentik_id"]), (row.line, values))
            if known != values:
                yield Mistake(
                    line=row.line,
                    sentence=f"The {what} {values['kentik_id']} has another name or type than in line {first}.",
                )
