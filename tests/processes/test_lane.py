"""The lane between real workers: killed, put to sleep, and two at once."""

from __future__ import annotations

import signal
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from mitigations.models import Exchange, Lane, Mitigation
from mitigations.policies.lifecycle import Status
from sandbox.server import Sandbox
from tests.making import make_exchange, make_mitigation
from tests.people import Cast, make_cast
from tests.processes.running import until, worker
from tests.processes.test_worker import approved, becomes, status_of

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def people(transactional_db: None) -> Cast:
    return make_cast()


def held() -> Lane:
    return Lane.objects.get()


def arrivals(sandbox: Sandbox) -> list[datetime]:
    return [datetime.fromisoformat(call["received_at"]) for call in sandbox.journal()]


def test_killed_while_it_holds_the_lane_another_takes_over_when_the_lease_is_over(sandbox: Sandbox) -> None:
    sandbox.fault("hang")
    killed, next_one = approved(target="203.0.113.1/32"), approved(target="203.0.113.2/32")
    with worker(sandbox.url) as first:
        becomes(killed, Status.SENDING)
        until(lambda: len(sandbox.journal()) == 1)
        first.kill()
    lease_until = held().lease_until
    assert lease_until is not None

    with worker(sandbox.url):
        becomes(next_one, Status.ACTIVE)

    assert status_of(killed) == Status.UNKNOWN
    assert held().fence == 2
    assert arrivals(sandbox)[1] >= lease_until


def test_two_workers_never_have_two_calls_under_way(sandbox: Sandbox) -> None:
    sandbox.fault("delay", seconds=0.3, times=20)
    mitigations = [approved(target=f"203.0.113.{last}/32") for last in range(6)]
    with worker(sandbox.url), worker(sandbox.url):
        until(lambda: all(status_of(each) == Status.ACTIVE for each in mitigations))

    assert [call["concurrent"] for call in sandbox.journal()] == [1] * 6
    assert held().fence == 6


def test_asleep_past_its_lease_it_brings_evidence_and_leaves_the_lane_to_whoever_holds_it(sandbox: Sandbox) -> None:
    sandbox.fault("hang")
    slow, next_one = approved(target="203.0.113.1/32"), approved(target="203.0.113.2/32")
    with worker(sandbox.url) as first:
        until(lambda: len(sandbox.journal()) == 1)
        first.signal(signal.SIGSTOP)
        sandbox.fault("delay", seconds=1.5)
        with worker(sandbox.url):
            becomes(next_one, Status.SENDING)
            first.signal(signal.SIGCONT)
            until(lambda: slow.exchanges.filter(duration_ms__isnull=False).exists())
            lane, still_calling = held(), status_of(next_one)
            becomes(next_one, Status.ACTIVE)

    assert still_calling == Status.SENDING
    assert (lane.fence, lane.lease_until is None) == (2, False)
    assert status_of(slow) == Status.UNKNOWN
    assert [each.outcome for each in slow.exchanges.all()] == ["unknown", "unknown"]
    assert len(sandbox.journal()) == 2


def test_two_workers_share_one_budget(sandbox: Sandbox) -> None:
    """Two of four calls were made 57 seconds ago: two may leave at once, and two more as those grow a minute old."""
    before = [timezone.now() - timedelta(seconds=57)] * 2
    for at in before:
        _called(at)
    settings = {"KENTIK_CALLS_SOFT_PER_MINUTE": "4", "KENTIK_CALLS_RESERVED": "1"}
    with worker(sandbox.url, **settings), worker(sandbox.url, **settings):
        mitigations = [approved(target=f"203.0.113.{last}/32") for last in range(4)]
        until(lambda: all(status_of(each) == Status.ACTIVE for each in mitigations))

    calls = sorted([*before, *arrivals(sandbox)])
    assert len(calls) == 6
    assert all(fifth - first >= MINUTE for first, fifth in zip(calls, calls[4:], strict=False))


def test_a_429_holds_back_both_workers_for_as_long_as_kentik_asks(sandbox: Sandbox) -> None:
    sandbox.fault("status", status=429, headers={"Retry-After": "3"})
    with worker(sandbox.url), worker(sandbox.url):
        throttled = approved(target="203.0.113.1/32")
        becomes(throttled, Status.REFUSED)
        paused_until = held().paused_until
        becomes(approved(target="203.0.113.2/32"), Status.ACTIVE)

    first, second = arrivals(sandbox)
    assert paused_until is not None
    assert second >= paused_until >= first + timedelta(seconds=3)


def test_a_budget_that_makes_no_sense_stops_it_with_one_sentence(sandbox: Sandbox) -> None:
    with worker(sandbox.url, KENTIK_CALLS_RESERVED="20") as running:
        assert running.wait() == 1

    assert running.said.strip() == "CommandError: Fewer calls to Kentik must be reserved than may be made in a minute."


def _called(at: datetime) -> Exchange:
    mitigation: Mitigation = make_mitigation(Status.ENDED, at=at)
    return make_exchange(mitigation, at=at)
