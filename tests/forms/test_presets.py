from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.forms.presets import PresetForm, filled
from mitigations.models import Pairing
from mitigations.policies.network import known
from mitigations.policies.presets import Recipe, TargetClass
from tests.making import NOW, make_pairing


def recipe(**values: str) -> Recipe:
    texts = {"name": "Shop", "comment": "UDP flood", "reason": "Since …", **values}
    return Recipe(kind=TargetClass.HOST, inside=None, pairing_id=4, minutes=45, **texts)


OFFERED = {"1": recipe(), "2": recipe(name="Login", comment="SYN flood", reason="SYN flood since …")}
words = st.text(max_size=20)


class TestFilled:
    def test_takes_everything_but_the_target_from_the_preset(self) -> None:
        assert filled({}, preset="1", offered=OFFERED) == {
            "preset": "1",
            "pairing": 4,
            "minutes_before_auto_stop": 45,
            "comment": "UDP flood",
            "reason": "Since …",
        }

    @given(st.dictionaries(st.sampled_from(["ip_cidr", "ticket"]), words), st.sampled_from(["1", "2", ""]))
    def test_never_touches_target_and_ticket(self, typed: dict[str, str], preset: str) -> None:
        started = filled(typed, preset=preset, offered=OFFERED)
        assert {name: started[name] for name in typed} == typed

    @given(words.filter(lambda text: text.split() not in ([], ["Since", "…"])), st.sampled_from(["1", "2", ""]))
    def test_never_touches_a_reason_in_own_words(self, reason: str, preset: str) -> None:
        typed = {"preset": "1", "reason": reason}
        assert filled(typed, preset=preset, offered=OFFERED)["reason"] == reason

    def test_replaces_the_words_of_the_preset_before(self) -> None:
        typed = {"preset": "1", "comment": "UDP flood", "reason": " Since\r\n… "}
        started = filled(typed, preset="2", offered=OFFERED)
        assert (started["comment"], started["reason"]) == ("SYN flood", "SYN flood since …")

    def test_without_a_preset_takes_those_words_back(self) -> None:
        typed = {"preset": "1", "comment": "UDP flood", "reason": "Since …", "pairing": "9"}
        started = filled(typed, preset="", offered=OFFERED)
        assert started == {"preset": "", "comment": "", "reason": "", "pairing": "9"}


@pytest.fixture
def pairing(db: None) -> Pairing:
    return make_pairing()


def form(pairing: Pairing, /, **changes: str) -> PresetForm:
    typed = {"name": "Shop", "target_class": "host", "pairing": str(pairing.pk), "minutes": "45"}
    return PresetForm({**typed, **changes})


class TestPresetForm:
    def test_turns_what_was_typed_into_a_recipe(self, pairing: Pairing) -> None:
        typed = form(pairing, inside="2001:DB8:0::/48", comment=" UDP \n flood ", reason="Since …")
        assert typed.is_valid()
        assert typed.recipe == Recipe(
            name="Shop",
            kind=TargetClass.HOST,
            inside=known("2001:db8::/48"),
            pairing_id=pairing.pk,
            minutes=45,
            comment="UDP flood",
            reason="Since …",
        )

    def test_says_what_prefix_may_have_been_meant(self, pairing: Pairing) -> None:
        assert form(pairing, inside="203.0.113.7/24").mends == ("203.0.113.0/24", "203.0.113.7/32")

    def test_has_nothing_to_mend_in_a_prefix_that_is_right(self, pairing: Pairing) -> None:
        assert form(pairing, inside="203.0.113.0/24").mends == ()

    def test_offers_only_what_may_be_chosen(self, pairing: Pairing) -> None:
        make_pairing(platform_id="258", method_id="780", retired_at=NOW)
        offered = [value for value, _ in PresetForm().fields["pairing"].choices]
        assert offered == ["", pairing.pk]
