"""How often somebody may call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from accounts.allowance import spend
from accounts.bearer import make
from audit.models import Event
from tests.api.calling import Caller
from tests.making import NOW

pytestmark = pytest.mark.django_db
Calls = Callable[..., Caller]


@pytest.fixture(autouse=True)
def _few(settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 3


def test_says_how_many_are_left(calls: Calls) -> None:
    answer = calls("dana").get("/me")

    assert answer.headers["RateLimit-Policy"] == '"calls";q=3;w=60'
    assert answer.headers["RateLimit"] == '"calls";r=2;t=60'


def test_turns_away_what_is_too_much_until_the_minute_is_over(calls: Calls, clock: time_machine.Traveller) -> None:
    dana = calls("dana")
    clock.shift(timedelta(seconds=20))
    found = [dana.get("/me") for _ in range(4)]

    assert [each.status for each in found] == [200, 200, 200, 429]
    assert (found[3].headers["Retry-After"], found[3].headers["RateLimit"]) == ("40", '"calls";r=0;t=40')
    assert found[3].body["type"] == "urn:breakwater:problem:too-often"
    clock.shift(timedelta(seconds=40))
    assert dana.get("/me").status == 200


def test_counts_each_token_for_itself(calls: Calls) -> None:
    first, second = calls("dana"), calls("dana")
    for _ in range(4):
        first.get("/me")

    assert second.get("/me").status == 200


def test_counts_refusals_and_errors_too(calls: Calls) -> None:
    dana = calls("dana")
    found = [dana.get("/events").status, dana.get("/mitigations/MIT-9").status, dana.post("/mitigations").status]

    assert [*found, dana.get("/me").status] == [403, 404, 422, 429]


def test_counts_strangers_by_where_they_come_from_and_lets_a_token_from_there_in(calls: Calls) -> None:
    found = [Caller(make()).get("/me").status for _ in range(4)]

    assert found == [401, 401, 401, 429]
    assert calls("dana").get("/me").status == 200


def test_fills_no_log_with_strangers(db: None) -> None:
    for _ in range(10):
        Caller(make()).get("/me")

    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_counts_calls_at_the_same_moment_exactly() -> None:
    start, used = threading.Barrier(8), []

    def call() -> None:
        try:
            start.wait(20)
            used.extend(spend("token:1", most=3, at=NOW).used for _ in range(5))
        finally:
            connection.close()

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(used) == list(range(1, 41))
