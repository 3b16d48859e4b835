"""Stopping, through the pages: the worker does it where it can, and people do it in Kentik where it cannot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from mitigations.models import Mitigation, StopOrder
from mitigations.policies.lifecycle import Status
from mitigations.policies.stopping import OrderStatus
from tests.making import NOW, make_mitigation
from tests.people import Cast
from tests.showing import look, make_followed, make_order, make_sighting
from tests.views.facts import deeds
from tests.views.pages import Page


@pytest.fixture(autouse=True)
def _with_v6(settings) -> None:
    settings.KENTIK_V6, settings.KENTIK_BASE_URL = True, ""


@pytest.fixture
def dana(signed_in) -> Client:
    return signed_in("dana")


@pytest.fixture
def followed(cast: Cast) -> Mitigation:
    return make_followed(kentik_id="4711")


def address(mitigation: Mitigation, query: str = "") -> str:
    return f"/mitigations/{mitigation.reference}/stop/{query}"


def order(client: Client, mitigation: Mitigation, note: str = "The attack is over.") -> Any:
    return client.post(address(mitigation), {"note": note})


def buttons(client: Client, mitigation: Mitigation) -> list[str]:
    return Page(client.get(f"/mitigations/{mitigation.reference}/")).buttons


class TestAnOrder:
    @pytest.mark.parametrize("who", ["dana", "lee"])
    def test_is_kept_for_the_worker(self, who: str, followed: Mitigation, signed_in) -> None:
        order(signed_in(who), followed)
        kept = StopOrder.objects.get()
        assert (kept.ordered_by.username, kept.kentik_id, kept.reason) == (who, "4711", "The attack is over.")
        assert deeds(followed.reference) == [(who, "mitigation.stop-ordered", "done")]

    def test_leaves_it_active_until_kentik_shows_otherwise(self, followed: Mitigation, dana: Client) -> None:
        order(dana, followed)
        followed.refresh_from_db()
        assert followed.status == Status.ACTIVE

    def test_says_first_in_a_sentence_what_will_happen_to_what(self, followed: Mitigation, dana: Client) -> None:
        (lead,) = Page(dana.get(address(followed))).said("p", class_="lead")
        assert "tell Kentik at once to stop" in lead
        assert "203.0.113.7/32 , which drops all traffic to the target" in lead

    def test_promises_nothing_of_traffic_where_it_never_ran(self, dana: Client, cast: Cast) -> None:
        (lead,) = Page(dana.get(address(make_followed(appearance="start-failed")))).said("p", class_="lead")
        assert "It failed to start, so no traffic changes" in lead
        assert "flows as before" not in lead

    def test_needs_a_reason(self, followed: Mitigation, dana: Client) -> None:
        assert order(dana, followed, note=" ").status_code == 422
        assert not StopOrder.objects.exists()

    def test_given_twice_is_kept_once_and_said_to_be_under_way(self, followed: Mitigation, dana: Client) -> None:
        order(dana, followed)
        again = order(dana, followed)
        assert "It is being stopped already." in Page(dana.get(again.headers["Location"])).notices
        assert StopOrder.objects.count() == 1

    def test_under_way_is_said_before_the_button_is_pressed(self, followed: Mitigation, dana: Client) -> None:
        make_order(followed)
        page = Page(dana.get(address(followed)))
        assert "It is being stopped already." in page.alarms[0]
        assert "disabled" in page.main.all("button")[0].attributes

    def test_that_was_refused_may_be_given_anew(self, followed: Mitigation, dana: Client) -> None:
        make_order(followed, OrderStatus.REFUSED)
        order(dana, followed)
        assert [each.status for each in StopOrder.objects.all()] == ["refused", "waiting"]

    @pytest.mark.parametrize("who", ["ana", "max", "eve"])
    def test_by_whoever_may_not_is_refused_and_remembered(self, who: str, followed: Mitigation, signed_in) -> None:
        assert order(signed_in(who), followed).status_code == 403
        assert not StopOrder.objects.exists()
        assert deeds(followed.reference) == [(who, "mitigation.stop-ordered", "refused")]

    def test_leads_to_the_record_for_whoever_did_it_in_kentik(self, followed: Mitigation, dana: Client) -> None:
        assert Page(dana.get(address(followed))).links["I have stopped it in Kentik myself"] == "?record=1"


BLIND: list[dict[str, Any]] = [
    {"refused_at": NOW, "refusal": "Not yours."},
    {"listed_at": NOW - timedelta(minutes=6)},
    {"listed_at": None},
]


class TestWhereThePortalCannot:
    @pytest.mark.parametrize("values", BLIND)
    def test_the_page_tells_how_to_do_it_in_kentik(
        self, values: dict[str, Any], followed: Mitigation, dana: Client
    ) -> None:
        look(**values)
        page = Page(dana.get(address(followed)))
        assert page.heading == f"Stop {followed.target} in Kentik"
        steps = page.all("ol", class_="by-hand")[0]
        assert steps.all("a")[0].attributes["href"] == "https://portal.kentik.com/v4/protect/mitigations/4711"

    def test_the_page_says_why(self, followed: Mitigation, dana: Client) -> None:
        look(refused_at=NOW, refusal="Not yours.")
        assert (
            "Not yours. That is why the portal cannot have it stopped." in Page(dana.get(address(followed))).main.text
        )

    def test_its_form_records_and_orders_nothing(self, followed: Mitigation, dana: Client) -> None:
        look(refused_at=NOW, refusal="Not yours.")
        form = Page(dana.get(address(followed))).main.all("form")[0]
        dana.post(address(followed, form.attributes["action"]), {"note": "Cleared, by me."})
        followed.refresh_from_db()
        assert (followed.status, StopOrder.objects.count()) == (Status.STOPPED, 0)

    def test_an_order_from_a_page_that_was_opened_before_is_no_record(self, followed: Mitigation, dana: Client) -> None:
        look(refused_at=NOW, refusal="Not yours.")
        answer = order(dana, followed)
        followed.refresh_from_db()
        assert (answer.status_code, followed.status, StopOrder.objects.count()) == (409, Status.ACTIVE, 0)
        assert "Stop it in Kentik." in Page(answer).alarms[0]

    def test_without_an_id_the_steps_name_the_page(self, cast: Cast, dana: Client) -> None:
        mitigation = make_mitigation(Status.ACTIVE)
        look()
        steps = Page(dana.get(address(mitigation))).all("ol", class_="by-hand")[0]
        assert steps.all("a") == []
        assert "Protect › Mitigations" in steps.text


class TestOneThatWasSentJustNow:
    def test_is_said_to_be_possible_in_a_minute(self, cast: Cast, dana: Client) -> None:
        look(listed_at=NOW - timedelta(seconds=20))
        page = Page(dana.get(address(make_mitigation(Status.ACTIVE, target="203.0.113.9/32"))))

        assert page.heading == "Stop 203.0.113.9/32"
        assert "Kentik has not been looked at since. It can be stopped from here in about a minute." in page.alarms[0]
        assert page.links["I have stopped it in Kentik myself"] == "?record=1"


class TestRecordingWhatKentikShows:
    def test_is_possible_where_the_worker_could_stop_it(self, followed: Mitigation, dana: Client) -> None:
        dana.post(address(followed, "?record=1"), {"note": "Stopped it there."})
        followed.refresh_from_db()
        assert followed.status == Status.STOPPED
        assert deeds(followed.reference) == [("dana", "mitigation.stopped", "done")]

    @pytest.mark.parametrize("who", ["ana", "max", "eve"])
    def test_by_whoever_may_not_is_refused_and_remembered(self, who: str, followed: Mitigation, signed_in) -> None:
        answer = signed_in(who).post(address(followed, "?record=1"), {"note": "Stopped."})
        assert answer.status_code == 403
        assert deeds(followed.reference) == [(who, "mitigation.stopped", "refused")]


class TestTheButton:
    def test_stops_where_the_portal_can(self, followed: Mitigation, dana: Client) -> None:
        assert buttons(dana, followed) == ["Stop …"]

    def test_records_while_an_order_is_under_way(self, followed: Mitigation, dana: Client) -> None:
        make_order(followed)
        assert buttons(dana, followed) == ["Record a stop …"]

    @pytest.mark.parametrize(("seconds", "button"), [(59, "Record a stop …"), (60, "Stop …")])
    def test_stops_again_when_nothing_came_of_what_kentik_was_told(
        self, seconds: int, button: str, followed: Mitigation, dana: Client
    ) -> None:
        make_order(followed, OrderStatus.DELIVERED, ordered_at=NOW - timedelta(seconds=seconds))
        assert buttons(dana, followed) == [button]

    def test_stops_again_when_the_order_was_refused(self, followed: Mitigation, dana: Client) -> None:
        make_order(followed, OrderStatus.REFUSED)
        assert buttons(dana, followed) == ["Stop …"]

    @pytest.mark.parametrize("values", BLIND)
    def test_records_where_kentik_is_not_seen(self, values: dict[str, Any], followed: Mitigation, dana: Client) -> None:
        look(**values)
        assert buttons(dana, followed) == ["Record a stop …"]

    def test_records_what_kentik_does_not_hold_any_more(self, cast: Cast, dana: Client) -> None:
        mitigation = make_followed(occupies=False, appearance="ended", label="Clear")
        assert buttons(dana, mitigation) == ["Record a stop …"]

    @pytest.mark.parametrize("who", ["ana", "max"])
    def test_is_none_for_whoever_only_looks(self, who: str, followed: Mitigation, signed_in) -> None:
        assert buttons(signed_in(who), followed) == []


def test_what_is_elsewhere_offers_no_stop(cast: Cast, signed_in) -> None:
    look()
    make_sighting()
    page = Page(signed_in("lee").get("/mitigations/elsewhere/"))
    assert not [words for words in page.links if "top" in words]
