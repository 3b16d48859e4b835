"""Promises 1 to 3 in a storm: workers killed, Kentik failing in every way, the database cut, all at random.

`CHAOS_SEED` repeats what a run did; `CHAOS_OVER` says how many mitigations (`make chaos`: 300).
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import connection

from audit.models import Event
from mitigations.models import Exchange, Mitigation
from mitigations.policies.lifecycle import Status
from tests.people import make_cast
from tests.processes.running import until
from tests.processes.storm import Kentik, Storm, kentik, portal_live

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

SEED = int(os.environ.get("CHAOS_SEED") or random.randrange(1_000_000))
OVER = int(os.environ.get("CHAOS_OVER") or 40)
# What may be true of one when all is still and Kentik can be seen.
TRUE = {
    Status.ACTIVE: {"active", "failed"},
    Status.STOPPED: {"stopped"},
    Status.REFUSED: {None},
    Status.UNKNOWN: {None},
}


@pytest.fixture
def after_the_storm(transactional_db: None, settings) -> Iterator[Kentik]:
    settings.KENTIK_V6 = True
    _say(f"CHAOS_SEED={SEED} CHAOS_OVER={OVER}")
    with kentik() as there:
        storm = Storm(seed=SEED, there=there, people=make_cast(), workers=2 if connection.vendor == "postgresql" else 1)
        try:
            storm.rage(over=OVER)
            storm.calm_down()
            storm.look()
            storm.rage_at_stops(over=OVER // 8)
            storm.calm_down()
            storm.look()
            _say(f"{dict(Counter(Mitigation.objects.values_list('status', flat=True)))}, {storm.blows}")
            yield there
        finally:
            storm.close()


def test_after_a_storm_everything_is_true(after_the_storm: Kentik) -> None:
    there = after_the_storm

    _nothing_was_started_twice(there)
    _every_post_has_its_exchange(there)
    _one_call_was_under_way_at_a_time(there)
    _what_is_live_is_live_at_kentik(there)
    _every_status_is_true(there)
    _the_log_has_no_gap()


def _nothing_was_started_twice(there: Kentik) -> None:
    started = Counter(json.loads(call["body"])["ipCidr"] for call in _starts(there) if call["body"])
    attempts = Exchange.objects.filter(purpose="start").exclude(outcome="not-sent")

    assert [target for target, times in started.items() if times > 1] == []
    assert len(_starts(there)) <= attempts.values("attempt").distinct().count() <= OVER
    assert attempts.values("mitigation").distinct().count() == attempts.values("attempt").distinct().count()


def _every_post_has_its_exchange(there: Kentik) -> None:
    kept = {(exchange.attempt, exchange.request_body) for exchange in Exchange.objects.all()}
    arrived = Counter(call["body"] for call in there.posts() if call["body"])

    assert arrived - Counter(body for _, body in kept) == Counter()


def _one_call_was_under_way_at_a_time(there: Kentik) -> None:
    assert {call["concurrent"] for call in there.get("journal")} == {1}


def _what_is_live_is_live_at_kentik(there: Kentik) -> None:
    """Taking in what a look showed is one transaction for each that it concerns, and may still be going on."""
    with contextlib.suppress(AssertionError):
        until(lambda: portal_live() == there.live(), seconds=30)

    assert portal_live() == there.live()


def _every_status_is_true(there: Kentik) -> None:
    shown = {row["ip_cidr"]: row["state"] for row in there.get("mitigations")}
    rows = list(Mitigation.objects.order_by("pk"))

    assert len(rows) == OVER
    untrue = [(each.reference, each.status, shown.get(each.target)) for each in rows if not _is_true(each, shown)]
    assert untrue == []


def _is_true(mitigation: Mitigation, shown: dict[str, str]) -> bool:
    return shown.get(mitigation.target) in TRUE[Status(mitigation.status)]


def _the_log_has_no_gap() -> None:
    numbers = list(Event.objects.order_by("number").values_list("number", flat=True))

    assert numbers == list(range(1, len(numbers) + 1))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _starts(there: Kentik) -> list[dict[str, object]]:
    return [call for call in there.posts() if call["path"].startswith("/api/v5/")]
