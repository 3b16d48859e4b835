from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from audit.models import Event
from mitigations.kentik.client import Client
from mitigations.kentik.messages import Call, Outcome
from mitigations.models import Lane, Mitigation
from mitigations.policies.budget import Purpose
from mitigations.policies.lifecycle import Status
from mitigations.selectors import lane as reading
from mitigations.services import lane
from mitigations.services.sending import Claim, claim_next, record_call
from mitigations.services.timekeeping import keep_time
from sandbox.server import Sandbox
from tests.making import NOW, make_exchange, make_mitigation
from tests.people import Cast

LEASE = timedelta(seconds=90)
MOMENT = timedelta(microseconds=1)
Kentik = Callable[..., Client]


@pytest.fixture
def calls_per_minute(settings) -> None:
    """A budget that is soon spent: four in a minute, of which one is not for reads."""
    settings.KENTIK_CALLS_SOFT_PER_MINUTE = 4
    settings.KENTIK_CALLS_RESERVED = 1


def take(purpose: Purpose = Purpose.START, at: datetime = NOW) -> lane.Held:
    gap = lane.gap(purpose, at=at)
    assert gap is not None
    held = lane.take(gap, lease=LEASE, at=at)
    assert held is not None
    return held


def claim(at: datetime = NOW) -> Claim:
    claimed = claim_next(lease=LEASE, at=at)
    assert claimed is not None
    return claimed


def send(client: Client, at: datetime = NOW) -> Call:
    """Send one more; what came of it."""
    make_mitigation(Status.APPROVED, at=at)
    claimed = claim(at)
    call = client.start(claimed.message)
    record_call(claim=claimed, call=call, at=at)
    return call


def is_open(purpose: Purpose = Purpose.START, at: datetime = NOW) -> bool:
    return lane.gap(purpose, at=at) is not None


class TestTaking:
    def test_raises_the_fence_and_says_who_holds_it_until_when(self, db: None) -> None:
        first, second = take(), take(at=NOW + LEASE)

        assert second.fence == first.fence + 1
        held = Lane.objects.get()
        assert (held.fence, held.lease_until) == (second.fence, NOW + LEASE * 2)
        assert held.holder

    @pytest.mark.parametrize("purpose", Purpose)
    def test_shuts_it_for_every_purpose_until_the_lease_is_over(self, db: None, purpose: Purpose) -> None:
        take(Purpose.READ)

        assert not is_open(purpose, NOW + LEASE - MOMENT)
        assert is_open(purpose, NOW + LEASE)

    def test_has_one_winner_among_those_who_saw_it_open(self, db: None) -> None:
        seen = lane.gap(Purpose.START, at=NOW)
        assert seen is not None
        also_seen = lane.gap(Purpose.READ, at=NOW)
        assert also_seen is not None

        assert lane.take(seen, lease=LEASE, at=NOW) is not None
        assert lane.take(also_seen, lease=LEASE, at=NOW) is None

    def test_fails_when_somebody_called_since_it_was_looked_at(self, cast: Cast, kentik: Kentik) -> None:
        """That call may have spent the budget by which it looked open, or have met a 429."""
        seen = lane.gap(Purpose.START, at=NOW)
        assert seen is not None
        send(kentik())

        assert lane.take(seen, lease=LEASE, at=NOW) is None

    def test_vanishes_with_a_claim_that_does(self, cast: Cast) -> None:
        """The last guard holds as well: a row that is `sending` lets no other become so."""
        make_mitigation(Status.SENDING)
        make_mitigation(Status.APPROVED)

        assert claim_next(lease=LEASE, at=NOW) is None
        assert is_open()


class TestGivingItBack:
    def test_opens_it_at_once(self, cast: Cast, kentik: Kentik) -> None:
        send(kentik())

        assert is_open()
        assert Lane.objects.get().holder == ""

    def test_is_for_the_holder_alone(self, cast: Cast, kentik: Kentik) -> None:
        make_mitigation(Status.APPROVED)
        client, slow = kentik(), claim()
        call = client.start(slow.message)
        other = take(Purpose.READ, NOW + LEASE)

        record_call(claim=slow, call=call, at=NOW + LEASE)

        assert not is_open(at=NOW + LEASE)
        assert Lane.objects.get().fence == other.fence


class TestAWorkerThatLostTheLane:
    def test_brings_evidence_that_counts_while_nobody_has_settled_it(self, cast: Cast, kentik: Kentik) -> None:
        make_mitigation(Status.APPROVED)
        client, slow = kentik(), claim()
        call = client.start(slow.message)
        keep_time(describe=client.describe, at=NOW + LEASE)
        take(at=NOW + LEASE)

        mitigation = record_call(claim=slow, call=call, at=NOW + LEASE)

        assert mitigation.status == Status.ACTIVE
        assert [each.outcome for each in mitigation.exchanges.all()] == ["unknown", "accepted"]
        assert '"late":true' in Event.objects.order_by("-number")[0].body

    def test_does_not_put_back_to_wait_what_it_could_not_send(
        self, cast: Cast, kentik: Kentik, sandbox: Sandbox
    ) -> None:
        make_mitigation(Status.APPROVED)
        client, slow = kentik(), claim()
        sandbox.close()
        call = client.start(slow.message)
        take(Purpose.READ, NOW + LEASE)

        assert record_call(claim=slow, call=call, at=NOW + LEASE).status == Status.REFUSED

    def test_says_nothing_of_a_pause_or_a_clock(self, cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
        sandbox.fault("status", status=429, headers={"Retry-After": "300"})
        make_mitigation(Status.APPROVED)
        client, slow = kentik(), claim()
        call = client.start(slow.message)
        other = take(Purpose.READ, NOW + LEASE)

        record_call(claim=slow, call=call, at=NOW + LEASE)

        held = Lane.objects.get()
        assert (held.fence, held.paused_until, held.skew) == (other.fence, None, None)


@pytest.mark.usefixtures("calls_per_minute")
class TestTheBudget:
    def test_lets_a_burst_leave_at_once_and_then_waits(self, cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
        client = kentik()
        for _ in range(4):
            last = send(client)
        make_mitigation(Status.APPROVED)

        assert claim_next(lease=LEASE, at=NOW) is None
        assert len(sandbox.journal()) == 4
        assert claim(NOW + timedelta(minutes=1, milliseconds=last.duration_ms))

    def test_keeps_the_last_of_it_from_reads(self, cast: Cast, kentik: Kentik) -> None:
        for _ in range(3):
            send(kentik())

        assert (is_open(Purpose.READ), is_open(Purpose.START)) == (False, True)

    def test_never_keeps_back_a_stop(self, cast: Cast, kentik: Kentik) -> None:
        for _ in range(4):
            send(kentik())

        assert (is_open(Purpose.START), is_open(Purpose.STOP)) == (False, True)

    def test_does_not_count_what_never_left(self, cast: Cast) -> None:
        mitigation = make_mitigation(Status.REFUSED)
        for _ in range(4):
            make_exchange(mitigation, at=NOW, outcome="not-sent")

        assert is_open()

    def test_counts_a_call_from_when_it_was_over(self, cast: Cast) -> None:
        mitigation = make_mitigation(Status.ACTIVE)
        for _ in range(4):
            make_exchange(mitigation, at=NOW - timedelta(minutes=1), duration_ms=2000)

        assert not is_open(at=NOW + timedelta(seconds=2) - MOMENT)
        assert is_open(at=NOW + timedelta(seconds=2))

    def test_counts_a_lost_call_for_as_long_as_it_may_have_lasted(self, cast: Cast) -> None:
        mitigation = make_mitigation(Status.UNKNOWN)
        for _ in range(4):
            make_exchange(mitigation, at=NOW - timedelta(minutes=1), outcome="unknown", status=None, duration_ms=None)

        assert not is_open(at=NOW + LEASE - MOMENT)
        assert is_open(at=NOW + LEASE)

    def test_waits_for_the_hour_as_well(self, cast: Cast, settings) -> None:
        settings.KENTIK_CALLS_PER_HOUR = 12
        mitigation = make_mitigation(Status.ACTIVE)
        for number in range(11):
            make_exchange(mitigation, at=NOW - timedelta(minutes=5 + number))

        assert (is_open(Purpose.START), is_open(Purpose.STOP)) == (False, True)
        assert is_open(Purpose.START, NOW + timedelta(minutes=45))


class TestA429:
    def test_refuses_the_request_and_pauses_everything(self, cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
        sandbox.fault("status", status=429)
        call = send(kentik())

        assert call.outcome is Outcome.THROTTLED
        assert Mitigation.objects.get().status == Status.REFUSED
        for purpose in Purpose:
            assert not is_open(purpose, NOW + timedelta(seconds=60) - MOMENT)
            assert is_open(purpose, NOW + timedelta(seconds=60))

    def test_is_waited_out_before_the_next_is_claimed(self, cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
        sandbox.fault("status", status=429)
        send(kentik())
        make_mitigation(Status.APPROVED)

        assert claim_next(lease=LEASE, at=NOW + timedelta(seconds=60) - MOMENT) is None
        assert claim(NOW + timedelta(seconds=60))

    def test_that_says_how_many_seconds_is_obeyed(self, cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
        sandbox.fault("status", status=429, headers={"Retry-After": "7"})
        send(kentik())

        assert Lane.objects.get().paused_until == NOW + timedelta(seconds=7)

    def test_that_says_until_when_is_obeyed(self, cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
        until = format_datetime(NOW + timedelta(minutes=4), usegmt=True)
        headers = {"Retry-After": until, "Date": format_datetime(NOW, usegmt=True)}
        sandbox.fault("status", status=429, headers=headers)
        send(kentik())

        assert Lane.objects.get().paused_until == NOW + timedelta(minutes=4)

    @pytest.mark.parametrize("asked", ["86400", "Fri, 31 Dec 2027 23:59:59 GMT"])
    def test_that_asks_for_too_much_is_obeyed_for_ten_minutes(
        self, cast: Cast, kentik: Kentik, sandbox: Sandbox, asked: str
    ) -> None:
        sandbox.fault("status", status=429, headers={"Retry-After": asked})
        send(kentik())

        assert Lane.objects.get().paused_until == NOW + timedelta(minutes=10)

    def test_that_follows_another_pauses_longer(self, cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
        sandbox.fault("status", status=429, times=6)
        client, at, pauses = kentik(), NOW, []
        for _ in range(6):
            send(client, at)
            paused_until = Lane.objects.get().paused_until
            assert paused_until is not None
            pauses.append((paused_until - at).total_seconds())
            at = paused_until

        assert pauses == [60, 120, 240, 480, 600, 600]

    @pytest.mark.parametrize("answer", [200, 400, 500])
    def test_after_another_answer_is_the_first_again(
        self, cast: Cast, kentik: Kentik, sandbox: Sandbox, answer: int
    ) -> None:
        later = NOW + timedelta(hours=1)
        for status in (429, answer, 429):
            if status != 200:
                sandbox.fault("status", status=status)
            send(kentik(), later)
            later += timedelta(hours=1)

        assert Lane.objects.get().throttled == 1

    def test_is_not_forgotten_for_a_call_without_an_answer(self, cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
        sandbox.fault("status", status=429)
        send(kentik())
        sandbox.fault("accept-then-drop")
        send(kentik(), NOW + timedelta(hours=1))

        assert Lane.objects.get().throttled == 1


class TestTheClock:
    def skewed(self, client: Client, **difference: float) -> timedelta | None:
        """What is kept of a Kentik whose clock is so far ahead."""
        make_mitigation(Status.APPROVED)
        claimed = claim()
        call = client.start(claimed.message)
        call = replace(call, server_at=call.started_at + timedelta(**difference), duration_ms=4000)
        record_call(claim=claimed, call=call, at=NOW)
        return Lane.objects.get().skew

    @pytest.mark.parametrize("seconds", [-45, 0, 45])
    def test_is_compared_with_the_middle_of_the_call(self, cast: Cast, kentik: Kentik, seconds: int) -> None:
        assert self.skewed(kentik(), seconds=2 + seconds) == timedelta(seconds=seconds)
        assert Lane.objects.get().skew_measured_at == NOW + timedelta(seconds=4)

    def test_is_measured_by_the_date_that_kentik_sends(self, cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
        ahead = format_datetime(NOW + timedelta(seconds=90), usegmt=True)
        sandbox.fault("status", status=400, headers={"Date": ahead})
        send(kentik())

        skew = Lane.objects.get().skew
        assert skew is not None
        assert timedelta(seconds=85) < skew <= timedelta(seconds=90)

    def test_is_kept_when_an_answer_does_not_tell(self, cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
        self.skewed(kentik(), seconds=47)
        sandbox.fault("accept-then-drop")
        send(kentik())

        assert Lane.objects.get().skew == timedelta(seconds=45)


class TestItsState:
    def test_is_untouched_at_first(self, db: None) -> None:
        state = reading.state(at=NOW)

        assert (state.left, state.soft, state.last_call_at, state.paused_until) == (20, 20, None, None)

    def test_tells_what_is_left_and_when_the_last_call_left(self, cast: Cast, kentik: Kentik) -> None:
        for _ in range(2):
            send(kentik())

        state = reading.state(at=NOW + timedelta(seconds=4))
        assert (state.left, state.last_call_at) == (18, NOW)

    def test_leaves_out_what_never_left(self, cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
        client = kentik()
        sandbox.close()
        assert send(client).outcome is Outcome.NOT_SENT

        state = reading.state(at=NOW)
        assert (state.left, state.last_call_at) == (20, None)

    def test_forgets_a_pause_that_is_over(self, cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
        sandbox.fault("status", status=429)
        send(kentik())

        assert reading.state(at=NOW + timedelta(seconds=59.5)).pause_seconds == 1
        assert reading.state(at=NOW + timedelta(seconds=60)).paused_until is None


def test_every_call_is_told_apart_by_its_fence(cast: Cast, kentik: Kentik) -> None:
    for _ in range(3):
        send(kentik())

    facts = [event.body for event in Event.objects.filter(deed="mitigation.sending").order_by("number")]
    assert [f'"fence":{number}' in body for number, body in enumerate(facts, start=1)] == [True] * 3
