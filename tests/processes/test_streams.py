"""The log is streamed by the worker process: in order, without a gap, whatever dies in the middle."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from audit import sinks
from audit.models import Event, Sink
from mitigations.models import Exchange
from mitigations.policies.lifecycle import Status
from sandbox.server import Sandbox
from tests.making import make_event, make_mitigation
from tests.people import Cast, make_cast
from tests.processes.running import until, worker
from tests.receiving import free_port
from tests.streaming import Receiver, receiver, tcp

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

SECRET = "canary-secret-91d2c4"


@pytest.fixture(autouse=True)
def people(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def told() -> Iterator[Receiver]:
    with receiver() as told:
        yield told


def streaming_worker(sandbox: Sandbox, **settings: str) -> Any:
    quick = {"TELLING_CALL_SECONDS": "2", "TELLING_LEASE_SECONDS": "3"}
    return worker(sandbox.url, **{**quick, **settings})


def hook_to(address: str) -> dict[str, str]:
    return {"AUDIT_STREAM_WEBHOOK": address, "AUDIT_STREAM_WEBHOOK_SECRET": SECRET}


def happen(count: int, *, ago: timedelta = timedelta(0)) -> None:
    """Of something that the worker has nothing more to do with."""
    mitigation = make_mitigation(Status.ENDED)
    for _ in range(count):
        make_event("mitigation.ended", mitigation, at=timezone.now() - ago)


def caught_up(name: str) -> bool:
    return Sink.objects.filter(name=name, cursor=Event.objects.latest("number").number).exists()


def has_no_gap(numbers: list[int], *, until: int) -> bool:
    """As a receiver checks it: from 1 on, each is the next one, or one that it has seen already."""
    steps = all(after <= before + 1 for before, after in pairwise(numbers))
    return steps and numbers[0] == 1 and max(numbers) == until and set(numbers) == set(range(1, until + 1))


def test_everything_is_brought_everywhere(sandbox: Sandbox, told: Receiver, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    happen(30)
    with tcp() as siem:
        settings = {"AUDIT_STREAM_LOG": "True", "AUDIT_STREAM_FILE": str(path), "AUDIT_STREAM_SYSLOG": siem.address}
        with streaming_worker(sandbox, **settings, **hook_to(told.address)) as running:
            until(lambda: all(caught_up(f"stream-{kind}") for kind in ("log", "file", "syslog", "webhook")))
            running.signal(signal.SIGTERM)
            assert running.wait() == 0

    everything = list(range(1, 31))
    said = [json.loads(line)["number"] for line in running.said.splitlines() if line.startswith('{"log":"events"')]
    written = [json.loads(line)["number"] for line in path.read_text().splitlines()]
    assert said == written == siem.numbers == told.numbers == everything


def test_a_worker_that_is_killed_leaves_no_gap(sandbox: Sandbox, told: Receiver, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    happen(120)
    with tcp() as siem:
        settings = {"AUDIT_STREAM_FILE": str(path), "AUDIT_STREAM_SYSLOG": siem.address, **hook_to(told.address)}
        for enough in (10, 60):
            with streaming_worker(sandbox, **settings) as running:
                until(lambda enough=enough: len(told.posts) >= enough)
                running.kill()
        with streaming_worker(sandbox, **settings):
            until(lambda: all(caught_up(f"stream-{kind}") for kind in ("file", "syslog", "webhook")))

    written = [json.loads(line)["number"] for line in path.read_text().splitlines()]
    for numbers in (told.numbers, siem.numbers, written):
        assert has_no_gap(numbers, until=Event.objects.latest("number").number)


def test_two_workers_bring_each_once_and_in_order(sandbox: Sandbox, told: Receiver) -> None:
    # Whoever is slower than its lease may bring one twice, which is better than never.
    settings = {**hook_to(told.address), "TELLING_LEASE_SECONDS": "60"}
    with streaming_worker(sandbox, **settings), streaming_worker(sandbox, **settings):
        for _ in range(5):
            happen(8)
        until(lambda: caught_up("stream-webhook"))
    assert told.numbers == list(range(1, 41))


def test_what_is_dead_holds_up_nothing_else_and_gets_all_of_it_when_it_lives_again(
    sandbox: Sandbox, told: Receiver
) -> None:
    port = free_port()
    settings = {"AUDIT_STREAM_SYSLOG": f"tcp://127.0.0.1:{port}", **hook_to(told.address)}
    with streaming_worker(sandbox, **settings):
        happen(20)
        until(lambda: caught_up("stream-webhook"))
        until(lambda: Sink.objects.get(name="stream-syslog").failures >= 2)
        assert Sink.objects.get(name="stream-syslog").cursor == 0
        with tcp(port=port) as siem:
            until(lambda: caught_up("stream-syslog"))
            assert siem.numbers == list(range(1, 21))


def test_a_stream_that_stays_behind_is_in_the_log_once(sandbox: Sandbox, told: Receiver) -> None:
    """The events are older than 5 minutes, and so is the sink; and the receiver takes the event that says so too."""
    sinks.ensure("stream-webhook", whole=True)
    happen(1, ago=timedelta(minutes=6))
    Sink.objects.update(begun_at=Event.objects.get().at)
    told.answers = [503]
    with streaming_worker(sandbox, **hook_to(told.address)), streaming_worker(sandbox, **hook_to(told.address)):
        until(lambda: Event.objects.filter(deed="audit.stream-caught-up").exists() and caught_up("stream-webhook"))

    deeds = list(Event.objects.order_by("number").values_list("deed", flat=True))
    assert deeds == ["mitigation.ended", "audit.stream-behind", "audit.stream-caught-up"]
    assert sorted(set(told.numbers)) == [1, 2, 3]


def test_nothing_secret_is_said(sandbox: Sandbox, told: Receiver) -> None:
    told.answers = [500]
    happen(2)
    with streaming_worker(sandbox, LOG_LEVEL="DEBUG", **hook_to(told.address)) as running:
        until(lambda: caught_up("stream-webhook"))
        running.signal(signal.SIGTERM)
        running.wait()

    assert "stream-webhook did not get event 1 (try 1): It answered with HTTP 500." in running.said
    kept = str([*Sink.objects.values_list(), *Event.objects.values_list(), *Exchange.objects.values_list()])
    for secret in (SECRET, "canary-5e1f", "canary-77aa"):
        assert secret not in running.said + kept


def test_a_setting_that_makes_no_sense_keeps_the_worker_from_starting(sandbox: Sandbox) -> None:
    with streaming_worker(sandbox, **hook_to("http://siem.example.net/canary-5e1f")) as running:
        assert running.wait() == 1
    [sentence] = running.said.strip().splitlines()
    assert sentence == (
        "CommandError: AUDIT_STREAM_WEBHOOK must begin with https://; plain http is for this machine alone."
    )
