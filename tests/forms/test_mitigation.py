from __future__ import annotations

import pytest
from django import forms

from mitigations.forms.filtering import FilterForm
from mitigations.forms.mitigation import MitigationForm, NoteForm, PrefixField, RequiredNoteForm, SettleForm
from mitigations.models import Pairing
from mitigations.policies.guardrails import Terms
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import Prefix, parse
from mitigations.selectors.filtering import Filter
from tests.making import NOW, make_pairing


def prefix(text: str) -> Prefix:
    parsed = parse(text)
    assert isinstance(parsed, Prefix)
    return parsed


class TestPrefixField:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("203.0.113.7", "203.0.113.7/32"),
            (" 203.0.113.0/24 ", "203.0.113.0/24"),
            ("2001:DB8:0::/48", "2001:db8::/48"),
            ("0.0.0.0/0", "0.0.0.0/0"),
        ],
    )
    def test_reads_what_people_write(self, typed: str, meant: str) -> None:
        assert PrefixField().clean(typed) == prefix(meant)

    @pytest.mark.parametrize("typed", ["fish", "203.0.113", "203.0.113.7/33", "203.0.113.7/24", "::ffff:203.0.113.7"])
    def test_refuses_what_is_no_prefix(self, typed: str) -> None:
        with pytest.raises(forms.ValidationError):
            PrefixField().clean(typed)

    def test_carries_what_may_have_been_meant(self) -> None:
        with pytest.raises(forms.ValidationError) as caught:
            PrefixField().clean("203.0.113.7/24")
        assert caught.value.params is not None
        assert caught.value.params["mends"] == ("203.0.113.0/24", "203.0.113.7/32")
        assert caught.value.code == "not-canonical"

    def test_must_be_filled_unless_it_says_otherwise(self) -> None:
        with pytest.raises(forms.ValidationError):
            PrefixField().clean("  ")

    def test_is_empty_text_when_it_may_be_empty(self) -> None:
        assert PrefixField(required=False).clean("") == ""

    def test_shows_a_percent_sign_as_it_was_typed(self) -> None:
        """Django formats an error's sentence with its params, and a sentence may hold a percent sign."""
        with pytest.raises(forms.ValidationError) as caught:
            PrefixField().clean("100%s")
        assert "100%s" in caught.value.messages[0]


@pytest.fixture
def pairing(db: None) -> Pairing:
    return make_pairing(default_minutes=45)


def filled(pairing: Pairing, /, **changes: str) -> MitigationForm:
    typed = {
        "ip_cidr": "203.0.113.7",
        "pairing": str(pairing.pk),
        "minutes_before_auto_stop": "60",
        "reason": "Down.",
        **changes,
    }
    return MitigationForm(typed)


class TestMitigationForm:
    def test_turns_what_was_typed_into_what_is_wanted(self, pairing: Pairing) -> None:
        form = filled(pairing, comment=" udp \n flood ", ticket=" INC-1 ")
        assert form.is_valid()
        wanted = form.wanted
        assert (wanted.target, wanted.pairing_id, wanted.minutes) == (prefix("203.0.113.7/32"), pairing.pk, 60)
        assert (wanted.comment, wanted.reason, wanted.ticket) == ("udp flood", "Down.", "INC-1")

    def test_gives_the_guardrails_target_and_minutes(self, pairing: Pairing) -> None:
        form = filled(pairing)
        assert form.is_valid()
        assert form.terms == Terms(target=prefix("203.0.113.7/32"), minutes=60)

    def test_takes_the_pairings_usual_minutes_for_none(self, pairing: Pairing) -> None:
        form = filled(pairing, minutes_before_auto_stop="")
        assert form.is_valid()
        assert form.wanted.minutes == 45

    def test_tells_nought_from_nothing(self, pairing: Pairing) -> None:
        form = filled(pairing, minutes_before_auto_stop="0")
        assert form.is_valid()
        assert form.wanted.minutes == 0

    def test_leaves_the_minutes_open_when_the_pairing_is_wrong(self, pairing: Pairing) -> None:
        form = filled(pairing, minutes_before_auto_stop="", pairing="999")
        assert list(form.errors) == ["pairing"]

    def test_says_what_may_have_been_meant(self, pairing: Pairing) -> None:
        assert filled(pairing, ip_cidr="203.0.113.7/24").mends == ("203.0.113.0/24", "203.0.113.7/32")

    def test_has_nothing_to_mend_in_garbage(self, pairing: Pairing) -> None:
        assert filled(pairing, ip_cidr="fish").mends == ()

    @pytest.mark.parametrize(
        "facts",
        [{"offered": False}, {"needs_ports": True}, {"retired_at": NOW}],
        ids=["not offered", "needs ports", "retired"],
    )
    def test_offers_only_what_may_be_chosen(self, facts: dict[str, object], pairing: Pairing) -> None:
        make_pairing(platform_id="258", method_id="780", **facts)
        assert MitigationForm().offers == {"Drops all": [pairing]}

    def test_says_beside_each_choice_what_it_does(self, pairing: Pairing) -> None:
        [none, (does, [(_, words)])] = MitigationForm().fields["pairing"].choices
        assert none == ("", "Choose one …")
        assert (does, words) == ("Drops all", "Edge RTBH · Drop everything – drops all traffic to the target")

    @pytest.mark.parametrize(("field", "length"), [("comment", 200), ("reason", 2000), ("ticket", 100)])
    def test_tells_what_is_too_long(self, field: str, length: int, pairing: Pairing) -> None:
        assert filled(pairing, **{field: "x" * length}).is_valid()
        assert list(filled(pairing, **{field: "x" * (length + 1)}).errors) == [field]


class TestNotes:
    def test_may_be_left_out_on_approving(self) -> None:
        assert NoteForm({}).is_valid()

    @pytest.mark.parametrize("note", ["", "  ", "\n"])
    def test_must_say_something_on_rejecting(self, note: str) -> None:
        assert list(RequiredNoteForm({"note": note}).errors) == ["note"]

    def test_on_settling_go_with_an_outcome(self) -> None:
        form = SettleForm({"outcome": "stopped", "note": "Seen."})
        assert form.is_valid()
        assert form.cleaned_data == {"outcome": Status.STOPPED, "note": "Seen."}

    def test_on_settling_know_three_outcomes(self) -> None:
        values = [value for value, _ in SettleForm().fields["outcome"].choices]
        assert values == ["active", "refused", "stopped"]


@pytest.mark.django_db
class TestFilterForm:
    def test_of_nothing_is_the_empty_filter(self) -> None:
        form = FilterForm({})
        assert form.is_valid()
        assert form.filter == Filter()

    def test_reads_every_filter(self, pairing: Pairing) -> None:
        typed = {"status": ["active", "ended"], "platform": str(pairing.platform_id), "by": "dana", "target": "::/0"}
        form = FilterForm(typed)
        assert form.is_valid()
        assert form.filter == Filter(
            statuses=(Status.ACTIVE, Status.ENDED),
            platform_id=pairing.platform_id,
            requester="dana",
            overlapping=prefix("::/0"),
        )

    @pytest.mark.parametrize(
        "typed", [{"status": ["sunk"]}, {"target": "fish"}, {"platform": "9"}, {"target": "::/0", "how": "fish"}]
    )
    def test_tells_what_makes_no_sense(self, typed: dict[str, object]) -> None:
        assert list(FilterForm(typed).errors) == list(typed)[-1:]
