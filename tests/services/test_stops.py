from __future__ import annotations

import itertools
import math
from datetime import timedelta

import pytest

from audit.models import Event
from mitigations.kentik.v6.states import Action
from mitigations.models import Exchange, StopOrder
from mitigations.policies.lifecycle import Status
from mitigations.policies.stopping import OrderStatus
from mitigations.services import settling, stops
from mitigations.services.plan import settle_alarm
from mitigations.services.worker import Worker
from tests.making import make_mitigation
from tests.people import Cast, acting
from tests.services.watching import LEASE, MINUTE, Watch, alarms, deeds

STOP = "POST /v202505/mitigations/MITIGATION_USER_ACTION_STOP"
START = "POST /api/v5/alerts/manual-mitigate"
LIST = "GET /v202505/mitigations"


class TestTellingKentik:
    def test_stops_it_and_kentik_shows_so(self, watch: Watch) -> None:
        mitigation = watch.found()
        watch.order(mitigation)
        told = watch.tell_to_stop()
        before = watch.again(mitigation).status

        watch.look()

        assert (told.status, before) == (OrderStatus.DELIVERED, Status.ACTIVE)
        assert watch.again(mitigation).status == Status.STOPPED
        assert StopOrder.objects.get().status == OrderStatus.DONE
        assert alarms(mitigation) == []

    def test_leaves_its_events_in_order_and_its_exchange(self, watch: Watch) -> None:
        mitigation = watch.found()
        watch.order(mitigation)
        watch.tell_to_stop()
        watch.look()

        ordered, sending, answered = "mitigation.stop-ordered", "mitigation.stop-sending", "mitigation.stop-answered"
        assert deeds()[-4:] == [ordered, sending, answered, "mitigation.seen-over"]
        exchange = Exchange.objects.get(purpose="stop")
        assert (exchange.mitigation, exchange.outcome, exchange.status) == (mitigation, "accepted", 200)

    def test_is_done_once(self, watch: Watch) -> None:
        watch.order(watch.found())
        watch.tell_to_stop()

        assert stops.claim_next(lease=LEASE, at=watch.at + timedelta(hours=1)) is None

    def test_recording_an_answer_again_does_nothing(self, watch: Watch) -> None:
        watch.order(watch.found())
        claim = stops.claim_next(lease=LEASE, at=watch.at)
        assert claim is not None
        answer = watch.v6.act(Action.STOP, [claim.kentik_id])
        for _ in range(2):
            stops.record_answer(claim=claim, answer=answer, at=watch.at)

        assert Exchange.objects.filter(purpose="stop").count() == 1

    def test_refused_for_this_id_is_an_alarm(self, watch: Watch) -> None:
        """200, and a result that says no."""
        mitigation = watch.found()
        watch.order(mitigation)
        watch.stop_elsewhere()

        order = watch.tell_to_stop()

        assert (order.status, order.closed_at) == (OrderStatus.REFUSED, watch.at)
        assert "not available" in order.note
        assert alarms(mitigation) == ["stop-undelivered"]

    @pytest.mark.parametrize("status", [400, 401, 403, 404])
    def test_refused_altogether_is_an_alarm(self, watch: Watch, status: int) -> None:
        mitigation = watch.found()
        watch.order(mitigation)
        watch.sandbox.fault("status", status=status, api="v6")

        assert watch.tell_to_stop().status == OrderStatus.REFUSED
        assert alarms(mitigation) == ["stop-undelivered"]
        assert watch.again(mitigation).status == Status.ACTIVE

    def test_a_second_order_that_is_refused_is_an_alarm_again(self, watch: Watch, cast: Cast) -> None:
        mitigation = watch.found()
        watch.sandbox.fault("status", status=403, api="v6", times=2)
        watch.order(mitigation)
        watch.tell_to_stop()
        settle_alarm(id=mitigation.alarms.get().pk, by=acting(cast.lee), note="On it.", at=watch.at)

        watch.pass_(MINUTE)
        watch.order(mitigation)
        watch.tell_to_stop()

        assert alarms(mitigation) == ["stop-undelivered", "stop-undelivered"]

    @pytest.mark.parametrize("fault", ["accept-then-drop", "malformed-json"])
    def test_without_a_clear_answer_it_is_unclear_until_kentik_shows_it(self, watch: Watch, fault: str) -> None:
        mitigation = watch.found()
        watch.order(mitigation)
        watch.sandbox.fault(fault, api="v6")

        told = watch.tell_to_stop()
        watch.look()

        assert told.status == OrderStatus.UNCLEAR
        assert watch.again(mitigation).status == Status.STOPPED
        assert StopOrder.objects.get().status == OrderStatus.DONE

    def test_throttled_it_waits_and_is_told_again(self, watch: Watch) -> None:
        watch.order(watch.found())
        watch.sandbox.fault("status", status=429, api="v6", headers={"Retry-After": "20"})

        told = watch.tell_to_stop()

        assert told.status == OrderStatus.WAITING
        assert stops.claim_next(lease=LEASE, at=watch.at + timedelta(seconds=19)) is None
        watch.pass_(timedelta(seconds=20))
        assert watch.tell_to_stop().status == OrderStatus.DELIVERED

    def test_what_never_left_is_told_again_after_pauses_that_grow(self, watch: Watch) -> None:
        watch.order(watch.found())
        watch.sandbox.close()
        pauses = []
        for _ in range(6):
            told = watch.tell_to_stop()
            assert told.next_attempt_at is not None
            pauses.append((told.next_attempt_at - watch.at).total_seconds())
            watch.pass_(told.next_attempt_at - watch.at)

        assert pauses == [2, 4, 8, 16, 30, 30]

    def test_goes_beyond_the_budget_of_starts(self, watch: Watch, settings) -> None:
        watch.order(watch.found())
        settings.KENTIK_CALLS_SOFT_PER_MINUTE = 1
        settings.KENTIK_CALLS_RESERVED = 0

        assert watch.tell_to_stop().status == OrderStatus.DELIVERED

    def test_goes_before_a_start_and_a_start_before_a_look(self, watch: Watch) -> None:
        mitigation = watch.found()
        make_mitigation(Status.APPROVED, at=watch.at)
        watch.order(mitigation)
        worker = Worker(client=watch.client, v6=watch.v6, lease=LEASE, now=watch.clock)
        watch.pass_(MINUTE)
        before = len(watch.calls())

        while worker.turn():
            pass

        kinds = [kind for kind, _ in itertools.groupby(watch.calls()[before:])]
        assert kinds[:3] == [STOP, START, LIST]


class TestAnOrderWithoutEffect:
    def test_is_the_loudest_alarm_after_a_minute_and_told_once(self, watch: Watch) -> None:
        mitigation = watch.found()
        watch.order(mitigation)
        watch.sandbox.fault("clear-fails", api="v6")
        watch.sandbox.fault("close-before-reading", api="v6")
        watch.tell_to_stop()

        watch.pass_(MINUTE - timedelta(microseconds=1))
        stops.watch(at=watch.at)
        before = alarms(mitigation)
        watch.pass_(MINUTE)
        stops.watch(at=watch.at)
        stops.watch(at=watch.at)

        assert (before, alarms(mitigation)) == ([], ["stop-undelivered"])
        assert Event.objects.filter(deed="alarm.raised").count() == 1

    def test_is_an_alarm_when_no_worker_takes_it(self, watch: Watch) -> None:
        mitigation = watch.found()
        watch.order(mitigation)

        stops.watch(at=watch.at + MINUTE)

        assert "has not reached Kentik" in mitigation.alarms.get().sentence

    def test_whose_worker_did_not_come_back_is_unclear_and_its_exchange_kept(self, watch: Watch) -> None:
        mitigation = watch.found()
        watch.order(mitigation)
        claim = stops.claim_next(lease=LEASE, at=watch.at)
        assert claim is not None
        claimed_at = watch.at

        watch.pass_(LEASE)
        self.find_lost(watch)
        self.find_lost(watch)

        assert StopOrder.objects.get().status == OrderStatus.UNCLEAR
        exchange = Exchange.objects.get(purpose="stop")
        assert (exchange.mitigation, exchange.outcome, exchange.started_at) == (mitigation, "unknown", claimed_at)
        assert exchange.request_body == f'{{"ids":["{claim.kentik_id}"]}}'
        assert deeds("mitigation.stop-lost") == ["mitigation.stop-lost"]

    def test_whose_worker_did_not_come_back_is_missed_before_kentik_is_looked_at(self, watch: Watch) -> None:
        """A look that sees it stopped ends the order; with it went the exchange, when that look came first."""
        watch.order(watch.found())
        assert stops.claim_next(lease=LEASE, at=watch.at) is not None
        watch.pass_(LEASE + MINUTE)
        worker = Worker(client=watch.client, v6=watch.v6, lease=LEASE, now=watch.clock)
        worker._next_tick = math.inf  # between two of its ticks, in which it misses others
        before = len(watch.calls())

        assert not worker.turn()
        assert len(watch.calls()) == before
        self.find_lost(watch)

        assert worker.turn()
        assert watch.calls()[before:] == [LIST]

    def test_ends_with_the_mitigation_whoever_ended_it(self, watch: Watch, cast: Cast) -> None:
        mitigation = watch.found(requested_by=cast.dana)
        watch.order(mitigation)

        settling.record_stop(reference=mitigation.reference, by=acting(cast.dana), note="By hand.", at=watch.at)

        assert (StopOrder.objects.get().status, StopOrder.objects.get().closed_at) == (OrderStatus.DONE, watch.at)
        assert stops.claim_next(lease=LEASE, at=watch.at) is None

    def find_lost(self, watch: Watch) -> None:
        stops.find_lost(
            describe=lambda kentik_id: watch.v6.describe_act(Action.STOP, [kentik_id]), lease=LEASE, at=watch.at
        )
