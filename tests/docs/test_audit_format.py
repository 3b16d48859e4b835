"""The description of the log's format is held to the code, value by value."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import spreadsheet
from audit.canonical import canonical, read_strictly, sha256
from audit.chain import GENESIS, Head, tied
from audit.lines import line_of
from audit.models import Event
from audit.notes import statement
from audit.signing import public_key, verified

TEXT = (Path(__file__).parents[2] / "docs" / "audit-format.md").read_text(encoding="utf-8")


def block(label: str) -> str:
    found = re.search(rf"^```{label}\n(.*?)\n```$", TEXT, re.DOTALL | re.MULTILINE)
    assert found is not None, label
    return found[1]


@pytest.mark.parametrize(("number", "before"), [(1, GENESIS), (2, block("hash 1"))])
def test_every_hash_in_the_example_is_right(number: int, before: str) -> None:
    detail, body = block(f"json detail {number}"), block(f"json body {number}")
    assert read_strictly(detail) is not None
    read = read_strictly(body)
    assert read is not None
    assert read["detail_sha256"] == sha256(detail)
    assert tied(before, body) == block(f"hash {number}")


def test_the_example_is_an_event_as_the_portal_makes_it() -> None:
    read = read_strictly(block("json body 2"))
    assert read is not None
    facts = {name: value for name, value in read.items() if name not in {"log", "number", "detail_sha256"}}
    made = Event.after(Head(number=1, hash=block("hash 1")), facts, json.loads(block("json detail 2")))
    assert (made.body, made.hash, line_of(made)) == (block("json body 2"), block("hash 2"), block("json line 2"))


def test_the_checkpoint_in_the_example_is_signed_by_its_key() -> None:
    key = public_key(block("key"))
    assert statement(verified(f"{block('note')}\n", [key])[0]).head == Head(number=2, hash=block("hash 2"))


def test_the_note_in_the_example_is_the_text_that_the_document_says() -> None:
    note = read_strictly(block("json detail 1"))
    assert note is not None
    assert note["note"] == 'Café “42” 🌊\x00\x1f/"\\\ud800'


def test_strings_are_escaped_as_described() -> None:
    assert canonical({"a": '"\\\b\t\n\f\r/\x7f~é🌊\udfff'}) == (
        '{"a":"\\"\\\\\\b\\t\\n\\f\\r/\\u007f~\\u00e9\\ud83c\\udf0a\\udfff"}'
    )


def test_names_are_sorted_by_code_point() -> None:
    """U+FFFF comes before U+10000, whose first UTF-16 unit is smaller."""
    assert list(json.loads(canonical({"\U00010000": 1, "\uffff": 2, "a": 3}))) == ["a", "\uffff", "\U00010000"]


def text_of(cell: str) -> str:
    """As the document says it."""
    code = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert code is not None
    defined: dict[str, object] = {"re": re}
    exec(code[1], defined)
    read: object = defined["text_of"](cell)  # type: ignore[operator]
    return str(read)


ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT | st.sampled_from(["=1", "'=1", "\t", "\\u0041", "\\\\u0000", "\\\x00", "\r\n", "''"]))
def test_any_text_survives_a_spreadsheet(text: str) -> None:
    written = (spreadsheet.MARK + spreadsheet.row(["first", text, "last"])).encode()
    [[first, cell, last]] = csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""))
    assert (first, last) == ("first", "last")
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert text_of(cell) == text
