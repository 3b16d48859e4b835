from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from audit.models import Event
from mitigations.models import Method, Pairing, Platform
from mitigations.policies.lifecycle import Status
from tests.making import NOW, make_mitigation, make_pairing
from tests.people import Cast
from tests.views.facts import deeds, everything_but_the_log
from tests.views.pages import Page

CATALOGUE = "/catalogue/"
PLATFORM = {"kentik_id": "300", "name": "New RTBH", "kind": "rtbh", "description": "At the edge."}
PAIRING = {
    "offered": "on",
    "effect": "drops everything",
    "ipv4": "on",
    "widest_ipv4": "24",
    "widest_ipv6": "48",
    "default_minutes": "60",
    "longest_minutes": "240",
    "runbook_url": "https://wiki.example.net/rtbh",
}


@pytest.fixture
def max_(signed_in) -> Client:
    return signed_in("max")


@pytest.fixture
def pairing(cast: Cast) -> Pairing:
    return make_pairing(longest_minutes=240)


def create(client: Client, what: str, **values: str) -> Any:
    return client.post(f"{CATALOGUE}{what}/new/", values)


def edit(client: Client, thing: Any, **values: str) -> Any:
    return client.post(f"{CATALOGUE}{thing._meta.model_name}/{thing.pk}/", values)


class TestTheCatalogue:
    def test_keeps_the_runbook_beside_what_it_is_for(self, max_: Client, cast: Cast) -> None:
        """On a phone each child of a cell would be a part of the row."""
        make_pairing(runbook_url=PAIRING["runbook_url"])
        (cell,) = Page(max_.get(CATALOGUE)).main.all("td", data_label="What it does")
        assert len(cell.children) == 1
        assert cell.text.endswith("· runbook")

    def test_is_shown_to_everybody(self, signed_in, pairing: Pairing) -> None:
        for who in ("dana", "lee", "ana"):
            text = Page(signed_in(who).get(CATALOGUE)).main.text
            assert "Edge RTBH · Drop everything" in text
            assert "IPv4 to /24, IPv6 to /48" in text

    def test_leads_max_to_edit_each_thing(self, max_: Client, pairing: Pairing) -> None:
        links = set(Page(max_.get(CATALOGUE)).links.values())
        assert {
            f"{CATALOGUE}pairing/{pairing.pk}/",
            f"{CATALOGUE}platform/{pairing.platform_id}/",
            f"{CATALOGUE}method/{pairing.method_id}/",
            f"{CATALOGUE}pairing/new/",
        } <= links

    def test_leads_nobody_else_to_edit(self, signed_in, pairing: Pairing) -> None:
        links = [link for who in ("dana", "lee", "ana") for link in Page(signed_in(who).get(CATALOGUE)).links.values()]
        assert [link for link in links if link.startswith(CATALOGUE)] == []

    def test_says_what_to_do_while_it_is_empty(self, signed_in) -> None:
        assert "The catalogue is empty" in Page(signed_in("dana").get(CATALOGUE)).main.text

    def test_marks_what_is_retired(self, signed_in, cast: Cast) -> None:
        make_pairing(retired_at=NOW)
        assert "retired" in Page(signed_in("dana").get(CATALOGUE)).all("tr", class_="retired")[0].text


class TestCreating:
    def test_a_platform_keeps_what_was_typed(self, max_: Client) -> None:
        create(max_, "platform", **PLATFORM)
        platform = Platform.objects.get()
        assert {name: getattr(platform, name) for name in PLATFORM} == PLATFORM

    def test_a_method_keeps_what_was_typed(self, max_: Client) -> None:
        create(max_, "method", **PLATFORM)
        assert Method.objects.get().kentik_id == "300"

    def test_a_pairing_keeps_what_was_typed(self, max_: Client, pairing: Pairing) -> None:
        method = Method.objects.create(kentik_id="776", name="Drop the /24", kind="rtbh")
        create(max_, "pairing", platform_id=str(pairing.platform_id), method_id=str(method.pk), **PAIRING)
        made = Pairing.objects.get(method=method)
        assert (made.offered, made.ipv4, made.ipv6, made.longest_minutes) == (True, True, False, 240)

    def test_leaves_one_event_that_names_the_values(self, max_: Client) -> None:
        create(max_, "platform", **PLATFORM)
        assert deeds() == [("max", "catalogue.saved", "done")]
        assert Event.objects.get().facts["values"]["name"] == "New RTBH"

    def test_says_so_in_the_catalogue(self, max_: Client) -> None:
        answer = create(max_, "method", **PLATFORM)
        assert answer.headers["Location"] == CATALOGUE
        assert "New RTBH is saved." in Page(max_.get(CATALOGUE)).notices

    def test_a_second_of_one_kentik_id_is_told_beside_the_field(self, max_: Client) -> None:
        create(max_, "platform", **PLATFORM)
        answer = create(max_, "platform", **PLATFORM)
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["kentik_id"])

    @pytest.mark.parametrize("kentik_id", ["", "25x", "-1", "٣", "1.0", "9" * 20, "1 2"])
    def test_with_an_id_that_kentik_cannot_have_is_told(self, kentik_id: str, max_: Client) -> None:
        answer = create(max_, "platform", **{**PLATFORM, "kentik_id": kentik_id})
        assert (answer.status_code, Platform.objects.count()) == (422, 0)
        assert "kentik_id" in answer.context["form"].errors

    def test_keeps_every_value_typed_when_one_is_wrong(self, max_: Client) -> None:
        page = Page(create(max_, "platform", **{**PLATFORM, "kentik_id": "25x"}))
        assert page.typed == {**PLATFORM, "kentik_id": "25x"}

    def test_a_pairing_twice_is_told(self, max_: Client, pairing: Pairing) -> None:
        ids = {"platform_id": str(pairing.platform_id), "method_id": str(pairing.method_id)}
        answer = create(max_, "pairing", **ids, **PAIRING)
        assert (answer.status_code, Pairing.objects.count()) == (422, 1)
        assert "already exists" in Page(answer).alarms[0]

    def test_a_pairing_of_two_types_is_told(self, max_: Client, pairing: Pairing) -> None:
        method = Method.objects.create(kentik_id="777", name="Rate limit", kind="flowspec")
        answer = create(max_, "pairing", platform_id=str(pairing.platform_id), method_id=str(method.pk), **PAIRING)
        assert "Flowspec methods do not run on RTBH platforms" in Page(answer).alarms[0]
        assert Pairing.objects.count() == 1

    @pytest.mark.parametrize(
        "values",
        [
            {"default_minutes": "300", "longest_minutes": "240"},
            {"default_minutes": "0", "longest_minutes": "240"},
            {"widest_ipv4": "33"},
            {"widest_ipv6": "129"},
            {"effect": ""},
            {"runbook_url": "javascript:alert(1)"},
            {"runbook_url": "ftp://wiki.example.net/"},
        ],
    )
    def test_a_pairing_that_makes_no_sense_is_told(
        self, values: dict[str, str], max_: Client, pairing: Pairing
    ) -> None:
        method = Method.objects.create(kentik_id="776", name="Drop the /24", kind="rtbh")
        ids = {"platform_id": str(pairing.platform_id), "method_id": str(method.pk)}
        answer = create(max_, "pairing", **{**PAIRING, **ids, **values})
        assert (answer.status_code, Pairing.objects.count()) == (422, 1)

    def test_of_what_the_catalogue_does_not_have_is_not_found(self, max_: Client) -> None:
        assert max_.get(f"{CATALOGUE}fish/new/").status_code == 404


class TestEditing:
    def test_starts_from_what_is_there(self, max_: Client, pairing: Pairing) -> None:
        typed = Page(max_.get(f"{CATALOGUE}pairing/{pairing.pk}/")).typed
        assert (typed["effect"], typed["longest_minutes"], typed["offered"]) == (pairing.effect, "240", "on")

    def test_changes_what_was_typed(self, max_: Client, pairing: Pairing) -> None:
        edit(max_, pairing, **{**PAIRING, "effect": "drops it all", "offered": ""})
        pairing.refresh_from_db()
        assert pairing.effect == "drops it all"

    def test_switches_off_what_is_not_ticked(self, max_: Client, pairing: Pairing) -> None:
        edit(max_, pairing, **{name: value for name, value in PAIRING.items() if name != "offered"})
        pairing.refresh_from_db()
        assert (pairing.offered, pairing.ipv6) == (False, False)

    def test_leaves_one_event_with_the_values_before_and_after(self, max_: Client, pairing: Pairing) -> None:
        edit(max_, pairing.platform, name="Edge", kind="rtbh")
        facts = Event.objects.get().facts
        assert (facts["before"]["name"], facts["values"]["name"]) == ("Edge RTBH", "Edge")

    def test_never_changes_the_kentik_id(self, max_: Client, pairing: Pairing) -> None:
        edit(max_, pairing.platform, **{**PLATFORM, "kentik_id": "999"})
        pairing.platform.refresh_from_db()
        assert (pairing.platform.kentik_id, pairing.platform.name) == ("257", "New RTBH")

    def test_never_shows_the_kentik_id_as_a_field(self, max_: Client, pairing: Pairing) -> None:
        assert "kentik_id" not in Page(max_.get(f"{CATALOGUE}platform/{pairing.platform_id}/")).typed

    def test_never_changes_which_two_a_pairing_pairs(self, max_: Client, pairing: Pairing) -> None:
        method = Method.objects.create(kentik_id="776", name="Drop the /24", kind="rtbh")
        edit(max_, pairing, **PAIRING, method_id=str(method.pk))
        pairing.refresh_from_db()
        assert pairing.method.kentik_id == "775"

    def test_keeps_every_value_typed_when_one_is_wrong(self, max_: Client, pairing: Pairing) -> None:
        typed = {**PAIRING, "default_minutes": "500"}
        assert Page(edit(max_, pairing, **typed)).typed == typed

    def test_does_not_leave_a_pairing_of_two_types_behind(self, max_: Client, pairing: Pairing) -> None:
        """A pairing of two types is refused when it is made; editing one of the two must not bring it about."""
        edit(max_, pairing.platform, name="Edge", kind="flowspec")
        pairing.refresh_from_db()
        assert pairing.platform.kind == pairing.method.kind

    @pytest.mark.parametrize("id", ["999", "0", "9" * 30, "9" * 5000])
    def test_of_what_is_not_there_is_not_found(self, id: str, max_: Client, pairing: Pairing) -> None:
        for deed in ("", "retire/", "restore/"):
            assert max_.post(f"{CATALOGUE}pairing/{id}/{deed}", PAIRING).status_code == 404


@pytest.mark.parametrize("what", ["platform", "method", "pairing"])
class TestRetiring:
    def thing(self, pairing: Pairing, what: str) -> Any:
        return pairing if what == "pairing" else getattr(pairing, what)

    def test_offers_it_no_more(self, what: str, max_: Client, signed_in, pairing: Pairing) -> None:
        thing = self.thing(pairing, what)
        max_.post(f"{CATALOGUE}{what}/{thing.pk}/retire/")
        thing.refresh_from_db()
        assert thing.retired_at == NOW
        page = Page(signed_in("dana").get("/mitigations/new/"))
        assert page.all("input", name="pairing") == []
        assert "No platform and method is offered yet." in page.main.text

    def test_leaves_one_event(self, what: str, max_: Client, pairing: Pairing) -> None:
        max_.post(f"{CATALOGUE}{what}/{self.thing(pairing, what).pk}/retire/")
        assert deeds() == [("max", "catalogue.retired", "done")]

    def test_keeps_it_named_by_what_used_it(self, what: str, max_: Client, signed_in, pairing: Pairing) -> None:
        mitigation = make_mitigation(Status.ENDED, pairing=pairing)
        max_.post(f"{CATALOGUE}{what}/{self.thing(pairing, what).pk}/retire/")
        page = Page(signed_in("dana").get(f"/mitigations/{mitigation.reference}/"))
        assert "Edge RTBH · Drop everything" in page.main.text

    def test_can_be_taken_back(self, what: str, max_: Client, pairing: Pairing) -> None:
        thing = self.thing(pairing, what)
        max_.post(f"{CATALOGUE}{what}/{thing.pk}/retire/")
        max_.post(f"{CATALOGUE}{what}/{thing.pk}/restore/")
        thing.refresh_from_db()
        assert thing.retired_at is None
        assert deeds()[-1] == ("max", "catalogue.restored", "done")


@pytest.mark.parametrize("who", ["dana", "lee", "kim", "ana", "eve"])
@pytest.mark.parametrize(
    "place", ["pairing/new/", "platform/new/", "pairing/{}/", "pairing/{}/retire/", "pairing/{}/restore/"]
)
def test_whoever_is_no_administrator_changes_nothing(place: str, who: str, signed_in, pairing: Pairing) -> None:
    before = everything_but_the_log()
    answer = signed_in(who).post(CATALOGUE + place.format(pairing.pk), {**PAIRING, **PLATFORM})
    assert answer.status_code == 403
    assert everything_but_the_log() == before
    assert Pairing.objects.get() == pairing
    assert deeds() == [(who, "catalogue.saved", "refused")]
