from __future__ import annotations

import time
from datetime import datetime, timedelta
from importlib import import_module
from itertools import groupby

import pytest
from django.conf import settings

from mitigations.models import Mitigation, StopOrder
from mitigations.policies.lifecycle import Status
from mitigations.policies.stopping import OrderStatus
from mitigations.services.worker import Worker
from tests.making import make_mitigation
from tests.services.watching import LEASE, Clock, Watch, view

START = "POST /api/v5/alerts/manual-mitigate"
LIST = "GET /v202505/mitigations"
STOP = "POST /v202505/mitigations/MITIGATION_USER_ACTION_STOP"


class Sleepy(Clock):
    """Ten seconds pass whenever somebody looks at it."""

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=10)
        return self.now


class Broken:
    def turn(self) -> bool:
        raise ValueError("nobody thought of this")


def make_worker(watch: Watch, clock: Clock | None = None) -> Worker:
    return Worker(client=watch.client, v6=watch.v6, lease=LEASE, now=clock or watch.clock)


def work(worker: Worker) -> None:
    while worker.turn():
        pass


def test_a_hanging_v6_holds_up_a_start_no_longer_than_one_call(watch: Watch) -> None:
    watch.wait_for_calls(seconds=1)
    watch.sandbox.fault("hang", api="v6", times=20)
    worker = make_worker(watch)
    worker.turn()
    mitigation = make_mitigation(Status.APPROVED, at=watch.at)
    begun = time.monotonic()

    worker.turn()

    assert watch.again(mitigation).status == Status.ACTIVE
    assert time.monotonic() - begun < 5


def test_looks_every_minute_however_many_wait_to_be_sent(watch: Watch) -> None:
    """Fifty that were approved at once take three minutes to leave."""
    worker = make_worker(watch)
    work(worker)
    for number in range(50):
        make_mitigation(Status.APPROVED, target=f"192.0.2.{number}/32", at=watch.at)

    ages = []
    while Mitigation.objects.filter(status=Status.APPROVED).exists():
        watch.pass_(timedelta(seconds=5))
        work(worker)
        listed_at = view().listed_at
        assert listed_at is not None
        ages.append(watch.at - listed_at)

    assert max(ages) <= timedelta(seconds=60)


def test_looks_every_minute_also_while_starts_are_so_slow_that_they_spend_no_budget(watch: Watch) -> None:
    worker = make_worker(watch)
    work(worker)
    before = len(watch.calls())
    for number in range(12):
        make_mitigation(Status.APPROVED, target=f"192.0.2.{number}/32", at=watch.at)

    for _ in range(12):
        watch.pass_(timedelta(seconds=10))
        worker.turn()

    kinds = [kind for kind, _ in groupby(watch.calls()[before:])]
    assert kinds[:3] == [START, LIST, START]


def test_a_look_that_fails_keeps_nothing_from_being_started(watch: Watch) -> None:
    worker = make_worker(watch)
    worker._lookout = Broken()  # type: ignore[assignment]
    mitigation = make_mitigation(Status.APPROVED, at=watch.at)

    work(worker)

    assert watch.again(mitigation).status == Status.ACTIVE


def test_clears_away_sessions_that_are_over_and_no_other(watch: Watch) -> None:
    """With them goes what their people had typed."""
    sign_in = import_module(settings.SESSION_ENGINE).SessionStore
    over, open_ = sign_in(), sign_in()
    for session, seconds in ((over, -1), (open_, 3600)):
        session.set_expiry(seconds)
        session["typed"] = {"reason": "a secret of the shop"}
        session.save()

    work(make_worker(watch))

    assert (sign_in().exists(over.session_key), sign_in().exists(open_.session_key)) == (False, True)


def test_held_up_after_its_claim_it_does_not_tell_kentik_to_stop(watch: Watch) -> None:
    """Somebody may have given the order up by then, and be calling."""
    watch.order(watch.found())
    clock = Sleepy()
    clock.now = watch.at

    make_worker(watch, clock).turn()

    assert StopOrder.objects.get().status == OrderStatus.WAITING
    assert "held up" in StopOrder.objects.get().note
    assert STOP not in watch.calls()


def test_without_v6_it_neither_looks_nor_stops(watch: Watch) -> None:
    watch.order(watch.found())
    before = watch.calls()

    work(Worker(client=watch.client, lease=LEASE, now=watch.clock))

    assert watch.calls() == before


def test_needs_a_lease_longer_than_a_call_to_v6(watch: Watch) -> None:
    with pytest.raises(ValueError, match="longer than the longest call"):
        Worker(client=watch.client, v6=watch.v6, lease=timedelta(seconds=30), now=watch.clock)
