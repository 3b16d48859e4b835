"""People are told by the worker process: what is dead delays nothing else, and nothing is lost when it is killed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from audit import sinks
from audit.models import Event, Sink
from mitigations.models import Exchange, Mitigation
from mitigations.policies.lifecycle import Status
from mitigations.services import approvals
from mitigations.services.delivering import MAIL
from sandbox.server import Sandbox
from tests.making import make_channel, make_mitigation
from tests.people import Cast, acting, make_cast
from tests.processes.running import Running, until, worker
from tests.processes.test_worker import hang_up_on_everybody_else
from tests.receiving import Hook, free_port, hook, inbox, silence

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

QUICK = {"TELLING_CALL_SECONDS": "2", "TELLING_LEASE_SECONDS": "3", "PORTAL_URL": "https://breakwater.example.net"}
PASSWORD = "canary-91d2"


@pytest.fixture(autouse=True)
def people(transactional_db: None) -> Cast:
    cast = make_cast()
    User.objects.filter(username="dana").update(email="dana@example.net")
    return cast


@pytest.fixture
def told() -> Iterator[Hook]:
    with hook() as told:
        yield told


def telling_worker(sandbox: Sandbox, **settings: str) -> Any:
    return worker(sandbox.url, **{**QUICK, **settings})


def approve(people: Cast) -> Mitigation:
    """Something that the worker sends, and of which dana is told."""
    mitigation = make_mitigation(requested_by=people.dana, at=timezone.now())
    approvals.approve(reference=mitigation.reference, by=acting(people.lee), note="", at=timezone.now())
    return mitigation


def references(titles: list[str]) -> list[str]:
    """Of the approvals among them."""
    return [title.split()[0] for title in titles if "is approved" in title]


def caught_up(name: str) -> bool:
    return Sink.objects.filter(name=name, cursor=Event.objects.latest("number").number, holder=None).exists()


def ends(running: Running) -> int:
    running.signal(signal.SIGTERM)
    return running.wait()


def test_a_mail_and_a_channel_are_told(sandbox: Sandbox, people: Cast, told: Hook) -> None:
    make_channel(address=told.address)
    sinks.ensure(MAIL)
    with inbox() as box, telling_worker(sandbox, EMAIL_URL=box.url):
        mitigation = approve(people)
        until(lambda: bool(box.taken) and bool(told.calls))

    assert box.readers == ["dana@example.net"]
    assert box.subjects == [f"[Breakwater] {mitigation.reference} is approved: {mitigation.target}"]
    assert told.titles == [f"{mitigation.reference} is approved: {mitigation.target}"]


def test_a_dead_mail_server_delays_neither_a_channel_nor_what_is_to_be_sent(
    sandbox: Sandbox, people: Cast, told: Hook
) -> None:
    make_channel(address=told.address)
    sinks.ensure(MAIL)
    with silence() as port, telling_worker(sandbox, EMAIL_URL=f"smtp://127.0.0.1:{port}"):
        first = approve(people)
        until(lambda: Sink.objects.filter(name=MAIL, holder__isnull=False).exists())
        second = approve(people)
        until(lambda: Mitigation.objects.filter(status=Status.ACTIVE).count() == 2)
        until(lambda: references(told.titles) == [first.reference, second.reference])
        until(lambda: Sink.objects.get(name=MAIL).failures > 0)

    assert (
        Sink.objects.get(name=MAIL).cursor
        < Event.objects.get(deed="mitigation.approved", subject=first.reference).number
    )


def test_a_dead_mail_server_does_not_keep_the_worker_from_ending(sandbox: Sandbox, people: Cast) -> None:
    sinks.ensure(MAIL)
    settings = {"TELLING_CALL_SECONDS": "60", "TELLING_LEASE_SECONDS": "90"}
    with silence() as port, telling_worker(sandbox, EMAIL_URL=f"smtp://127.0.0.1:{port}", **settings) as running:
        approve(people)
        until(lambda: Sink.objects.filter(name=MAIL, holder__isnull=False).exists())
        assert ends(running) == 0


def test_killed_between_the_delivery_and_the_cursor_it_is_told_again(
    sandbox: Sandbox, people: Cast, told: Hook
) -> None:
    channel = make_channel(address=told.address)
    told.free.clear()
    with telling_worker(sandbox) as running:
        first = approve(people)
        until(lambda: len(told.calls) == 1)
        running.kill()
    assert Sink.objects.get(name=channel.sink).holder is not None
    told.free.set()

    second = approve(people)
    with telling_worker(sandbox):
        until(lambda: caught_up(channel.sink) and Mitigation.objects.filter(status=Status.ACTIVE).count() == 2)

    assert references(told.titles) == [first.reference, first.reference, second.reference]


def test_two_workers_tell_each_once_and_in_order(sandbox: Sandbox, people: Cast, told: Hook) -> None:
    channel = make_channel(address=told.address)
    # Whoever is slower than its lease may be told after: a message twice is better than none.
    lease = {"TELLING_LEASE_SECONDS": "60"}
    with telling_worker(sandbox, **lease), telling_worker(sandbox, **lease):
        approved = [approve(people).reference for _ in range(15)]
        until(lambda: len(sandbox.journal()) == 15 and caught_up(channel.sink))

    assert references(told.titles) == approved


def test_a_worker_takes_over_the_sink_of_one_that_was_killed(sandbox: Sandbox, people: Cast, told: Hook) -> None:
    channel = make_channel(address=told.address)
    told.free.clear()
    with telling_worker(sandbox) as running:
        mitigation = approve(people)
        until(lambda: len(told.calls) == 1)
        with telling_worker(sandbox):
            running.kill()
            told.free.set()
            until(lambda: caught_up(channel.sink))

    assert set(references(told.titles)) == {mitigation.reference}


def test_what_is_down_is_told_when_it_is_up_again(sandbox: Sandbox, people: Cast) -> None:
    sinks.ensure(MAIL)
    port = free_port()
    with telling_worker(sandbox, EMAIL_URL=f"smtp://127.0.0.1:{port}"):
        approved = [approve(people).reference for _ in range(3)]
        until(lambda: Sink.objects.get(name=MAIL).failures >= 2)
        with inbox(port=port) as box:
            until(lambda: len(box.taken) == 3)

    assert [subject.split()[1] for subject in box.subjects] == approved
    assert Sink.objects.get(name=MAIL).given_up == 0


def test_says_nothing_of_addresses_and_passwords(sandbox: Sandbox, people: Cast, told: Hook) -> None:
    channel = make_channel(address=told.address)
    sinks.ensure(MAIL)
    told.answers = [500]
    url = f"smtp://breakwater:{PASSWORD}@127.0.0.1:{free_port()}"
    with telling_worker(sandbox, EMAIL_URL=url, LOG_LEVEL="DEBUG") as running:
        approve(people)
        until(lambda: Sink.objects.get(name=MAIL).failures > 0 and caught_up(channel.sink))
        ends(running)

    kept = [*Sink.objects.values_list(), *Event.objects.values_list(), *Exchange.objects.values_list()]
    for secret in (PASSWORD, "canary-5e1f", "dana@example.net"):
        assert secret not in running.said
        assert secret not in str(kept)
    assert f"{channel.sink} did not get event" in running.said


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has nobody who could hang up")
def test_a_database_that_hangs_up_delays_it_only(sandbox: Sandbox, people: Cast, told: Hook) -> None:
    channel = make_channel(address=told.address)
    with telling_worker(sandbox):
        first = approve(people)
        until(lambda: caught_up(channel.sink))
        hang_up_on_everybody_else()
        second = approve(people)
        until(lambda: second.reference in references(told.titles))

    assert references(told.titles) == [first.reference, second.reference]


def test_the_demo_shows_its_mail_where_the_worker_speaks(sandbox: Sandbox, people: Cast) -> None:
    sinks.ensure(MAIL)
    with telling_worker(sandbox, EMAIL_URL="consolemail://") as running:
        mitigation = approve(people)
        until(lambda: caught_up(MAIL) and Mitigation.objects.filter(status=Status.ACTIVE).exists())
        ends(running)

    assert f"Subject: [Breakwater] {mitigation.reference} is approved" in running.said
    assert f"https://breakwater.example.net/mitigations/{mitigation.reference}/" in running.said
