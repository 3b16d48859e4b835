from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies.lookalikes import are_alike, is_a_slip, resembling
from mitigations.policies.network import Prefix, known
from tests.policies.strategies import prefixes

HOSTS = st.tuples(*[st.sampled_from([0, 1, 4, 14, 40, 41, 113, 140, 203])] * 4).map(
    lambda octets: known(".".join(map(str, octets)) + "/32")
)
CROWDS = st.lists(st.one_of(HOSTS, prefixes()), max_size=25)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.40/32", "203.0.113.140/32"),
        ("203.0.113.40/32", "203.0.113.4/32"),
        ("203.0.113.40/32", "203.0.113.41/32"),
        ("203.0.113.41/32", "203.0.113.14/32"),
        ("203.0.113.40/32", "203.0.112.40/32"),
        ("203.0.113.40/32", "198.51.100.40/32"),
        ("203.0.113.0/24", "203.0.113.0/28"),
        ("10.0.0.0/8", "10.0.0.0/28"),
        ("198.51.100.0/24", "203.0.100.0/24"),
        ("2001:db8:1::7/128", "2001:db8:2::7/128"),
        ("2001:db8:a:b::7/128", "2001:db8:cc:dd::7/128"),
    ],
)
def test_are_taken_for_one_another(one: str, other: str) -> None:
    assert are_alike(known(one), known(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.40/32", "203.0.113.40/32"),
        ("203.0.113.40/32", "203.0.113.51/32"),
        ("203.0.113.40/32", "198.51.100.7/32"),
        ("203.0.113.40/32", "2001:db8::40/128"),
        ("203.0.113.0/24", "198.51.100.0/24"),
        ("0.0.0.0/0", "::/0"),
    ],
)
def test_are_not(one: str, other: str) -> None:
    assert not are_alike(known(one), known(other))


def test_what_is_one_digit_apart_is_told_first() -> None:
    targets = [known(text) for text in ("203.0.113.40/32", "198.51.100.40/32", "203.0.113.140/32")]
    assert [each.text for each in resembling(targets, among=targets)[targets[0]]] == [
        "203.0.113.140/32",
        "198.51.100.40/32",
    ]


def test_nobody_is_named_who_resembles_nobody() -> None:
    targets = [known("203.0.113.40/32"), known("198.51.100.7/32")]
    assert resembling(targets, among=targets) == {}


@given(CROWDS, CROWDS)
def test_all_pairs_are_found_and_no_others(targets: list[Prefix], crowd: list[Prefix]) -> None:
    found = resembling(targets, among=crowd)
    for one in targets:
        assert set(found.get(one, ())) == {other for other in crowd if are_alike(one, other)}


@given(HOSTS, HOSTS)
def test_is_mutual(one: Prefix, other: Prefix) -> None:
    assert are_alike(one, other) == are_alike(other, one)


@given(st.text("0123456789.", max_size=15), st.data())
def test_any_one_key_that_goes_wrong_is_a_slip(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    digit = data.draw(st.sampled_from("0123456789"))
    assert is_a_slip(text, text[:place] + digit + text[place:])
    assert is_a_slip(text, text[:place] + digit + text[place + 1 :])
    assert is_a_slip(text, text[:place] + text[place + 1 :])
