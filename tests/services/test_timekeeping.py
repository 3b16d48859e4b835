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


class TestThatOneEndsSoon:
    def endings(self) -> list[dict[str, object]]:
        return [event.facts for event in Event.objects.filter(deed="mitigation.ending").order_by("number")]

    def test_is_noted_once_15_minutes_before(self, cast: Cast, keep: Keep) -> None:
        mitigation = make_mitigation(Status.ACTIVE, minutes=60)

        keep(timedelta(minutes=45) - MOMENT)
        assert self.endings() == []
        keep(timedelta(minutes=45))
        keep(timedelta(minutes=46))

        mitigation.refresh_from_db()
        assert self.endings() == [{"minutes": 15}]
        assert mitigation.end_announced_at == NOW + timedelta(minutes=45)
        assert mitigation.status == Status.ACTIVE

    def test_is_noted_with_what_is_left_when_nobody_kept_time(self, cast: Cast, keep: Keep) -> None:
        make_mitigation(Status.ACTIVE, minutes=60)

        keep(timedelta(minutes=52, seconds=30))

        assert self.endings() == [{"minutes": 8}]

    @pytest.mark.parametrize(("minutes", "noted"), [(15, 0), (16, 1), (0, 0)])
    def test_is_noted_only_of_one_that_was_to_run_longer(
        self, cast: Cast, keep: Keep, minutes: int, noted: int
    ) -> None:
        make_mitigation(Status.ACTIVE, minutes=minutes)

        keep(timedelta(minutes=5))

        assert len(self.endings()) == noted

    def test_is_not_noted_of_one_that_is_over(self, cast: Cast, keep: Keep) -> None:
        make_mitigation(Status.ACTIVE, minutes=60)

        keep(timedelta(minutes=60))

        assert self.endings() == []
