"""Following and verifying the audit log by the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.db import connection

from accounts import tokens
from accounts.authority import Scope
from accounts.signing_in import record_sign_in
from audit.chain import tied
from audit.models import Event, Item
from mitigations.api import log, waiting
from tests.api.calling import Caller
from tests.audit import logbook
from tests.making import NOW, make_checkpoint, make_event, make_exchange, make_mitigation, make_token
from tests.people import Cast, acting, make_cast

pytestmark = pytest.mark.django_db
Calls = Callable[..., Caller]


@pytest.fixture
def ana(calls: Calls) -> Caller:
    """She has read before, which is an event."""
    caller = calls("ana", Scope.AUDIT)
    caller.get("/events")
    return caller


def happen(cast: Cast, count: int = 1) -> None:
    for _ in range(count):
        record_sign_in(by=acting(cast.dana), at=NOW)


class TestFollowing:
    def test_goes_through_the_log_in_order_without_a_gap(self, ana: Caller, cast: Cast) -> None:
        happen(cast, 7)
        numbers, after = [], 0
        for _ in range(6):
            page = ana.get("/events", {"after": after, "limit": 2}).body
            numbers += [each["number"] for each in page["items"]]
            after = page["next"]

        assert numbers == list(range(1, Event.objects.count() + 1))
        assert after == page["head"] == Event.objects.count()

    def test_gives_what_an_export_has_so_that_the_chain_can_be_followed(self, ana: Caller, cast: Cast) -> None:
        happen(cast)
        items = ana.get("/events").body["items"]

        for before, each in pairwise(items):
            assert each["hash"] == tied(before["hash"], each["body"])
        assert (items[-1]["sentence"], items[-1]["at"]) == ("dana signed in", "2026-11-23T03:00:00Z")

    def test_says_where_to_go_on_when_nothing_passes_the_filter(self, ana: Caller, cast: Cast) -> None:
        happen(cast, 3)
        page = ana.get("/events", {"deed": "mitigation.asked"}).body

        assert (page["items"], page["next"]) == ([], Event.objects.count())

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ({"person": "dana"}, 1),
            ({"deed": "account.signed-in"}, 1),
            ({"subject": "dana"}, 1),
            ({"outcome": "refused"}, 0),
            ({"words": "signed"}, 1),
            ({"words": "…"}, 0),
            ({"since": "2026-11-23T03:00:01Z"}, 0),
            ({"review": "true"}, 1),
        ],
    )
    def test_shows_what_the_filters_let_through(
        self, ana: Caller, cast: Cast, query: dict[str, str], count: int
    ) -> None:
        happen(cast)

        assert len(ana.get("/events", query).body["items"]) == count

    def test_is_in_the_log_once_a_day_for_each_token(
        self, ana: Caller, calls: Calls, clock: time_machine.Traveller
    ) -> None:
        ana.get("/events", {"after": 2})
        calls("ana").get("/events", {"after": 1})
        clock.shift(timedelta(days=1))
        ana.get("/events", {"after": 3})
        said = [each.facts["after"] for each in Event.objects.filter(deed="audit.followed").order_by("number")]

        assert said == [0, 1, 3]
        assert Event.objects.latest("number").sentence.endswith(", read the log from event 3 on")

    def test_is_in_the_log_when_it_is_read_one_by_one_too(self, cast: Cast) -> None:
        caller = Caller(make_token(cast.ana).text)
        for number in (1, 2):
            caller.get(f"/events/{number}")

        assert [each.facts["after"] for each in Event.objects.filter(deed="audit.followed")] == [0]

    def test_shows_one(self, ana: Caller) -> None:
        assert ana.get("/events/1").body["number"] == 1
        assert ana.get("/events/999").status == 404

    def test_asks_the_database_a_constant_number_of_times(
        self, ana: Caller, cast: Cast, django_assert_num_queries: Any
    ) -> None:
        for count in (2, 40):
            happen(cast, count)
            with django_assert_num_queries(QUERIES):
                assert len(ana.get("/events").body["items"]) > count


QUERIES = 5


class TestFollowingExchanges:
    @pytest.fixture
    def ana(self, ana: Caller) -> Caller:
        ana.get("/exchanges")
        return ana

    def test_goes_through_them_in_order_without_a_gap_and_gives_what_an_export_has(self, ana: Caller) -> None:
        for status in (200, 200, 503):
            make_exchange(make_mitigation(), status=status)
        first = ana.get("/exchanges", {"limit": 2}).body
        second = ana.get("/exchanges", {"limit": 2, "after": first["next"]}).body
        items = [*first["items"], *second["items"]]

        assert [each["number"] for each in items] == [1, 2, 3]
        assert (first["next"], second["next"], second["head"]) == (2, 3, 3)
        assert [json.loads(each["body"])["status"] for each in items] == [200, 200, 503]
        assert json.loads(items[2]["detail"])["request_body"] == "{}"
        for before, each in pairwise(items):
            assert each["hash"] == tied(before["hash"], each["body"])

    def test_shows_nothing_beside_what_is_redacted(self, ana: Caller) -> None:
        make_exchange()
        logbook.behind_its_back("UPDATE mitigations_exchange SET detail = NULL")

        assert ana.get("/exchanges").body["items"][0]["detail"] is None

    def test_says_where_to_go_on_when_there_is_none(self, ana: Caller) -> None:
        page = ana.get("/exchanges", {"after": 7}).body

        assert (page["items"], page["next"], page["head"]) == ([], 7, 0)

    def test_is_in_the_log_once_a_day_apart_from_the_events(self, ana: Caller, clock: time_machine.Traveller) -> None:
        ana.get("/exchanges", {"after": 2})
        clock.shift(timedelta(days=1))
        ana.get("/exchanges", {"after": 3})
        read = [each for each in Event.objects.order_by("number") if each.deed in READ]

        assert [(each.deed, each.facts["after"]) for each in read] == [*zip(READ, (0, 0), strict=True), (READ[1], 3)]
        assert read[-1].sentence.endswith(", read the exchanges from number 3 on")

    def test_asks_the_database_a_constant_number_of_times(self, ana: Caller, django_assert_num_queries: Any) -> None:
        for count in (2, 40):
            for _ in range(count):
                make_exchange()
            with django_assert_num_queries(QUERIES):
                assert len(ana.get("/exchanges").body["items"]) >= count


READ = ("audit.followed", "audit.exchanges-followed")


class TestWaiting:
    def test_does_not_wait_where_there_is_something(self, ana: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(waiting, "until", lambda *_, **__: pytest.fail("it waited"))

        assert ana.get("/events", {"wait": 25}).status == 200

    def test_answers_when_the_time_is_over(self, ana: Caller, settings: Any) -> None:
        settings.API_WAITING_CALLS = 0
        head = Event.objects.count()
        page = ana.get("/events", {"after": head, "wait": 25}).body

        assert (page["items"], page["next"]) == ([], head)

    def test_gives_nothing_to_a_token_that_ended_meanwhile(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        made = make_token(cast.ana)
        caller = Caller(made.text)
        caller.get("/events")

        def ends(*_: object, **__: object) -> None:
            tokens.revoke(id=made.token.pk, by=acting(cast.ana), at=NOW)

        monkeypatch.setattr(log.waiting, "until", ends)
        answer = caller.get("/events", {"after": Event.objects.count(), "wait": 25})

        assert (answer.status, answer.codes) == (401, ["revoked-token"])

    def test_gives_nothing_to_whose_owner_lost_the_right_meanwhile(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        caller = Caller(make_token(cast.ana).text)
        caller.get("/events")
        monkeypatch.setattr(log.waiting, "until", lambda *_, **__: cast.ana.groups.clear())
        answer = caller.get("/events", {"after": Event.objects.count(), "wait": 25})

        assert (answer.status, answer.codes) == (403, ["role"])

    @pytest.mark.parametrize("wait", ["-1", "26", "soon"])
    def test_is_bounded(self, ana: Caller, wait: str) -> None:
        assert ana.get("/events", {"wait": wait}).status == 422


@pytest.mark.django_db(transaction=True)
def test_holds_no_connection_while_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    ana = Caller(make_token(make_cast().ana).text)
    ana.get("/events")
    held: list[bool] = []

    def sleep(seconds: float) -> None:
        held.append(connection.connection is not None)
        happen_once()

    def happen_once() -> None:
        make_event("mitigation.ended", make_mitigation())

    monkeypatch.setattr(waiting.time, "sleep", sleep)
    page = ana.get("/events", {"after": Event.objects.count(), "wait": 25}).body

    assert held == [False]
    assert [each["deed"] for each in page["items"]] == ["mitigation.ended"]


class TestTheRoom:
    def test_holds_so_many_and_no_more(self) -> None:
        room = waiting.Room()

        assert [room.enter(2) for _ in range(3)] == [True, True, False]
        room.leave()
        assert room.enter(2)


class TestVerifying:
    def test_is_the_worker_s_to_do(self, calls: Calls) -> None:
        ana = calls("ana")
        answer = ana.post("/audit/verification", {"whole": True})

        assert (answer.status, answer.body["awaited"]) == (202, True)
        assert Event.objects.get(deed="audit.verification-wanted").facts["whole"] is True

    def test_tells_what_was_found(self, calls: Calls) -> None:
        body = calls("ana").get("/audit/verification").body

        assert (body["sound"], body["awaited"], body["head"]) == (None, False, Event.objects.count())

    def test_gives_the_checkpoints_to_be_kept_elsewhere(self, calls: Calls) -> None:
        ana, made = calls("ana"), make_checkpoint()
        body = ana.get("/audit/checkpoints").body

        assert [(each["number"], each["note"]) for each in body["items"]] == [(made.number, made.note)]


def test_a_token_for_the_log_wants_a_look_when_it_is_made(calls: Calls) -> None:
    calls("ana", Scope.AUDIT)

    assert Item.objects.get().kind == "tokens"
