"""Which targets a preset is made for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies.network import Prefix, known
from mitigations.policies.presets import TargetClass, misfit
from tests.policies.strategies import prefixes

HOST, NET_24, HOST_6, NET_48 = "203.0.113.7/32", "203.0.113.0/24", "2001:db8::7/128", "2001:db8::/48"


def why_not(target: str, kind: TargetClass = TargetClass.ANY, inside: str | None = None) -> str:
    return misfit(known(target), kind=kind, inside=known(inside) if inside else None)


@pytest.mark.parametrize(
    ("kind", "inside", "target"),
    [
        (TargetClass.ANY, None, HOST),
        (TargetClass.ANY, None, NET_24),
        (TargetClass.HOST, None, HOST),
        (TargetClass.HOST, None, HOST_6),
        (TargetClass.NETWORK, None, "203.0.113.6/31"),
        (TargetClass.NETWORK, None, "2001:db8::6/127"),
        (TargetClass.ANY, NET_24, NET_24),
        (TargetClass.HOST, NET_24, HOST),
        (TargetClass.NETWORK, NET_48, "2001:db8::/64"),
    ],
)
def test_fits(kind: TargetClass, inside: str | None, target: str) -> None:
    assert why_not(target, kind, inside) == ""


@pytest.mark.parametrize(
    ("kind", "inside", "target", "sentence"),
    [
        (TargetClass.HOST, None, NET_24, "It is for a single address, and 203.0.113.0/24 is 256 addresses."),
        (TargetClass.HOST, None, "203.0.113.6/31", "It is for a single address, and 203.0.113.6/31 is 2 addresses."),
        (TargetClass.NETWORK, None, HOST, "It is for a network, and 203.0.113.7/32 is a single address."),
        (TargetClass.NETWORK, None, HOST_6, "It is for a network, and 2001:db8::7/128 is a single address."),
        (
            TargetClass.ANY,
            NET_24,
            "203.0.112.0/23",
            "It is for targets inside 203.0.113.0/24, and 203.0.112.0/23 is not.",
        ),
        (TargetClass.ANY, "0.0.0.0/0", HOST_6, "It is for targets inside 0.0.0.0/0, and 2001:db8::7/128 is not."),
        (TargetClass.ANY, "::/0", HOST, "It is for targets inside ::/0, and 203.0.113.7/32 is not."),
    ],
)
def test_says_what_it_is_made_for(kind: TargetClass, inside: str | None, target: str, sentence: str) -> None:
    assert why_not(target, kind, inside) == sentence


@given(prefixes(), st.sampled_from(TargetClass), st.none() | prefixes())
def test_fits_exactly_targets_of_its_kind_that_lie_inside(
    target: Prefix, kind: TargetClass, inside: Prefix | None
) -> None:
    of_its_kind = {TargetClass.ANY: True, TargetClass.HOST: target.is_host, TargetClass.NETWORK: not target.is_host}

    fits = of_its_kind[kind] and (inside is None or inside.contains(target))

    assert (misfit(target, kind=kind, inside=inside) == "") is fits


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (TargetClass.ANY, "any target"),
        (TargetClass.HOST, "a single address"),
        (TargetClass.NETWORK, "a network"),
    ],
)
def test_calls_a_kind_of_target_in_words(kind: TargetClass, words: str) -> None:
    assert kind.words == words
