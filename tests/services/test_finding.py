from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from audit.models import Event
from mitigations.models import Alarm, Sighting
from mitigations.policies.lifecycle import Status
from mitigations.services import settling
from sandbox.server import Sandbox
from tests.making import NOW, make_pairing
from tests.people import Cast, acting
from tests.services.watching import MINUTE, Clock, Watch, alarms, deeds

DROPPED = "accept-then-drop"


class TestOneThatWasAccepted:
    def test_is_found_by_its_mark(self, watch: Watch) -> None:
        mitigation = watch.send()

        watch.look()

        sighting = Sighting.objects.get()
        assert (sighting.mitigation, sighting.kentik_id) == (mitigation, watch.at_kentik())
        assert Event.objects.get(deed="mitigation.matched").facts["kentik_id"] == sighting.kentik_id
        assert alarms(mitigation) == []

    def test_is_found_without_a_mark_by_its_time(self, watch: Watch) -> None:
        watch.sandbox.fault("lose-comment")
        mitigation = watch.send()

        watch.look()

        assert Sighting.objects.get().mitigation == mitigation
        assert alarms(mitigation) == ["other-comment"]

    def test_is_found_once(self, watch: Watch) -> None:
        watch.send()

        watch.look()
        watch.look()

        assert deeds("mitigation.matched") == ["mitigation.matched"]

    def test_is_not_one_that_ran_before(self, watch: Watch) -> None:
        watch.sandbox.elsewhere("203.0.113.7/32")
        watch.pass_(3 * MINUTE)
        watch.sandbox.fault("malformed-json")
        mitigation = watch.send()

        watch.look()

        assert Sighting.objects.get().mitigation is None
        assert watch.again(mitigation).status == Status.REFUSED

    def test_is_not_one_with_another_mark(self, watch: Watch) -> None:
        watch.sandbox.fault("close-before-reading")
        mitigation = watch.send()
        watch.sandbox.elsewhere("203.0.113.7/32", comment="[MIT-999999] by hand")

        watch.look()
        watch.look(3 * MINUTE)

        assert Sighting.objects.get().mitigation is None
        assert alarms(mitigation) == ["not-found"]

    @pytest.mark.parametrize("other", [{"ip_cidr": "203.0.113.8/32"}, {"method_id": "776"}, {"platform_id": "258"}])
    def test_is_not_one_on_another_target_or_pairing(self, watch: Watch, other: dict[str, str]) -> None:
        watch.sandbox.fault("close-before-reading")
        mitigation = watch.send()
        comment = mitigation.marked_comment
        watch.sandbox.elsewhere(**{"ip_cidr": "203.0.113.7/32", "comment": comment, **other})

        watch.look()

        assert Sighting.objects.get().mitigation is None

    def test_is_not_an_automatic_one(self, watch: Watch) -> None:
        watch.sandbox.fault("close-before-reading")
        watch.send()
        watch.sandbox.automatic("203.0.113.7/32")

        watch.look()

        assert Sighting.objects.get().mitigation is None

    def test_that_is_over_already_is_found_by_the_time_of_its_start(self, watch: Watch) -> None:
        mitigation = watch.send()
        watch.pass_(timedelta(seconds=10))
        watch.stop_elsewhere()

        watch.look()

        assert Sighting.objects.get().mitigation == mitigation
        assert watch.again(mitigation).status == Status.STOPPED

    def test_on_flowspec_that_is_over_already_is_found_as_well(self, watch: Watch) -> None:
        mitigation = watch.send(pairing=make_pairing(platform_id="258", method_id="781"))
        watch.stop_elsewhere()

        watch.look()

        assert Sighting.objects.get().mitigation == mitigation

    def test_is_found_though_the_clock_of_kentik_is_behind(self, cast: Cast, settings: Any) -> None:
        settings.KENTIK_V6 = True
        clock = Clock()
        with Sandbox(port=0, clock=lambda: clock() - MINUTE) as behind:
            watch = Watch(behind, clock)
            mitigation = watch.send()
            watch.stop_elsewhere()

            watch.look()

        assert Sighting.objects.get().mitigation == mitigation


class TestWhatKentikHasOtherwise:
    def test_a_lost_auto_stop_is_an_alarm(self, watch: Watch) -> None:
        watch.sandbox.fault("lose-auto-stop")
        mitigation = watch.send(minutes=60)

        watch.look()

        assert alarms(mitigation) == ["lost-auto-stop"]
        assert deeds("alarm.raised") == ["alarm.raised"]

    def test_a_lost_auto_stop_never_ends_by_the_clock(self, watch: Watch) -> None:
        watch.sandbox.fault("lose-auto-stop")
        mitigation = watch.found(minutes=60)

        watch.pass_(timedelta(hours=5))
        watch.keep_time()

        assert watch.again(mitigation).status == Status.ACTIVE

    def test_an_alarm_is_raised_once(self, watch: Watch) -> None:
        watch.sandbox.fault("lose-auto-stop")
        watch.send()

        for _ in range(3):
            watch.look()

        assert Alarm.objects.count() == 1


class TestAnUnknownOne:
    def test_that_is_found_becomes_active_with_the_clock_of_kentik(self, watch: Watch) -> None:
        watch.sandbox.fault(DROPPED)
        mitigation = watch.send(minutes=60)
        assert mitigation.status == Status.UNKNOWN

        watch.look()

        mitigation = watch.again(mitigation)
        assert (mitigation.status, mitigation.started_at) == (Status.ACTIVE, NOW)
        assert mitigation.ends_at == NOW + timedelta(minutes=60)
        assert watch.at_kentik() in mitigation.status_note

    def test_that_is_not_found_stays_and_is_for_a_person_after_3_minutes(self, watch: Watch) -> None:
        watch.sandbox.fault("close-before-reading")
        mitigation = watch.send()

        watch.look(3 * MINUTE - timedelta(seconds=1))
        before = alarms(mitigation)
        watch.look(MINUTE)

        assert (before, alarms(mitigation)) == ([], ["not-found"])
        assert watch.again(mitigation).status == Status.UNKNOWN

    @pytest.mark.usefixtures("short_lists")
    def test_that_is_not_in_a_list_that_was_cut_may_yet_be_found(self, watch: Watch) -> None:
        watch.sandbox.fault("close-before-reading")
        mitigation = watch.send()
        for number in range(4):
            watch.sandbox.elsewhere(f"192.0.2.{number}/32")

        watch.look(3 * MINUTE)

        assert alarms(mitigation) == []

    def test_that_may_be_several_is_for_a_person(self, watch: Watch) -> None:
        watch.sandbox.fault("close-before-reading")
        mitigation = watch.send()
        watch.sandbox.elsewhere("203.0.113.7/32")
        watch.stop_elsewhere()
        watch.sandbox.elsewhere("203.0.113.7/32")

        watch.look(3 * MINUTE)

        assert alarms(mitigation) == ["several"]
        assert watch.again(mitigation).status == Status.UNKNOWN
        assert deeds("kentik.seen-elsewhere") == []

    def test_that_was_settled_by_a_person_is_not_overruled(self, watch: Watch, cast: Cast) -> None:
        watch.sandbox.fault(DROPPED)
        mitigation = watch.send(requested_by=cast.dana)
        settling.settle(
            reference=mitigation.reference, outcome=Status.REFUSED, by=acting(cast.lee), note="Gone.", at=watch.at
        )

        watch.look()

        assert watch.again(mitigation).status == Status.REFUSED


class TestOneThatIsOverHere:
    def test_and_shown_as_live_with_its_mark_is_an_alarm(self, watch: Watch, cast: Cast) -> None:
        watch.sandbox.fault(DROPPED)
        mitigation = watch.send(requested_by=cast.dana)
        settling.settle(
            reference=mitigation.reference, outcome=Status.REFUSED, by=acting(cast.lee), note="Gone.", at=watch.at
        )

        watch.look()
        watch.look(4 * MINUTE)

        assert Sighting.objects.get().mitigation == mitigation
        assert alarms(mitigation) == ["still-live"]
        assert deeds("kentik.seen-elsewhere") == []
