from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import DataError, OperationalError

from audit import sinks
from audit.delivery import NotDelivered, Undeliverable
from audit.ledger import Record, append
from audit.models import Event, Outcome, Sink
from audit.selectors import standings
from audit.sinks import LEASE, MOST_TRIES, Follower, Job
from tests.audit.conftest import AT, DANA, DEED

pytestmark = pytest.mark.django_db


@dataclass
class Far:
    """The other end: what it got, and what goes wrong next."""

    got: list[str] = field(default_factory=list)
    wrong: list[Exception] = field(default_factory=list)
    portions: list[int] = field(default_factory=list)

    def deliver(self, events: Sequence[Event]) -> bool:
        if self.wrong:
            raise self.wrong.pop(0)
        self.got += [event.subject for event in events]
        self.portions.append(len(events))
        return True


@dataclass
class Clock:
    at: datetime = AT

    def __call__(self) -> datetime:
        return self.at

    def go(self, **length: float) -> None:
        self.at += timedelta(**length)


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def follower(far: Far, clock: Clock) -> Callable[..., Follower]:
    sinks.ensure("post")

    def make(**changes: object) -> Follower:
        job = Job(**{"wants": _everything, "deliver": far.deliver, **changes})  # type: ignore[arg-type]
        return Follower(name="post", job=job, now=clock, me=uuid.uuid4())

    return make


def _everything(event: Event) -> bool:
    return True


def _nothing_to_bring(events: Sequence[Event]) -> bool:
    return False


def happen(*subjects: str) -> None:
    for subject in subjects:
        append(Record(deed=DEED, subject=subject, by=DANA, at=AT), outcome=Outcome.DONE)


def serve(follower: Follower) -> None:
    follower.run(until=lambda: False)


def sink() -> Sink:
    return Sink.objects.get(name="post")


class TestASink:
    def test_begins_at_the_present_head(self, far: Far, follower: Callable[..., Follower]) -> None:
        happen("old")
        sinks.remove("post")
        sinks.ensure("post")
        happen("new")

        serve(follower())

        assert far.got == ["new"]

    def test_that_is_there_stays_where_it_is(self, far: Far, follower: Callable[..., Follower]) -> None:
        happen("a")
        sinks.ensure("post")

        serve(follower())

        assert far.got == ["a"]

    def test_is_due_when_it_is_behind_and_nobody_else_serves_it(self, follower: Callable[..., Follower]) -> None:
        me, other = uuid.uuid4(), uuid.uuid4()
        assert sinks.due(me=me, at=AT) == []
        happen("a")
        assert sinks.due(me=me, at=AT) == ["post"]
        Sink.objects.update(holder=other, lease_until=AT + LEASE)
        assert sinks.due(me=me, at=AT) == []
        assert sinks.due(me=other, at=AT) == sinks.due(me=me, at=AT + LEASE) == ["post"]


class TestAFollower:
    def test_brings_everything_in_order_and_once(self, far: Far, follower: Callable[..., Follower]) -> None:
        names = [f"box {number}" for number in range(250)]
        happen(*names)

        serve(follower())
        serve(follower())

        assert far.got == names
        assert sink().cursor == 250

    def test_passes_over_what_is_not_wanted(self, far: Far, follower: Callable[..., Follower]) -> None:
        happen("a", "b", "c")

        serve(follower(wants=lambda event: event.subject == "b"))

        assert (far.got, sink().cursor) == (["b"], 3)

    def test_says_when_it_last_brought_something(self, clock: Clock, follower: Callable[..., Follower]) -> None:
        happen("a")

        serve(follower(deliver=_nothing_to_bring))
        assert sink().last_ok_at is None

        happen("b")
        serve(follower())
        assert sink().last_ok_at == clock.at

    def test_lets_go_when_it_is_done(self, follower: Callable[..., Follower]) -> None:
        happen("a")

        serve(follower())

        assert (sink().holder, sink().lease_until) == (None, None)

    def test_stops_between_two_events_when_told(self, far: Far, follower: Callable[..., Follower]) -> None:
        happen("a", "b")

        follower().run(until=lambda: len(far.got) == 1)

        assert (far.got, sink().cursor, sink().holder) == (["a"], 1, None)


class TestWhatDoesNotArrive:
    def test_is_tried_again_after_growing_pauses_and_nothing_overtakes_it(
        self, far: Far, clock: Clock, follower: Callable[..., Follower]
    ) -> None:
        happen("a", "b")
        far.wrong = [NotDelivered("Busy.") for _ in range(3)]
        for pause in (0, 1, 2):
            clock.go(seconds=pause - 0.1)
            serve(follower())
            clock.go(seconds=0.1)
            serve(follower())
            assert far.got == []

        clock.go(seconds=4)
        serve(follower())

        assert far.got == ["a", "b"]

    def test_is_shown_while_it_fails_and_forgotten_when_it_arrives(
        self, far: Far, clock: Clock, follower: Callable[..., Follower]
    ) -> None:
        happen("a")
        far.wrong = [NotDelivered("Busy.")]
        serve(follower())

        shown = standings(["post"])["post"]
        assert (shown.behind, shown.failures, shown.last_error, shown.is_failing) == (1, 1, "Busy.", True)
        assert shown.since == AT

        clock.go(seconds=1)
        serve(follower())
        shown = standings(["post"])["post"]
        assert (shown.behind, shown.failures, shown.given_up, shown.is_failing) == (0, 0, 0, False)

    def test_is_given_up_after_the_last_try_and_the_sink_goes_on(
        self, far: Far, clock: Clock, follower: Callable[..., Follower], caplog: pytest.LogCaptureFixture
    ) -> None:
        happen("a", "b")
        far.wrong = [NotDelivered("Busy.") for _ in range(MOST_TRIES)]
        for _ in range(MOST_TRIES):
            serve(follower())
            clock.go(minutes=10)

        assert far.got == ["b"]
        assert (sink().cursor, sink().given_up) == (2, 1)
        assert [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR] == [
            "post never got event 1, which is given up: Busy."
        ]

    def test_is_given_up_at_once_when_trying_again_does_not_help(
        self, far: Far, follower: Callable[..., Follower]
    ) -> None:
        happen("a", "b")
        far.wrong = [Undeliverable("No such address.")]

        serve(follower())

        assert far.got == ["b"]
        assert (sink().given_up, sink().last_error) == (1, "No such address.")

    def test_for_a_mistake_of_ours_is_tried_again_and_its_words_are_kept_from_everybody(
        self, far: Far, clock: Clock, follower: Callable[..., Follower], caplog: pytest.LogCaptureFixture
    ) -> None:
        happen("a")
        far.wrong = [KeyError("canary-5e1f")]

        serve(follower())

        assert sink().last_error.startswith("The portal made a mistake: KeyError in deliver, line ")
        assert "canary-5e1f" not in sink().last_error + caplog.text

        clock.go(seconds=1)
        serve(follower())
        assert far.got == ["a"]

    def test_for_the_database_is_no_failure_of_the_sink(self, far: Far, follower: Callable[..., Follower]) -> None:
        happen("a")
        far.wrong = [OperationalError("gone")]

        with pytest.raises(OperationalError):
            serve(follower())

        assert (sink().failures, sink().cursor) == (0, 0)

    def test_for_a_value_that_the_database_does_not_take_is_a_mistake_of_ours(
        self, far: Far, follower: Callable[..., Follower]
    ) -> None:
        happen("a")
        far.wrong = [DataError("canary-5e1f")]

        serve(follower())

        assert sink().last_error.startswith("The portal made a mistake: DataError")

    def test_is_tried_at_once_when_something_was_mended(self, far: Far, follower: Callable[..., Follower]) -> None:
        happen("a")
        far.wrong = [NotDelivered("Busy.")]
        serve(follower())

        sinks.try_now("post")
        serve(follower())

        assert far.got == ["a"]


class TestWhoGetsTheWholeLog:
    @pytest.fixture(autouse=True)
    def _begins_anew(self, follower: Callable[..., Follower]) -> None:
        sinks.remove("post")

    def test_begins_with_the_first_event(self, far: Far, follower: Callable[..., Follower]) -> None:
        happen("a", "b")
        sinks.ensure("post", whole=True)

        serve(follower(whole=True))

        assert far.got == ["a", "b"]

    def test_gets_many_at_once_and_each_once(self, far: Far, follower: Callable[..., Follower]) -> None:
        names = [f"box {number}" for number in range(520)]
        happen(*names)
        sinks.ensure("post", whole=True)

        serve(follower(whole=True, at_once=200))

        assert far.got == names
        assert far.portions == [200, 200, 100, 20]
        assert sink().cursor == 520

    @pytest.mark.parametrize("trouble", [NotDelivered("Busy."), Undeliverable("Never."), KeyError("ours")])
    def test_is_waited_for_however_long_it_takes_and_nothing_is_given_up(
        self, trouble: Exception, far: Far, clock: Clock, follower: Callable[..., Follower]
    ) -> None:
        happen("a", "b")
        sinks.ensure("post", whole=True)
        far.wrong = [trouble] * 40
        tries = 0
        while far.wrong:
            serve(follower(whole=True, at_once=2))
            tries += 1
            # A minute at most, and never hammering.
            pause = (sink().next_try_at or clock.at) - clock.at
            assert pause == timedelta(seconds=min(2 ** (tries - 1), 60))
            clock.go(seconds=60)

        serve(follower(whole=True, at_once=2))

        assert (far.got, tries, sink().given_up) == (["a", "b"], 40, 0)


class TestFallingBehind:
    def late(self, at: datetime) -> list[str]:
        return [sink.name for sink in Sink.objects.late(at)]

    def test_takes_five_minutes(self, clock: Clock, follower: Callable[..., Follower]) -> None:
        Sink.objects.update(begun_at=AT - timedelta(days=1))
        assert self.late(AT + timedelta(days=1)) == []
        happen("a", "b")
        assert self.late(AT + timedelta(minutes=5) - timedelta(microseconds=1)) == []
        assert self.late(AT + timedelta(minutes=5)) == ["post"]
        serve(follower())
        assert self.late(AT + timedelta(days=1)) == []

    def test_gives_who_is_new_as_long_to_begin(self, follower: Callable[..., Follower]) -> None:
        happen("a")
        begun_at = AT + timedelta(days=300)
        Sink.objects.update(cursor=0, begun_at=begun_at)
        assert self.late(begun_at + timedelta(minutes=4)) == []
        assert self.late(begun_at + timedelta(minutes=5)) == ["post"]


class TestSeveralProcesses:
    def test_leave_a_sink_to_whoever_has_it(self, far: Far, clock: Clock, follower: Callable[..., Follower]) -> None:
        happen("a")
        Sink.objects.update(holder=uuid.uuid4(), lease_until=AT + LEASE)

        serve(follower())
        assert far.got == []

        clock.go(seconds=LEASE.total_seconds())
        serve(follower())
        assert far.got == ["a"]

    def test_bring_again_what_a_killed_one_had_brought(self, far: Far, clock: Clock, follower: Callable) -> None:
        """Killed between the delivery and the cursor."""
        happen("a", "b")

        def killed(events: Sequence[Event]) -> bool:
            far.deliver(events)
            raise SystemExit

        with pytest.raises(SystemExit):
            follower(deliver=killed).turn()
        assert (far.got, sink().cursor) == (["a"], 0)

        clock.go(seconds=LEASE.total_seconds())
        serve(follower())
        assert far.got == ["a", "a", "b"]

    def test_do_not_move_a_cursor_that_went_to_another_meanwhile(
        self, far: Far, clock: Clock, follower: Callable[..., Follower]
    ) -> None:
        happen("a", "b")

        def slow(events: Sequence[Event]) -> bool:
            clock.go(seconds=LEASE.total_seconds())
            serve(follower())
            return True

        serve(follower(deliver=slow))

        assert far.got == ["a", "b"]
        assert (sink().cursor, sink().holder) == (2, None)
