from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from audit.models import Event
from mitigations.kentik.client import Client
from mitigations.models import Exchange
from mitigations.policies.lifecycle import Status
from mitigations.services.timekeeping import keep_time
from tests.making import NOW, make_mitigation
from tests.people import Cast

MOMENT = timedelta(microseconds=1)
Keep = Callable[[timedelta], int]


@pytest.fixture
def keep(kentik: Callable[..., Client]) -> Keep:
    """Keep time as of NOW and a while; how many moved."""
    return lambda later: keep_time(describe=kentik().describe, at=NOW + later)


def test_a_call_whose_worker_did_not_come_back_becomes_unknown(cast: Cast, keep: Keep) -> None:
    mitigation = make_mitigation(Status.SENDING, target="203.0.113.7/32")

    assert keep(timedelta(seconds=90) - MOMENT) == 0
    assert keep(timedelta(seconds=90)) == 1

    mitigation.refresh_from_db()
    assert (mitigation.status, mitigation.lease_until) == (Status.UNKNOWN, None)
    exchange = Exchange.objects.get()
    assert '"ipCidr":"203.0.113.7/32"' in exchange.request_body
    assert (exchange.status, exchange.duration_ms, exchange.outcome) == (None, None, "unknown")
    assert "canary" not in exchange.request_headers


@pytest.mark.parametrize("status", [Status.PENDING, Status.APPROVED])
def test_what_waits_too_long_expires(cast: Cast, keep: Keep, status: Status) -> None:
    mitigation = make_mitigation(status)

    assert keep(timedelta(hours=24) - MOMENT) == 0
    assert keep(timedelta(hours=24)) == 1

    mitigation.refresh_from_db()
    assert (mitigation.status, mitigation.closed_at) == (Status.EXPIRED, NOW + timedelta(hours=24))


def test_an_active_one_ends_with_its_auto_stop(cast: Cast, keep: Keep) -> None:
    mitigation = make_mitigation(Status.ACTIVE, minutes=60)

    assert keep(timedelta(minutes=60) - MOMENT) == 0
    assert keep(timedelta(minutes=60)) == 1

    mitigation.refresh_from_db()
    assert mitigation.status == Status.ENDED
    assert Event.objects.latest("number").deed == "mitigation.ended"


def test_an_active_one_without_auto_stop_never_ends_by_itself(cast: Cast, keep: Keep) -> None:
    make_mitigation(Status.ACTIVE, minutes=0)

    assert keep(timedelta(days=4000)) == 0


def test_an_unknown_one_stays_unknown(cast: Cast, keep: Keep) -> None:
    make_mitigation(Status.UNKNOWN)

    assert keep(timedelta(days=4000)) == 0
