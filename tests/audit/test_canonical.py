from __future__ import annotations

import hashlib
import json
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.canonical import canonical, sha256

# Any code point at all: NUL and lone surrogates too.
anything = st.text(st.characters(codec=None, exclude_categories=()))
facts = st.dictionaries(
    anything,
    st.recursive(
        st.none() | st.booleans() | st.integers() | anything,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(anything, inner, max_size=4),
        max_leaves=10,
    ),
    max_size=5,
)


@given(facts)
def test_comes_back_as_it_went_in(known: dict[str, Any]) -> None:
    assert json.loads(canonical(known)) == known


@given(facts)
def test_is_stable(known: dict[str, Any]) -> None:
    text = canonical(known)

    assert canonical(json.loads(text)) == text
    assert canonical(dict(reversed(known.items()))) == text


@given(facts)
def test_is_one_line_of_ascii(known: dict[str, Any]) -> None:
    text = canonical(known)

    assert text.isascii()
    assert text.isprintable()


def test_sorts_keys_at_every_depth_and_wastes_no_space() -> None:
    assert canonical({"b": [{"d": 1, "c": None}], "a": (True, "é")}) == '{"a":[true,"\\u00e9"],"b":[{"c":null,"d":1}]}'


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), Decimal(1), b"bytes", {1, 2}, datetime(2026, 1, 1), object(), {1: "x"}, {None: "x"}],  # noqa: DTZ001
)
@pytest.mark.parametrize("depth", [0, 1])
def test_refuses_what_is_no_fact(value: object, depth: int) -> None:
    known: Any = {"fact": [{"deep": value}] if depth else value}

    with pytest.raises(TypeError):
        canonical(known)


def test_takes_a_mapping_of_any_kind() -> None:
    assert canonical(MappingProxyType({"a": MappingProxyType({"b": 1})})) == '{"a":{"b":1}}'


def test_is_hashed_as_its_bytes() -> None:
    assert sha256('{"a":1}') == hashlib.sha256(b'{"a":1}').hexdigest()
