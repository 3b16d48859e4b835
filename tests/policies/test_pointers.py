from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies import pointers

# The document and the pointers of RFC 6901 §5.
RFC: dict[str, Any] = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", RFC),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_leads_where_the_rfc_says(pointer: str, value: Any) -> None:
    assert pointers.at(RFC, pointer) == value


@pytest.mark.parametrize("pointer", ["/none", "/foo/2", "/foo/-", "/foo/00", "/foo/-1", "/foo/bar", "/a~1b/c"])
def test_finds_nothing_where_nothing_is(pointer: str) -> None:
    with pytest.raises(LookupError):
        pointers.at(RFC, pointer)


@pytest.mark.parametrize("pointer", ["foo", "/a~b", "/a~", "/~2", " /a"])
def test_is_none_of_another_form(pointer: str) -> None:
    with pytest.raises(ValueError, match="is no JSON pointer"):
        pointers.steps(pointer)


@given(JSON, st.text())
def test_raises_nothing_else_whatever_it_is_given(document: Any, pointer: str) -> None:
    try:
        pointers.at(document, pointer)
    except (LookupError, ValueError):
        return
