"""Presets, through their pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mitigations.models import Pairing, Preset
from tests.making import NOW, make_pairing, make_preset
from tests.people import Cast
from tests.views.facts import deeds, everything, everything_but_the_log
from tests.views.pages import Page

PRESETS = "/presets/"


@pytest.fixture
def max_(signed_in) -> Client:
    return signed_in("max")


@pytest.fixture
def pairing(cast: Cast) -> Pairing:
    return make_pairing()


def typed(pairing: Pairing, /, **changes: str) -> dict[str, str]:
    return {
        "name": "Login under SYN flood",
        "target_class": "host",
        "inside": "203.0.113.0/24",
        "pairing": str(pairing.pk),
        "minutes": "30",
        "comment": "SYN flood",
        "reason": "SYN flood since …",
        **changes,
    }


class TestTheList:
    @pytest.mark.parametrize("who", ["dana", "lee", "ana", "max"])
    def test_is_shown_to_everybody_with_what_each_is_for(self, who: str, signed_in, pairing: Pairing) -> None:
        make_preset(pairing=pairing)
        text = Page(signed_in(who).get(PRESETS)).main.text
        assert "Shop host under UDP flood" in text
        assert "a single address inside 203.0.113.0/24" in text
        assert "Edge RTBH · Drop everything" in text

    def test_lets_dana_start_from_one(self, signed_in, pairing: Pairing) -> None:
        preset = make_preset(pairing=pairing)
        links = Page(signed_in("dana").get(PRESETS)).links
        assert links == {"Start from Shop host under UDP flood": f"/mitigations/new/?preset={preset.pk}"}

    def test_lets_nobody_start_who_may_not_ask(self, signed_in, pairing: Pairing) -> None:
        make_preset(pairing=pairing)
        assert Page(signed_in("lee").get(PRESETS)).links == {}

    def test_leads_max_to_edit_and_add(self, max_: Client, pairing: Pairing) -> None:
        preset = make_preset(pairing=pairing)
        links = Page(max_.get(PRESETS)).links
        assert (links[preset.name], links["Add a preset"]) == (f"{PRESETS}{preset.pk}/", f"{PRESETS}new/")

    def test_says_what_presets_are_for_while_there_are_none(self, max_: Client, signed_in) -> None:
        assert "Add one for each attack" in Page(max_.get(PRESETS)).main.text
        assert "An administrator can add them" in Page(signed_in("dana").get(PRESETS)).main.text

    @pytest.mark.parametrize(
        ("facts", "mark"),
        [
            ({"retired_at": NOW}, "Cannot be chosen: retired."),
            ({"offered": False}, "Cannot be chosen: not offered."),
            ({"needs_ports": True}, "Cannot be chosen: not offered."),
        ],
    )
    def test_marks_one_whose_pairing_is_no_longer_offered(self, facts: Any, mark: str, signed_in, cast: Cast) -> None:
        make_preset(pairing=make_pairing(**facts))
        page = Page(signed_in("dana").get(PRESETS))
        assert mark in page.all("tr", class_="retired")[0].text
        assert page.links == {}


class TestCreating:
    def test_keeps_what_was_typed(self, max_: Client, pairing: Pairing) -> None:
        max_.post(PRESETS + "new/", typed(pairing))
        made = Preset.objects.get()
        assert (made.name, made.target_class, made.inside) == ("Login under SYN flood", "host", "203.0.113.0/24")
        assert (made.pairing, made.minutes) == (pairing, 30)
        assert (made.comment, made.reason) == ("SYN flood", "SYN flood since …")

    def test_goes_to_the_list_and_says_so(self, max_: Client, pairing: Pairing) -> None:
        answer = max_.post(PRESETS + "new/", typed(pairing))
        assert answer.headers["Location"] == PRESETS
        assert Page(max_.get(PRESETS)).notices == ["The preset “Login under SYN flood” is saved."]

    def test_keeps_the_prefix_in_its_one_text(self, max_: Client, pairing: Pairing) -> None:
        max_.post(PRESETS + "new/", typed(pairing, inside=" 2001:0DB8:0:0::/48 "))
        assert Preset.objects.get().inside == "2001:db8::/48"

    def test_may_leave_open_where_and_what_to_say(self, max_: Client, pairing: Pairing) -> None:
        max_.post(PRESETS + "new/", typed(pairing, inside="", comment="", reason="", target_class="any"))
        assert Preset.objects.get().recipe.made_for == "any target"

    def test_makes_one_line_of_name_and_comment(self, max_: Client, pairing: Pairing) -> None:
        max_.post(PRESETS + "new/", typed(pairing, name=" Login \t under\nflood ", comment="SYN\nflood"))
        assert (Preset.objects.get().name, Preset.objects.get().comment) == ("Login under flood", "SYN flood")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", " "),
            ("name", "x" * 61),
            ("target_class", "planet"),
            ("inside", "fish"),
            ("pairing", "999"),
            ("minutes", "-1"),
            ("minutes", "525601"),
            ("minutes", ""),
            ("comment", "x" * 201),
            ("reason", "x" * 2001),
            ("reason", "a\x00b"),
        ],
    )
    def test_tells_what_is_wrong_at_its_field(self, field: str, value: str, max_: Client, pairing: Pairing) -> None:
        answer = max_.post(PRESETS + "new/", typed(pairing, **{field: value}))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
        assert not Preset.objects.exists()

    def test_tells_of_a_name_that_is_taken_at_the_name(self, max_: Client, pairing: Pairing) -> None:
        make_preset(pairing=pairing, name="login under syn flood")
        answer = max_.post(PRESETS + "new/", typed(pairing))
        assert answer.context["form"].errors["name"] == ["There is a preset named “Login under SYN flood” already."]
        assert (answer.status_code, Preset.objects.count()) == (422, 1)

    def test_tells_of_a_pairing_that_is_not_offered_in_a_sentence(self, max_: Client, cast: Cast) -> None:
        answer = max_.post(PRESETS + "new/", typed(make_pairing(offered=False)))
        [sentence] = answer.context["form"].errors["pairing"]
        assert sentence == "This platform and method are not offered any more. Choose another."

    def test_tells_of_minutes_that_the_pairing_does_not_allow(self, max_: Client, cast: Cast) -> None:
        answer = max_.post(PRESETS + "new/", typed(make_pairing(longest_minutes=90), minutes="91"))
        assert answer.context["form"].errors["minutes"] == ["Edge RTBH · Drop everything runs for 1 min to 1 h 30 min."]

    def test_keeps_everything_typed_when_something_is_wrong(self, max_: Client, pairing: Pairing) -> None:
        page = Page(max_.post(PRESETS + "new/", typed(pairing, inside="203.0.113.7/24")))
        assert page.typed == typed(pairing, inside="203.0.113.7/24") | {"target_class": "host"}

    def test_mends_the_prefix_by_a_press(self, max_: Client, pairing: Pairing) -> None:
        wrong = typed(pairing, inside="203.0.113.7/24")
        mends = Page(max_.post(PRESETS + "new/", wrong)).main.all("button", name="mend")
        assert [mend.attributes["value"] for mend in mends] == ["203.0.113.0/24", "203.0.113.7/32"]
        page = Page(max_.post(PRESETS + "new/", {**wrong, "mend": "203.0.113.0/24"}))
        assert (page.status, page.typed) == (200, typed(pairing))
        assert not Preset.objects.exists()


class TestEditing:
    def test_starts_from_what_is_there(self, max_: Client, pairing: Pairing) -> None:
        preset = make_preset(pairing=pairing)
        page = Page(max_.get(f"{PRESETS}{preset.pk}/"))
        assert (page.typed["name"], page.typed["target_class"]) == (preset.name, "host")
        assert (page.typed["pairing"], page.typed["inside"]) == (str(pairing.pk), "203.0.113.0/24")

    def test_changes_what_was_typed(self, max_: Client, pairing: Pairing) -> None:
        preset = make_preset(pairing=pairing)
        max_.post(f"{PRESETS}{preset.pk}/", typed(pairing))
        preset.refresh_from_db()
        assert (preset.name, Preset.objects.count()) == ("Login under SYN flood", 1)

    def test_of_a_retired_pairing_says_that_it_needs_another(self, max_: Client, cast: Cast) -> None:
        preset = make_preset(pairing=make_pairing(retired_at=NOW))
        page = Page(max_.get(f"{PRESETS}{preset.pk}/"))
        assert page.typed["pairing"] == ""
        assert "has been retired, so nobody can choose this preset." in page.notices[0]


class TestDeleting:
    def test_asks_first(self, max_: Client, pairing: Pairing) -> None:
        preset, before = make_preset(pairing=pairing), everything()
        page = Page(max_.get(f"{PRESETS}{preset.pk}/delete/"))
        assert page.heading == "Delete “Shop host under UDP flood”?"
        assert everything() == before

    def test_takes_it_away(self, max_: Client, pairing: Pairing) -> None:
        preset = make_preset(pairing=pairing)
        assert max_.post(f"{PRESETS}{preset.pk}/delete/").headers["Location"] == PRESETS
        assert not Preset.objects.exists()
        assert deeds(preset.name) == [("max", "preset.deleted", "done")]


@pytest.mark.parametrize("name", ["dana", "lee", "ana", "eve"])
def test_is_edited_by_administrators_only(name: str, signed_in, pairing: Pairing) -> None:
    preset = make_preset(pairing=pairing)
    before, person = everything_but_the_log(), signed_in(name)
    for place in ("new/", f"{preset.pk}/", f"{preset.pk}/delete/"):
        assert person.post(PRESETS + place, typed(pairing)).status_code == 403
    assert everything_but_the_log() == before
    assert deeds() == [(name, "preset.saved", "refused")] * 3


@pytest.mark.parametrize("id", ["999", "0", "9" * 30])
@pytest.mark.parametrize("deed", ["", "delete/"])
def test_one_that_is_not_there_is_not_found(id: str, deed: str, max_: Client, pairing: Pairing) -> None:
    assert max_.post(f"{PRESETS}{id}/{deed}", typed(pairing)).status_code == 404


def test_markup_is_shown_as_it_was_typed(max_: Client, pairing: Pairing, signed_in) -> None:
    markup = "\"'><img src=x onerror=alert(1)>"
    make_preset(pairing=pairing, name=markup, comment=markup, reason=markup)
    pages = [max_.get(PRESETS), max_.get(f"{PRESETS}{Preset.objects.get().pk}/"), signed_in("dana").get(PRESETS)]
    pages.append(signed_in("dana").get(f"/mitigations/new/?preset={Preset.objects.get().pk}"))
    assert not any("<img src=x" in page.content.decode() for page in pages)
