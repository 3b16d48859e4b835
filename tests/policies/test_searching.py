from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies.network import Prefix
from mitigations.policies.searching import read


@pytest.mark.parametrize("typed", ["MIT-42", "mit-42", "Mit 42", "mit42", "  MIT-42  "])
def test_a_reference_names_one_mitigation_and_nothing_else(typed: str) -> None:
    sought = read(typed)
    assert (sought.mitigation, sought.by_reference, sought.is_words) == (42, True, False)


def test_a_number_names_a_mitigation_and_may_be_a_ticket() -> None:
    sought = read("42")
    assert (sought.mitigation, sought.by_reference, sought.is_words) == (42, False, True)


@pytest.mark.parametrize("typed", ["0", "MIT-0", "042", "1" * 19, "#0", "#", "MIT-", "٤٢"])
def test_what_is_no_number_is_words(typed: str) -> None:
    sought = read(typed)
    assert (sought.mitigation, sought.event, sought.is_words) == (None, None, True)


def test_a_number_sign_names_an_event_and_may_be_a_ticket() -> None:
    sought = read("#123")
    assert (sought.event, sought.mitigation, sought.is_words) == (123, None, True)


@pytest.mark.parametrize(
    ("typed", "text"), [("203.0.113.7", "203.0.113.7/32"), ("203.0.113.0/24", "203.0.113.0/24"), ("::1", "::1/128")]
)
def test_an_address_or_a_prefix_is_a_place(typed: str, text: str) -> None:
    sought = read(typed)
    assert sought.prefix is not None
    assert (sought.prefix.text, sought.is_words) == (text, False)


def test_what_is_nearly_a_prefix_is_told_why_it_is_none() -> None:
    sought = read("203.0.113.7/24")
    assert sought.bad_prefix is not None
    assert sought.bad_prefix.mends == ("203.0.113.0/24", "203.0.113.7/32")
    assert not sought.is_words


@pytest.mark.parametrize("typed", ["dana", "INC-1", "/", "a/b", "203.0.113", "edge rtbh"])
def test_anything_else_is_words(typed: str) -> None:
    assert read(typed).is_words


@given(st.text())
def test_whatever_is_typed_names_one_kind_of_thing(typed: str) -> None:
    sought = read(typed)
    named = (sought.prefix, sought.bad_prefix, sought.mitigation, sought.event)
    assert sum(each is not None for each in named) <= 1
    assert sought.is_words == (sought.prefix is None and sought.bad_prefix is None and not sought.by_reference)


@given(st.ip_addresses())
def test_every_address_is_the_place_that_it_names(address: object) -> None:
    sought = read(str(address))
    assert sought.is_a_place
    assert sought.prefix is None or isinstance(sought.prefix, Prefix)
