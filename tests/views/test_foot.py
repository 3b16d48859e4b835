"""The foot of every page, and what the overview says of the lane."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from mitigations.models import Lane
from mitigations.policies.lifecycle import Status
from tests.making import NOW, make_exchange, make_mitigation
from tests.views.pages import Page


@pytest.fixture
def ana(signed_in) -> Client:
    return signed_in("ana")


def make_lane(**values: object) -> Lane:
    return Lane.objects.create(fence=1, **values)


def paused(seconds: float) -> Lane:
    return make_lane(paused_until=timezone.now() + timedelta(seconds=seconds), throttled=1)


def skewed(seconds: float) -> Lane:
    return make_lane(skew_ms=seconds * 1000, skew_measured_at=timezone.now())


def called(count: int = 1, *, seconds_ago: float = 10) -> None:
    mitigation = make_mitigation(Status.ENDED)
    for _ in range(count):
        make_exchange(mitigation, at=timezone.now() - timedelta(seconds=seconds_ago))


def page(client: Client, address: str = "/") -> Page:
    return Page(client.get(address))


def foot(client: Client, address: str = "/") -> str:
    [found] = page(client, address).all("footer")
    return found.text


class TestTheFoot:
    def test_tells_which_kentik_when_it_was_called_and_what_is_left(self, ana: Client) -> None:
        make_lane()
        called(2)

        assert foot(ana) == "Kentik: sandbox · last call 10 s ago · budget 18/20 · log not verified yet"

    @pytest.mark.parametrize("address", ["/", "/mitigations/", "/catalogue/", "/audit/"])
    def test_is_on_every_page(self, ana: Client, address: str) -> None:
        assert foot(ana, address) == "Kentik: sandbox · no call yet · budget 20/20 · log not verified yet"

    def test_says_so_when_the_lane_is_paused(self, ana: Client) -> None:
        paused(40)

        assert "budget 20/20 · paused" in foot(ana)

    def test_is_not_shown_to_whoever_may_see_nothing(self, signed_in) -> None:
        assert Page(signed_in("eve").get("/")).all("footer") == []

    def test_is_not_shown_to_a_stranger(self, client: Client) -> None:
        assert Page(client.get("/account/login/")).all("footer") == []

    @pytest.mark.parametrize(
        ("settings_", "name"),
        [
            ({"KENTIK_BASE_URL": "", "KENTIK_REGION": "eu"}, "EU"),
            ({"KENTIK_BASE_URL": "https://api.kentik.com"}, "US"),
            ({"KENTIK_BASE_URL": "http://localhost:8001"}, "sandbox"),
            ({"KENTIK_BASE_URL": "https://robot:canary-7f3a9c51@relay.example.net:8443/x"}, "relay.example.net"),
            ({"KENTIK_BASE_URL": "https://[::1"}, "no address"),
        ],
    )
    def test_names_kentik_without_a_credential(self, ana: Client, settings, settings_: dict, name: str) -> None:
        for setting, value in settings_.items():
            setattr(settings, setting, value)

        assert foot(ana).startswith(f"Kentik: {name} · no call yet")

    @pytest.mark.parametrize(("seconds", "words"), [(3, "is 3 s ahead of ours"), (-90, "is 1 min 30 s behind ours")])
    def test_has_the_difference_of_the_clocks_in_its_title(self, ana: Client, seconds: int, words: str) -> None:
        skewed(seconds)

        [line] = page(ana).all("footer")[0].all("p")
        assert line.attributes["title"].startswith(f"Kentik’s clock {words}, as of ")

    def test_is_silent_about_what_whole_seconds_can_hide(self, ana: Client) -> None:
        skewed(1.9)

        [line] = page(ana).all("footer")[0].all("p")
        assert "title" not in line.attributes


class TestTheOverview:
    def test_says_that_kentik_asked_to_slow_down_and_how_many_wait(self, ana: Client) -> None:
        paused(40.9)
        for _ in range(3):
            make_mitigation(Status.APPROVED)

        assert page(ana).alarms == ["Kentik asked us to slow down The next call leaves in 40 s . 3 wait."]

    @pytest.mark.parametrize(
        ("v6", "calls", "words"),
        [
            (False, 20, "20 calls may go to Kentik within a minute. 1 waits for"),
            (True, 17, "of which 3 are kept for looking at it. 1 waits for"),
        ],
    )
    def test_says_that_the_budget_is_spent_instead_of_doubting_the_worker(
        self, v6: bool, calls: int, words: str, ana: Client, settings
    ) -> None:
        settings.KENTIK_V6 = v6
        make_lane()
        called(calls)
        make_mitigation(Status.APPROVED, at=NOW - timedelta(minutes=5))

        shown = page(ana)
        assert shown.alarms == []
        assert words in shown.all(class_="notice")[0].text

    def test_doubts_the_worker_when_there_is_budget(self, ana: Client) -> None:
        make_lane()
        called(19)
        make_mitigation(Status.APPROVED, at=NOW - timedelta(minutes=5))

        assert "Approved, but not sent" in page(ana).alarms[0]

    @pytest.mark.parametrize(("seconds", "told"), [(30, False), (-30, False), (31, True), (-31, True)])
    def test_warns_of_clocks_that_differ_gravely(self, ana: Client, seconds: int, told: bool) -> None:
        skewed(seconds)

        assert ("The clocks differ" in " ".join(page(ana).alarms)) is told


class TestAMitigation:
    @pytest.mark.parametrize(("seconds", "told"), [(30, False), (31, True)])
    def test_says_by_whose_clock_its_times_are(self, ana: Client, seconds: int, told: bool) -> None:
        skewed(seconds)
        mitigation = make_mitigation(Status.ACTIVE, at=timezone.now())

        text = page(ana, f"/mitigations/{mitigation.reference}/").text
        assert ("Kentik’s clock is 31 s ahead of ours: times here are by ours." in text) is told
