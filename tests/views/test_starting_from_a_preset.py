"""The form of a request, started from a preset."""

from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Event
from mitigations.models import Mitigation, Pairing, Preset
from tests.making import NOW, make_mitigation, make_pairing, make_preset
from tests.people import Cast
from tests.views.asking import NEW, ask, check, typed
from tests.views.facts import everything
from tests.views.pages import Page

TEMPLATE = "UDP flood since …, … Gbps."
MISFIT = (
    "The preset does not fit. It is for targets inside 203.0.113.0/24, and 198.51.100.7/32 is not. "
    "Change the target, or drop the preset."
)
OUTSIDE = {"ip_cidr": "198.51.100.7"}


@pytest.fixture
def dana(signed_in) -> Client:
    return signed_in("dana")


@pytest.fixture
def pairing(cast: Cast) -> Pairing:
    return make_pairing()


@pytest.fixture
def preset(pairing: Pairing) -> Preset:
    return make_preset(pairing=pairing, minutes=45, comment="UDP flood on a shop host", reason=TEMPLATE)


def choose(client: Client, preset: Preset | None, /, **values: str) -> Page:
    return Page(client.post(NEW, {**values, "choose": str(preset.pk) if preset else ""}))


def kept(page: Page) -> list[str]:
    """The preset that the form would send along."""
    return [field.attributes["value"] for field in page.main.all("input", name="preset")]


class TestChoosing:
    def test_is_offered_above_the_form_with_what_it_is_for(self, dana: Client, preset: Preset) -> None:
        [button] = Page(dana.get(NEW)).main.all("button", name="choose")
        assert button.text == "Shop host under UDP flood a single address inside 203.0.113.0/24"
        assert button.attributes["value"] == str(preset.pk)

    def test_is_not_offered_where_there_are_no_presets(self, dana: Client, pairing: Pairing) -> None:
        assert "preset" not in Page(dana.get(NEW)).main.text

    def test_is_not_what_enter_in_a_field_presses(self, dana: Client, preset: Preset) -> None:
        assert "name" not in Page(dana.get(NEW)).main.all("button", type="submit")[0].attributes

    def test_by_address_fills_the_form(self, dana: Client, preset: Preset) -> None:
        assert Page(dana.get(NEW, {"preset": preset.pk})).typed == {
            "ip_cidr": "",
            "pairing": str(preset.pairing_id),
            "minutes_before_auto_stop": "45",
            "comment": "UDP flood on a shop host",
            "reason": TEMPLATE,
            "ticket": "",
        }

    def test_by_button_keeps_target_and_ticket(self, dana: Client, preset: Preset) -> None:
        page = choose(dana, preset, ip_cidr="203.0.113.7", ticket="INC-1")
        assert (page.typed["ip_cidr"], page.typed["ticket"]) == ("203.0.113.7", "INC-1")
        assert (page.typed["minutes_before_auto_stop"], page.typed["reason"]) == ("45", TEMPLATE)

    def test_keeps_a_target_that_is_none(self, dana: Client, preset: Preset) -> None:
        assert choose(dana, preset, ip_cidr="fish & chips").typed["ip_cidr"] == "fish & chips"

    def test_keeps_words_that_somebody_has_written(self, dana: Client, preset: Preset) -> None:
        page = choose(dana, preset, reason="Down since 02:50.", comment="Login")
        assert (page.typed["reason"], page.typed["comment"]) == ("Down since 02:50.", "Login")

    def test_of_another_replaces_what_the_first_has_filled_in(self, dana: Client, preset: Preset) -> None:
        other = make_preset(pairing=preset.pairing, name="Other", minutes=5, comment="", reason="Since …")
        page = choose(dana, other, preset=str(preset.pk), reason=TEMPLATE, comment="UDP flood on a shop host")
        assert (page.typed["reason"], page.typed["comment"]) == ("Since …", "")
        assert kept(page) == [str(other.pk)]

    def test_says_its_name_and_what_it_is_for(self, dana: Client, preset: Preset) -> None:
        [notice] = choose(dana, preset).notices
        assert notice.startswith("Preset Shop host under UDP flood , for a single address inside 203.0.113.0/24")

    def test_complains_of_nothing_yet(self, dana: Client, preset: Preset) -> None:
        page = choose(dana, preset)
        assert (page.status, page.alarms) == (200, [])

    def test_changes_nothing(self, dana: Client, preset: Preset) -> None:
        before = everything()
        choose(dana, preset, **typed(preset.pairing), ask="1")
        assert everything() == before

    def test_shows_what_will_happen_where_a_target_stands(self, dana: Client, preset: Preset) -> None:
        assert "203.0.113.7/32 – 1 address – 45 min" in choose(dana, preset, ip_cidr="203.0.113.7").main.text

    def test_shows_at_once_that_the_target_does_not_fit(self, dana: Client, preset: Preset) -> None:
        findings = choose(dana, preset, **OUTSIDE).main.all("li", class_="finding")
        assert [finding.text for finding in findings] == [MISFIT]

    def test_goes_with_asking_again(self, dana: Client, preset: Preset) -> None:
        earlier = make_mitigation(target="203.0.113.9/32", reason="Down.")
        page = Page(dana.get(NEW, {"again": earlier.reference, "preset": preset.pk}))
        assert (page.typed["ip_cidr"], page.typed["reason"]) == ("203.0.113.9/32", "Down.")
        assert page.typed["minutes_before_auto_stop"] == "45"


class TestDropping:
    def test_takes_back_the_words_of_the_preset_and_keeps_the_rest(self, dana: Client, preset: Preset) -> None:
        filled = typed(preset.pairing, reason=TEMPLATE, comment="UDP flood on a shop host")
        page = choose(dana, None, preset=str(preset.pk), **filled)
        assert page.typed == {**filled, "reason": "", "comment": ""}
        assert kept(page) == []

    def test_keeps_words_that_somebody_has_written(self, dana: Client, preset: Preset) -> None:
        filled = typed(preset.pairing)
        assert choose(dana, None, preset=str(preset.pk), **filled).typed == filled


class TestWhatCannotBeChosen:
    @pytest.mark.parametrize("id", ["999", "fish", "-1", "9" * 40, "\x00"])
    def test_is_told_and_nothing_is_lost(self, id: str, dana: Client, preset: Preset) -> None:
        answer = dana.post(NEW, {**typed(preset.pairing), "choose": id})
        page = Page(answer)
        assert (answer.status_code, page.typed) == (422, typed(preset.pairing))
        assert "This preset cannot be chosen any more" in page.alarms[0]

    def test_is_told_at_its_address_too(self, dana: Client, preset: Preset) -> None:
        assert "cannot be chosen any more" in Page(dana.get(NEW, {"preset": "999"})).alarms[0]

    def test_is_one_whose_pairing_was_retired(self, dana: Client, preset: Preset) -> None:
        make_pairing(retired_at=NOW)
        assert Page(dana.get(NEW)).main.all("button", name="choose") == []
        assert choose(dana, preset).status == 422

    def test_was_deleted_meanwhile_and_is_dropped_without_asking(self, dana: Client, preset: Preset) -> None:
        pairing, gone = preset.pairing, str(preset.pk)
        preset.delete()
        page = Page(ask(dana, pairing, preset=gone))
        assert (page.status, page.typed, kept(page)) == (422, typed(pairing), [])
        assert "It cannot be chosen any more, and was dropped." in page.alarms[0]
        assert not Mitigation.objects.exists()


class TestAsking:
    def test_with_a_target_that_fits_keeps_the_name_of_the_preset(self, dana: Client, preset: Preset) -> None:
        ask(dana, preset.pairing, preset=str(preset.pk))
        assert Mitigation.objects.get().target == "203.0.113.7/32"
        assert Event.objects.get().facts["preset"] == "Shop host under UDP flood"

    def test_with_a_target_that_does_not_fit_is_told_at_the_target(self, dana: Client, preset: Preset) -> None:
        answer = ask(dana, preset.pairing, preset=str(preset.pk), **OUTSIDE)
        assert answer.status_code == 422
        assert answer.context["form"].errors == {"ip_cidr": [MISFIT]}
        assert not Mitigation.objects.exists()

    def test_that_does_not_go_through_loses_nothing(self, dana: Client, preset: Preset) -> None:
        page = Page(ask(dana, preset.pairing, preset=str(preset.pk), **OUTSIDE))
        assert page.typed == typed(preset.pairing, **OUTSIDE)
        assert kept(page) == [str(preset.pk)]

    def test_for_the_same_target_without_the_preset_is_judged_as_ever(self, dana: Client, preset: Preset) -> None:
        ask(dana, preset.pairing, **OUTSIDE)
        assert Mitigation.objects.get().target == "198.51.100.7/32"
        assert "preset" not in Event.objects.get().facts

    def test_frees_nothing_from_the_guardrails(self, dana: Client, preset: Preset) -> None:
        make_mitigation(target="203.0.113.7/32", pairing=preset.pairing)
        assert "already holds 203.0.113.7/32" in Page(ask(dana, preset.pairing, preset=str(preset.pk))).alarms[0]

    def test_with_other_minutes_than_the_preset_has_is_fine(self, dana: Client, preset: Preset) -> None:
        ask(dana, preset.pairing, preset=str(preset.pk), minutes_before_auto_stop="5")
        assert Mitigation.objects.get().minutes == 5

    @pytest.mark.parametrize("reason", [TEMPLATE, f" {TEMPLATE}\r\n"])
    def test_with_the_template_for_a_reason_is_refused(self, reason: str, dana: Client, preset: Preset) -> None:
        answer = ask(dana, preset.pairing, preset=str(preset.pk), reason=reason)
        [sentence] = answer.context["form"].errors["reason"]
        assert (answer.status_code, sentence.startswith("Fill in the reason: ")) == (422, True)
        assert not Mitigation.objects.exists()


class TestTheLivePreview:
    def test_says_that_the_target_does_not_fit(self, dana: Client, preset: Preset) -> None:
        values = typed(preset.pairing, preset=str(preset.pk), **OUTSIDE)
        assert MISFIT in dana.post(NEW, values, headers={"HX-Request": "true"}).content.decode()

    def test_says_so_as_soon_as_there_is_a_target(self, dana: Client, preset: Preset) -> None:
        values = {"preset": str(preset.pk), "ip_cidr": "203.0.113.0/24"}
        text = dana.post(NEW, values, headers={"HX-Request": "true"}).content.decode()
        assert "It is for a single address, and 203.0.113.0/24 is 256 addresses." in text

    def test_is_as_ever_for_a_target_that_fits(self, dana: Client, preset: Preset) -> None:
        page = Page(check(dana, preset.pairing, preset=str(preset.pk)))
        findings = page.main.all("li", class_="finding")
        assert [finding.text for finding in findings] == ["Clear No guardrail speaks against it."]
