"""What is told while Kentik does not answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from mitigations.models import Mitigation
from mitigations.policies.lifecycle import Status
from tests.making import make_exchange, make_mitigation
from tests.views.pages import Page

WHY = "Kentik could not be reached; nothing was sent."


@pytest.fixture
def lee(signed_in) -> Client:
    return signed_in("lee")


def lose(mitigation: Mitigation, *seconds_ago: int) -> None:
    for ago in seconds_ago:
        at = timezone.now() - timedelta(seconds=ago)
        make_exchange(mitigation, at=at, status=None, outcome="not-sent", error=WHY)


def told(client: Client, path: str) -> str:
    found = Page(client.get(path)).all(class_="silent")
    return found[0].text if found else ""


def test_says_since_when_and_that_the_portal_goes_on(lee: Client) -> None:
    lose(make_mitigation(Status.APPROVED), 90, 40, 5)
    said = told(lee, "/")
    assert "Of 3 calls none was answered" in said
    assert WHY in said
    assert "waits, and is sent as soon as Kentik answers" in said


def test_is_over_with_the_first_answer_whatever_it_says(lee: Client) -> None:
    mitigation = make_mitigation(Status.APPROVED)
    lose(mitigation, 90, 40)
    make_exchange(mitigation, at=timezone.now(), status=429, outcome="throttled")
    assert told(lee, "/") == ""


def test_an_answer_of_something_in_between_is_none(lee: Client) -> None:
    mitigation = make_mitigation(Status.APPROVED)
    lose(mitigation, 90)
    make_exchange(mitigation, at=timezone.now(), status=502, outcome="failed", error="Kentik answered 502.")
    assert "Of 2 calls none was answered" in told(lee, "/")


def test_says_on_what_waits_how_it_is_done_by_hand_and_only_there(lee: Client) -> None:
    waits, over = make_mitigation(Status.APPROVED), make_mitigation(Status.ENDED)
    lose(waits, 90, 40)
    said = told(lee, f"/mitigations/{waits.reference}/")
    assert f"start a manual mitigation of {waits.target}" in said
    assert waits.marked_comment in said
    assert told(lee, f"/mitigations/{over.reference}/") == ""
