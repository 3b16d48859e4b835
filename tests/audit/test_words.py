"""What counts as a word, and how what people type is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import words
from audit.words import Phrase

anything = st.text(st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on 203.0.113.7/32, 60 min", [["on"], ["203", "0", "113", "7", "32"], ["60"], ["min"]]),
        ("2001:DB8::/32", [["2001", "db8", "32"]]),
        ("(MIT-42:MIT-43)", [["mit", "42", "mit", "43"]]),
        ("Überlast, ＲＡＮＤ", [["überlast"], ["rand"]]),
        ("\x00 \ud800 '\\\"*·!", []),
        ("x" * 99, [["x" * 64]]),
    ],
)
def test_takes_runs_of_letters_and_digits(text: str, expected: list[list[str]]) -> None:
    assert words.tied(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Approv", [Phrase(words=("approv",), beginning=True)]),
        ("lee approv", [Phrase(words=("lee",)), Phrase(words=("approv",), beginning=True)]),
        ("MIT-42 is", [Phrase(words=("·mit·42",)), Phrase(words=("is",), beginning=True)]),
        ("MIT-42", [Phrase(words=("·mit·42",))]),
        ("2001:db", [Phrase(words=("·2001·db",), beginning=True)]),
        ("1:2:3:4:5:6:7:8", [Phrase(words=("·1·2·3·4·5·6",)), Phrase(words=("·3·4·5·6·7·8",))]),
        ('"lee approved" MIT-', [Phrase(words=("lee", "approved")), Phrase(words=("mit",), beginning=True)]),
        ('down "the shop', [Phrase(words=("down",)), Phrase(words=("the", "shop"))]),
        ('down ""', [Phrase(words=("down",), beginning=True)]),
        ("* AND !", [Phrase(words=("and",), beginning=True)]),
        ("?! \x00", []),
    ],
)
def test_reads_words_phrases_and_the_beginning_of_the_last(text: str, expected: list[Phrase]) -> None:
    assert words.asked(text) == expected


@given(anything, anything)
def test_no_text_makes_what_only_the_portal_writes(text: str, value: str) -> None:
    mark = words.facet("actor_name", value)
    made = words.of({"deed": "", "outcome": "done", "actor_name": "", "subject": text, "facts": {}}, {"note": text})

    assert mark not in made[2:]
    assert not any(mark.startswith(word) for phrase in words.asked(text) for word in phrase.words)
