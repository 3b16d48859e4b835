"""Nothing that somebody else wrote may steer a terminal."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakwater_cli.words import as_json_for_terminals, clean, cleaned, duration, local, minutes, with_mend

TRICKS = {
    "\x1b[2J\x1b[31mapproved": "\\x1b[2J\\x1b[31mapproved",
    "\x1b]0;title\x07": "\\x1b]0;title\\x07",
    "\x9b31m": "\\x9b31m",
    "safe\rgone": "safe\\rgone",
    "a\bb\x7f": "a\\x08b\\x7f",
    "203.0.113.7\u202e23/": "203.0.113.7\\u202e23/",
    "\u2028next": "\\u2028next",
    "\ud800": "\\ud800",
    "two\nlines\r\nthree\tcolumns": "two\nlines\nthree columns",
    "Grüße 🌊 दक्\u200dष": "Grüße 🌊 दक्\u200dष",
    f"seen bwk_{'x' * 43} here": "seen bwk_… here",
}


@pytest.mark.parametrize("text", TRICKS, ids=ascii)
def test_shows_as_text_what_a_terminal_would_obey(text: str) -> None:
    assert clean(text) == TRICKS[text]


@given(st.text())
def test_leaves_nothing_that_a_terminal_obeys(text: str) -> None:
    assert not {unicodedata.category(each) for each in clean(text).replace("\n", "")} & {"Cc", "Cs", "Zl", "Zp"}


def test_cleans_names_as_well_as_values() -> None:
    assert cleaned({"a\x1b": ["b\x1b", 1, None, {"c": "\x9b"}]}) == {"a\\x1b": ["b\\x1b", 1, None, {"c": "\\x9b"}]}


@given(st.recursive(st.text() | st.integers() | st.floats(allow_nan=False) | st.none(), st.lists), st.booleans())
def test_writes_json_that_means_the_same_on_one_line_and_steers_nothing(value: object, is_ascii: bool) -> None:
    written = as_json_for_terminals(json.dumps({"a b": value}, ensure_ascii=is_ascii, indent=1))

    assert json.loads(written) == {"a b": value}
    assert written.isascii()
    assert written.isprintable()


WRITTEN = {
    '{ "a" :\r\n[ 1 ,\t2 ]\r}\r\n': '{"a":[1,2]}',
    '{"a": "b : c,  \\" d\\\\" , "e":" "}': '{"a":"b : c,  \\" d\\\\","e":" "}',
    "[1.10, 1E400, -0.0, 0.10000000000000000555]": "[1.10,1E400,-0.0,0.10000000000000000555]",
    f"[{2**200}, -{2**200}]": f"[{2**200},-{2**200}]",
    '"\x7f\u202eü🌊"': '"\\u007f\\u202e\\u00fc\\ud83c\\udf0a"',
}


@pytest.mark.parametrize("text", WRITTEN, ids=ascii)
def test_leaves_in_json_what_was_said_and_nothing_around_it(text: str) -> None:
    assert as_json_for_terminals(text) == WRITTEN[text]


SECONDS = {-5: "0 s", 59.9: "59 s", 60: "1 min", 3599: "59 min", 3600: "1 h", 3900: "1 h 05 min"}
SECONDS |= {86_399: "23 h 59 min", 86_400: "1 d", 180_000: "2 d 2 h"}


@pytest.mark.parametrize("seconds", SECONDS)
def test_tells_durations_in_two_units_at_most(seconds: float) -> None:
    assert duration(seconds) == SECONDS[seconds]


def test_says_what_no_auto_stop_means() -> None:
    assert (minutes(90), minutes(0)) == ("for 1 h 30 min", "until somebody stops it")


def test_tells_the_day_only_where_it_is_another_one() -> None:
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    assert local(noon, now=noon) == f"{noon.astimezone():%H:%M:%S}"
    assert local(noon - timedelta(days=3), now=noon).startswith("20 Nov ")
    assert local(noon - timedelta(days=400), now=noon).startswith("2025-10-19 ")


def test_tells_a_mend_that_is_a_sentence_as_it_is() -> None:
    assert with_mend({"sentence": "No.", "mend": "Ask max."}) == "No. Ask max."
    assert with_mend({"sentence": "No.", "mend": "10.0.0.0/8"}) == "No. Perhaps you meant 10.0.0.0/8."
    assert with_mend({"sentence": "No.", "mend": ""}) == "No."
