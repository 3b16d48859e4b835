"""How pages look to one person: their own taste."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from audit.models import Event
from tests.making import NOW
from tests.people import Cast
from tests.views.pages import Page

OWN = "/account/preferences/"
CHOSEN = {"time_zone": "Asia/Kolkata", "hours": "12", "shortcuts": "on"}


@pytest.fixture
def dana(signed_in) -> Client:
    return signed_in("dana")


def save(client: Client, **typed: str) -> HttpResponse:
    return client.post(OWN, {**CHOSEN, **typed})


def taste(cast: Cast) -> tuple[Any, ...]:
    me = User.objects.get(pk=cast.dana.pk)
    return me.time_zone, me.twelve_hours, me.shortcuts


def test_begin_with_the_sites_zone_24_hours_and_shortcuts(dana: Client) -> None:
    assert Page(dana.get(OWN)).typed == {"time_zone": "", "hours": "24", "shortcuts": "on"}


def test_are_kept_and_shown_again(dana: Client, cast: Cast) -> None:
    assert save(dana).headers["Location"] == OWN
    assert taste(cast) == ("Asia/Kolkata", True, True)
    assert Page(dana.get(OWN)).typed == CHOSEN


def test_can_be_taken_back(dana: Client, cast: Cast) -> None:
    save(dana)
    dana.post(OWN, {"time_zone": "", "hours": "24"})
    assert taste(cast) == ("", False, False)


def test_take_a_city_for_its_zone(dana: Client, cast: Cast) -> None:
    save(dana, time_zone="st johns")
    assert taste(cast)[0] == "America/St_Johns"


def test_are_ones_own_taste_and_leave_no_event(dana: Client) -> None:
    save(dana)
    assert not Event.objects.exists()


def test_change_nobody_elses(dana: Client) -> None:
    save(dana)
    assert list(User.objects.exclude(time_zone="").values_list("username", flat=True)) == ["dana"]


def test_are_there_for_somebody_without_a_role(signed_in, cast: Cast) -> None:
    save(signed_in("eve"))
    assert User.objects.get(pk=cast.eve.pk).time_zone == "Asia/Kolkata"


@pytest.mark.parametrize("typed", ["Atlantis", "Europe", "Eastern", "Etc/GMT+5", "x" * 65])
def test_keep_what_was_typed_when_it_names_no_zone(typed: str, dana: Client, cast: Cast) -> None:
    answer = save(dana, time_zone=typed)
    assert answer.status_code == 422
    assert Page(answer).typed == {**CHOSEN, "time_zone": typed}
    assert taste(cast) == ("", False, True)


def test_say_what_is_wrong_with_a_zone(dana: Client) -> None:
    assert "“Atlantis” names no time zone" in Page(save(dana, time_zone="Atlantis")).alarms[0]


def test_offer_the_zones_by_name(dana: Client) -> None:
    [zones] = Page(dana.get(OWN)).all("datalist")
    assert {"UTC", "Asia/Kolkata", "America/St_Johns"} <= {each.attributes["value"] for each in zones.all("option")}


def test_name_the_sites_zone(dana: Client, settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    assert "the site’s, which is Europe/Berlin" in Page(dana.get(OWN)).main.text


@time_machine.travel(NOW, tick=False)
def test_show_what_they_do(dana: Client) -> None:
    save(dana)
    assert "as your pages tell it: 2026-11-23 8:30:00 am IST" in Page(dana.get(OWN)).main.text


def test_lead_to_messages_questions_and_shortcuts(dana: Client) -> None:
    links = Page(dana.get(OWN)).links
    assert [links[each] for each in ("Messages", "Questions", "Shortcuts")] == [
        "/account/messages/",
        "/account/questions/",
        "/account/shortcuts/",
    ]
