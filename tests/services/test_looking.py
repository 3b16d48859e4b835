from __future__ import annotations

import time
from datetime import timedelta

from mitigations.models import Exchange, Sighting
from mitigations.policies.budget import Purpose
from mitigations.policies.lifecycle import Status
from mitigations.selectors.kentik import is_look_due, is_seeing
from mitigations.services import lane
from tests.making import NOW, make_mitigation
from tests.services.watching import MINUTE, Watch, view

LIST = "GET /v202505/mitigations"
SECOND = timedelta(seconds=1)


def looks(watch: Watch) -> int:
    return watch.calls().count(LIST)


class TestALook:
    def test_is_one_list_however_many_run(self, watch: Watch) -> None:
        for number in range(3):
            watch.send(f"192.0.2.{number}/32")
        watch.look()
        before = looks(watch)

        watch.look()

        assert looks(watch) - before == 1

    def test_asks_by_id_for_ours_that_are_not_live_any_more_all_at_once(self, watch: Watch) -> None:
        for number in range(3):
            watch.send(f"192.0.2.{number}/32", minutes=10)
        watch.look()
        before = looks(watch)

        watch.look(10 * MINUTE)

        assert looks(watch) - before == 2

    def test_keeps_each_question_as_an_exchange_about_no_mitigation(self, watch: Watch) -> None:
        watch.look()

        exchange = Exchange.objects.order_by("pk")[0]
        assert (exchange.purpose, exchange.mitigation, exchange.outcome) == ("read", None, "read")
        assert "canary" not in exchange.request_headers

    def test_that_fails_says_so_and_leaves_everything_as_it_was(self, watch: Watch) -> None:
        mitigation = watch.found()
        listed_at = view().listed_at
        watch.stop_elsewhere()
        watch.sandbox.fault("status", status=503, api="v6", times=2)

        watch.look()

        assert "503" in view().trouble
        assert view().listed_at == listed_at
        assert watch.again(mitigation).status == Status.ACTIVE

    def test_that_is_half_finished_is_dropped(self, watch: Watch) -> None:
        """The list says that it is not live any more; why was not answered."""
        mitigation = watch.found()
        watch.stop_elsewhere()
        watch.pass_(MINUTE)
        assert watch.lookout.turn()
        watch.sandbox.fault("status", status=503, api="v6")

        assert watch.lookout.turn()

        assert watch.again(mitigation).status == Status.ACTIVE
        assert Sighting.objects.get().occupies

    def test_that_another_has_overtaken_is_dropped(self, watch: Watch) -> None:
        """A worker that slept in the middle of its look."""
        mitigation = watch.found()
        slow = watch.new_lookout()
        watch.pass_(MINUTE)
        watch.sandbox.reset()
        slow.turn()
        watch.look()
        assert watch.again(mitigation).status == Status.STOPPED
        listed_at = view().listed_at

        while slow.turn():
            pass

        assert view().listed_at == listed_at

    def test_waits_while_another_call_is_under_way(self, watch: Watch) -> None:
        make_mitigation(Status.SENDING, at=watch.at)
        gap = lane.gap(Purpose.START, at=watch.at)
        assert gap is not None
        lane.take(gap, lease=timedelta(seconds=90), at=watch.at)

        assert not watch.lookout.turn()

    def test_leaves_the_last_of_the_budget_to_starts(self, watch: Watch, settings) -> None:
        settings.KENTIK_CALLS_SOFT_PER_MINUTE = 3
        settings.KENTIK_CALLS_RESERVED = 2

        watch.look()

        assert len(watch.calls()) == 1

    def test_is_over_after_a_while_when_kentik_hangs(self, watch: Watch) -> None:
        watch.wait_for_calls(seconds=0.3)
        watch.sandbox.fault("hang", api="v6")
        begun = time.monotonic()

        assert watch.lookout.turn()

        assert time.monotonic() - begun < 5
        assert lane.gap(Purpose.START, at=watch.at) is not None

    def test_whose_exchange_cannot_be_kept_at_once_is_kept_later(self, watch: Watch) -> None:
        tries = []

        def insist(record):
            tries.append(record)
            if len(tries) == 1:
                record()
                record()

        watch.lookout._insist = insist

        watch.lookout.turn()

        assert Exchange.objects.count() == 1
        assert lane.gap(Purpose.START, at=watch.at) is not None


class TestItsPace:
    def due_after(self, watch: Watch) -> int:
        """Seconds from the last look to the next."""
        tried_at = view().tried_at
        assert tried_at is not None
        return next(s for s in range(1, 700) if is_look_due(at=tried_at + s * SECOND))

    def test_is_60_seconds_while_nothing_changes(self, watch: Watch) -> None:
        watch.look()

        assert self.due_after(watch) == 60

    def test_is_30_seconds_while_things_change(self, watch: Watch) -> None:
        watch.sandbox.elsewhere("192.0.2.1/32")
        watch.look()

        assert self.due_after(watch) == 30

    def test_is_60_seconds_again_after_5_minutes_without_a_change(self, watch: Watch) -> None:
        watch.sandbox.elsewhere("192.0.2.1/32")
        watch.look()

        watch.look(5 * MINUTE)

        assert self.due_after(watch) == 60

    def test_is_10_seconds_while_one_is_not_found(self, watch: Watch) -> None:
        watch.sandbox.fault("close-before-reading")
        watch.send()
        watch.look()

        assert self.due_after(watch) == 10

    def test_is_10_seconds_while_one_is_to_be_stopped(self, watch: Watch) -> None:
        mitigation = watch.found()
        watch.look(6 * MINUTE)
        watch.order(mitigation)

        assert self.due_after(watch) == 10

    def test_is_10_minutes_after_a_refusal(self, watch: Watch) -> None:
        watch.sandbox.fault("status", status=403, api="v6", times=3)
        watch.look()

        assert self.due_after(watch) == 600

    def test_begins_at_once(self, db: None) -> None:
        assert is_look_due(at=NOW)

    def test_does_not_hurry_when_a_look_fails(self, watch: Watch) -> None:
        watch.sandbox.fault("status", status=503, api="v6", times=3)
        watch.look()

        assert self.due_after(watch) == 60


class TestSeeing:
    def test_needs_a_look_within_5_minutes(self, watch: Watch) -> None:
        watch.look()

        assert is_seeing(at=watch.at + 5 * MINUTE - SECOND)
        assert not is_seeing(at=watch.at + 5 * MINUTE)

    def test_needs_v6_to_be_on(self, watch: Watch, settings) -> None:
        watch.look()
        settings.KENTIK_V6 = False

        assert not is_seeing(at=watch.at)
