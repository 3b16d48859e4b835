"""The worker as a real process, against the sandbox over a real socket, on whichever database the run is for."""

from __future__ import annotations

import signal
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import Event
from mitigations.models import Exchange, Mitigation
from mitigations.policies.lifecycle import Status
from mitigations.services import doorbell
from sandbox.server import Sandbox
from tests.making import make_mitigation
from tests.people import Cast, make_cast
from tests.processes.running import TOKEN, database_url, until, worker

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def people(transactional_db: None) -> Cast:
    return make_cast()


def approved(**values: object) -> Mitigation:
    mitigation = make_mitigation(Status.APPROVED, at=timezone.now(), **values)  # type: ignore[arg-type]
    doorbell.ring()
    return mitigation


def status_of(mitigation: Mitigation) -> str:
    return Mitigation.objects.values_list("status", flat=True).get(pk=mitigation.pk)


def becomes(mitigation: Mitigation, status: Status) -> None:
    until(lambda: status_of(mitigation) == status)


def test_sends_what_is_approved_and_keeps_the_exchange(sandbox: Sandbox) -> None:
    with worker(sandbox.url):
        mitigation = approved(target="203.0.113.7/32")
        becomes(mitigation, Status.ACTIVE)

    assert [call["status"] for call in sandbox.journal()] == [200]
    assert Exchange.objects.get().response_body == '{"response":{"result":"OK"}}'


def test_finishes_the_call_under_way_on_sigterm(sandbox: Sandbox) -> None:
    sandbox.fault("delay", seconds=0.6)
    mitigation = approved()
    with worker(sandbox.url) as running:
        until(lambda: len(sandbox.journal()) == 1)
        running.signal(signal.SIGTERM)
        code = running.wait()

    assert code == 0
    assert status_of(mitigation) == Status.ACTIVE


def test_ends_at_once_on_sigterm_when_idle(sandbox: Sandbox) -> None:
    mitigation = approved()
    with worker(sandbox.url) as running:
        becomes(mitigation, Status.ACTIVE)
        running.signal(signal.SIGTERM)

        assert running.wait() == 0


def test_killed_in_mid_call_it_leaves_unknown_and_is_never_sent_again(sandbox: Sandbox) -> None:
    sandbox.fault("hang")
    mitigation = approved(target="203.0.113.7/32")
    with worker(sandbox.url) as running:
        until(lambda: len(sandbox.journal()) == 1)
        running.kill()
    assert status_of(mitigation) == Status.SENDING

    with worker(sandbox.url):
        becomes(mitigation, Status.UNKNOWN)

    assert len(sandbox.journal()) == 1
    exchange = Exchange.objects.get()
    assert exchange.request_body == sandbox.journal()[0]["body"]
    assert (exchange.status, exchange.outcome) == (None, "unknown")
    assert Event.objects.order_by("-number")[0].deed == "mitigation.lost"


def test_killed_again_and_again_it_sends_nothing_twice(sandbox: Sandbox) -> None:
    mitigations = [approved(target=f"203.0.113.{last}/32") for last in range(6)]
    sandbox.fault("delay", seconds=0.25, times=20)
    for number in range(1, 4):
        with worker(sandbox.url) as running:
            until(lambda expected=number: len(sandbox.journal()) >= expected)  # type: ignore[misc]
            running.kill()

    with worker(sandbox.url):
        until(lambda: all(status_of(each) in {Status.ACTIVE, Status.UNKNOWN} for each in mitigations), seconds=30)

    bodies = [call["body"] for call in sandbox.journal()]
    assert len(bodies) == len(set(bodies)) == 6
    assert Mitigation.objects.filter(status=Status.UNKNOWN).count() >= 1


def test_two_workers_send_each_once_and_one_at_a_time(sandbox: Sandbox) -> None:
    sandbox.fault("delay", seconds=0.02, times=20)
    mitigations = [approved(target=f"203.0.113.{last}/32") for last in range(12)]
    with worker(sandbox.url), worker(sandbox.url):
        until(lambda: all(status_of(each) == Status.ACTIVE for each in mitigations))

    calls = sandbox.journal()
    assert len({call["body"] for call in calls}) == len(calls) == 12
    assert max(call["concurrent"] for call in calls) == 1


def test_waits_for_a_kentik_that_cannot_be_reached_and_then_sends_once() -> None:
    with Sandbox(port=0) as gone:
        address = gone.url
    with worker(address) as running:
        mitigation = approved()
        until(lambda: Exchange.objects.filter(outcome="not-sent").exists())
        with Sandbox(port=int(address.rsplit(":", 1)[1])) as sandbox:
            becomes(mitigation, Status.ACTIVE)
            assert len(sandbox.journal()) == 1
        assert running.lives


def test_says_nothing_of_the_credentials(sandbox: Sandbox) -> None:
    sandbox.fault("status", status=401)
    mitigation = approved()
    with worker(sandbox.url, LOG_LEVEL="DEBUG") as running:
        becomes(mitigation, Status.REFUSED)
        running.signal(signal.SIGTERM)
        running.wait()

    assert mitigation.reference in running.said
    assert TOKEN not in running.said
    assert "robot@example.net" not in running.said


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL does not lock as a whole")
def test_a_locked_database_delays_it_only(sandbox: Sandbox) -> None:
    with worker(sandbox.url, DATABASE_URL=database_url(timeout="1")) as running:
        first = approved()
        becomes(first, Status.ACTIVE)
        second = approved(next_attempt_at=timezone.now() + timedelta(seconds=0.3))
        lock_out_everybody_else(seconds=2.5)
        becomes(second, Status.ACTIVE)
        running.signal(signal.SIGTERM)
        assert running.wait() == 0
        assert "The database is in the way" in running.said

    assert len(sandbox.journal()) == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has nobody who could hang up")
def test_a_database_that_hangs_up_delays_it_only(sandbox: Sandbox) -> None:
    sandbox.fault("delay", seconds=0.5)
    with worker(sandbox.url) as running:
        in_call = approved()
        until(lambda: len(sandbox.journal()) == 1)
        hang_up_on_everybody_else()
        becomes(in_call, Status.ACTIVE)
        hang_up_on_everybody_else()
        idle = approved()
        becomes(idle, Status.ACTIVE)
        running.signal(signal.SIGTERM)
        assert running.wait() == 0
        assert "The database is in the way" in running.said

    assert len(sandbox.journal()) == 2


def lock_out_everybody_else(*, seconds: float) -> None:
    """Hold SQLite's write lock, longer than the worker's own patience."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        threading.Event().wait(seconds)
        cursor.execute("ROLLBACK")


def hang_up_on_everybody_else() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
