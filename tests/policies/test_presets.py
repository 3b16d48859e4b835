from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies.network import Prefix, known
from mitigations.policies.presets import Recipe, TargetClass, flaws, is_unfilled, misfit
from tests.policies.strategies import prefixes
from tests.policies.test_guardrails_of_the_plan import PAIRING

ANY, HOST, NETWORK = TargetClass
SHOP = known("203.0.113.0/24")
RECIPE = Recipe(
    name="Shop host under UDP flood",
    kind=HOST,
    inside=SHOP,
    pairing_id=1,
    minutes=60,
    comment="UDP flood",
    reason="UDP flood since …, … Gbps.",
)


class TestATarget:
    @pytest.mark.parametrize(
        ("target", "kind", "inside", "because"),
        [
            ("203.0.113.7/32", HOST, SHOP, ""),
            ("203.0.113.0/28", NETWORK, SHOP, ""),
            ("203.0.113.0/24", NETWORK, SHOP, ""),
            ("2001:db8::/32", ANY, None, ""),
            ("2001:db8::7/128", HOST, None, ""),
            ("203.0.113.6/31", NETWORK, None, ""),
            ("2001:db8::6/127", NETWORK, None, ""),
            ("203.0.113.0/31", HOST, None, "It is for a single address, and 203.0.113.0/31 is 2 addresses."),
            ("203.0.113.7/32", NETWORK, None, "It is for a network, and 203.0.113.7/32 is a single address."),
            ("198.51.100.7/32", HOST, SHOP, "It is for targets inside 203.0.113.0/24, and 198.51.100.7/32 is not."),
            ("203.0.113.7/32", ANY, known("::/0"), "It is for targets inside ::/0, and 203.0.113.7/32 is not."),
            ("203.0.112.0/23", ANY, SHOP, "It is for targets inside 203.0.113.0/24, and 203.0.112.0/23 is not."),
            ("2001:db8::7/128", HOST, SHOP, "It is for targets inside 203.0.113.0/24, and 2001:db8::7/128 is not."),
        ],
    )
    def test_fits_or_is_told_why_not(self, target: str, kind: TargetClass, inside: Any, because: str) -> None:
        assert misfit(known(target), kind=kind, inside=inside) == because

    @given(prefixes(), st.sampled_from(TargetClass), st.none() | prefixes())
    def test_fits_exactly_where_it_is_of_the_kind_and_lies_inside(
        self, target: Prefix, kind: TargetClass, inside: Prefix | None
    ) -> None:
        of_the_kind = {ANY: True, HOST: target.is_host, NETWORK: not target.is_host}[kind]
        lies_inside = inside is None or inside.contains(target)

        assert (misfit(target, kind=kind, inside=inside) == "") is (of_the_kind and lies_inside)


class TestTheWords:
    @pytest.mark.parametrize(
        ("kind", "inside", "words"),
        [
            (ANY, None, "any target"),
            (HOST, SHOP, "a single address inside 203.0.113.0/24"),
            (NETWORK, known("2001:db8::/32"), "a network inside 2001:db8::/32"),
        ],
    )
    def test_say_what_it_is_made_for(self, kind: TargetClass, inside: Any, words: str) -> None:
        assert replace(RECIPE, kind=kind, inside=inside).made_for == words


class TestAReason:
    @pytest.mark.parametrize("reason", [RECIPE.reason, f"  {RECIPE.reason}\r\n", RECIPE.reason.replace(" ", "\r\n")])
    def test_that_is_the_template_says_nothing(self, reason: str) -> None:
        assert is_unfilled(reason, template=RECIPE.reason)

    @given(st.text(min_size=1).filter(str.strip))
    def test_with_a_word_more_says_something(self, word: str) -> None:
        assert not is_unfilled(f"{RECIPE.reason} {word}", template=RECIPE.reason)

    def test_of_a_preset_without_template_is_left_alone(self) -> None:
        assert not is_unfilled("", template="")


class TestFlaws:
    @pytest.mark.parametrize(
        ("recipe", "pairing", "codes"),
        [
            ({}, {}, []),
            ({"minutes": 0}, {}, []),
            ({"minutes": 60}, {"longest_minutes": 60}, []),
            ({}, {"retired": True, "offered": False}, ["pairing"]),
            ({}, {"offered": False}, ["pairing"]),
            ({}, {"needs_ports": True}, ["pairing"]),
            ({"minutes": 61}, {"longest_minutes": 60}, ["minutes"]),
            ({"minutes": 0}, {"longest_minutes": 60}, ["minutes"]),
            ({}, {"ipv4": False}, ["inside"]),
            ({"inside": known("2001:db8::/32")}, {"ipv6": False}, ["inside"]),
            ({"inside": None}, {"ipv4": False}, []),
            ({"kind": NETWORK, "inside": known("203.0.113.7/32")}, {}, ["inside"]),
            ({"minutes": 0}, {"longest_minutes": 60, "ipv4": False, "retired": True}, ["pairing", "inside", "minutes"]),
        ],
    )
    def test_are_what_lets_nothing_ever_be_asked_for(
        self, recipe: dict[str, Any], pairing: dict[str, Any], codes: list[str]
    ) -> None:
        found = flaws(replace(RECIPE, **recipe), replace(PAIRING, **pairing))
        assert [objection.code for objection in found] == codes

    def test_are_sentences(self) -> None:
        found = flaws(replace(RECIPE, minutes=0), replace(PAIRING, longest_minutes=60, ipv4=False, retired=True))
        assert all(objection.sentence.endswith(".") for objection in found)
