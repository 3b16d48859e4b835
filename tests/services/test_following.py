from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from mitigations.models import Mitigation, Sighting
from mitigations.policies.lifecycle import Status
from mitigations.policies.observing import Appearance
from mitigations.selectors import kentik
from mitigations.selectors.facts import findings_for
from mitigations.services import settling
from mitigations.services.stopping import stoppable
from sandbox.lifecycle import Action
from tests.making import make_mitigation
from tests.people import Cast, acting
from tests.services.watching import MINUTE, Watch, alarms, deeds

ELSEWHERE = "198.51.100.9/32"


class TestOneOfOurs:
    def test_is_seen_as_kentik_has_it(self, watch: Watch) -> None:
        mitigation = watch.found()

        sighting = Sighting.objects.get(mitigation=mitigation)
        assert (sighting.label, sighting.appearance, sighting.occupies) == ("Active", Appearance.LIVE, True)
        assert (sighting.seen_at, sighting.auto_stop_minutes) == (watch.at, 60)

    def test_ends_in_time_when_kentik_agrees(self, watch: Watch) -> None:
        mitigation = watch.found(minutes=10)

        watch.look(10 * MINUTE)

        mitigation = watch.again(mitigation)
        assert (mitigation.status, mitigation.status_note) == (Status.ENDED, "Kentik shows it as Clear.")
        assert alarms(mitigation) == []
        assert deeds("mitigation.seen-over") == ["mitigation.seen-over"]

    def test_that_is_still_live_after_its_end_is_an_alarm_and_stays(self, watch: Watch) -> None:
        watch.sandbox.fault("lose-auto-stop")
        mitigation = watch.found(minutes=10)

        watch.look(15 * MINUTE)

        assert alarms(mitigation) == ["lost-auto-stop", "still-live"]
        assert watch.again(mitigation).status == Status.ACTIVE

    def test_that_was_stopped_elsewhere_ended_before_its_time(self, watch: Watch) -> None:
        mitigation = watch.found()
        watch.stop_elsewhere()

        watch.look()

        assert watch.again(mitigation).status == Status.STOPPED
        assert alarms(mitigation) == ["ended-early"]

    def test_that_ended_early_did_so_however_late_the_look(self, watch: Watch) -> None:
        mitigation = watch.found(minutes=10)
        watch.stop_elsewhere()

        watch.look(30 * MINUTE)

        assert watch.again(mitigation).status == Status.STOPPED

    def test_that_kentik_no_longer_has_is_over(self, watch: Watch) -> None:
        mitigation = watch.found()
        watch.sandbox.reset()

        watch.look()

        assert watch.again(mitigation).status == Status.STOPPED
        assert alarms(mitigation) == ["ended-early"]

    def test_that_could_not_be_started_is_an_alarm_and_stays(self, watch: Watch) -> None:
        watch.sandbox.fault("start-fails")
        mitigation = watch.found()

        assert alarms(mitigation) == ["failed-to-start"]
        assert mitigation.status == Status.ACTIVE

    def test_that_could_not_be_removed_is_an_alarm_and_stays(self, watch: Watch) -> None:
        watch.sandbox.fault("clear-fails")
        mitigation = watch.found(minutes=10)

        watch.look(10 * MINUTE)

        assert alarms(mitigation) == ["failed-to-clear"]
        assert watch.again(mitigation).status == Status.ACTIVE

    def test_that_was_recorded_as_stopped_and_still_runs_is_an_alarm(self, watch: Watch, cast: Cast) -> None:
        mitigation = watch.found(requested_by=cast.dana)
        settling.record_stop(reference=mitigation.reference, by=acting(cast.dana), note="Stopped.", at=watch.at)

        watch.look()
        before = alarms(mitigation)
        watch.look(3 * MINUTE)

        assert (before, alarms(mitigation)) == ([], ["still-live"])

    def test_whose_id_shows_another_target_is_an_alarm_and_is_not_followed(self, watch: Watch) -> None:
        """As when Kentik gives an ID again."""
        moved = make_mitigation(Status.ACTIVE, at=watch.at, target=ELSEWHERE)
        watch.found()
        Sighting.objects.update(mitigation=moved)
        watch.stop_elsewhere()

        watch.look()

        assert alarms(moved) == ["other-target"]
        assert watch.again(moved).status == Status.ACTIVE
        assert stoppable(watch.again(moved), at=watch.at) is None


class TestTheClock:
    def test_waits_for_kentik_to_agree(self, watch: Watch) -> None:
        mitigation = watch.found(minutes=10)
        watch.look(timedelta(minutes=8, seconds=30))

        watch.pass_(MINUTE)
        watch.keep_time()
        before = watch.again(mitigation).status
        watch.look(timedelta(0))

        assert (before, watch.again(mitigation).status) == (Status.ACTIVE, Status.ENDED)

    def test_is_enough_for_one_that_kentik_never_showed(self, watch: Watch) -> None:
        watch.look()
        mitigation = make_mitigation(Status.ACTIVE, at=watch.at, minutes=4)

        watch.pass_(4 * MINUTE)
        watch.keep_time()

        assert watch.again(mitigation).status == Status.ENDED

    @pytest.mark.parametrize("blind", ["off", "refused", "stale"])
    def test_is_enough_without_v6(self, watch: Watch, settings, blind: str) -> None:
        mitigation = watch.found(minutes=10)
        watch.pass_(10 * MINUTE)
        if blind == "refused":
            watch.sandbox.fault("status", status=403, api="v6")
            watch.look(timedelta(0))
        settings.KENTIK_V6 = blind != "off"

        watch.keep_time()

        assert watch.again(mitigation).status == Status.ENDED


class TestOneThatWasStartedElsewhere:
    def test_is_told_once(self, watch: Watch) -> None:
        watch.sandbox.elsewhere(ELSEWHERE, comment="by hand")

        watch.look()
        watch.look()

        [event] = Event.objects.filter(deed="kentik.seen-elsewhere")
        assert (event.subject, event.details["comment"]) == (ELSEWHERE, "by hand")

    def test_is_not_told_when_it_is_automatic(self, watch: Watch) -> None:
        watch.sandbox.automatic(ELSEWHERE)

        watch.look()

        assert deeds("kentik.seen-elsewhere") == []
        assert [each.target for each in kentik.elsewhere()] == [ELSEWHERE]

    def test_is_told_when_somebody_took_an_automatic_one_under_control(self, watch: Watch) -> None:
        watch.sandbox.automatic(ELSEWHERE)
        watch.sandbox._world.mitigations.act(watch.at_kentik(ELSEWHERE), Action.TAKE_CONTROL)

        watch.look()

        assert deeds("kentik.seen-elsewhere") == ["kentik.seen-elsewhere"]

    @pytest.mark.parametrize("how", ["elsewhere", "automatic"])
    @pytest.mark.parametrize(
        ("target", "code"), [(ELSEWHERE, "duplicate"), ("198.51.100.0/28", "overlap"), ("198.51.100.77/32", None)]
    )
    def test_is_counted_by_the_guardrails(self, watch: Watch, how: str, target: str, code: str | None) -> None:
        getattr(watch.sandbox, how)(ELSEWHERE)
        watch.look()

        found = findings_for(make_mitigation(target=target), at=watch.at)

        assert [each.code for each in found if each.code in {"duplicate", "overlap"}] == ([code] if code else [])

    def test_is_counted_on_flowspec_too(self, watch: Watch) -> None:
        watch.sandbox.elsewhere(ELSEWHERE, platform_id="258", method_id="781")
        watch.look()

        assert "duplicate" in [each.code for each in findings_for(make_mitigation(target=ELSEWHERE), at=watch.at)]

    def test_is_released_when_it_is_gone(self, watch: Watch) -> None:
        watch.sandbox.elsewhere(ELSEWHERE)
        watch.look()
        watch.stop_elsewhere(ELSEWHERE)

        watch.look()

        assert kentik.elsewhere() == []
        assert findings_for(make_mitigation(target=ELSEWHERE), at=watch.at) == ()

    def test_stands_in_nobodys_way_while_kentik_cannot_be_seen(self, watch: Watch, settings) -> None:
        watch.sandbox.elsewhere(ELSEWHERE)
        watch.look()
        settings.KENTIK_V6 = False

        assert findings_for(make_mitigation(target=ELSEWHERE), at=watch.at) == ()

    def test_one_of_ours_that_is_over_here_and_runs_there_is_counted(self, watch: Watch, cast: Cast) -> None:
        mitigation = watch.found(target=ELSEWHERE, requested_by=cast.dana)
        settling.record_stop(reference=mitigation.reference, by=acting(cast.dana), note="Stopped.", at=watch.at)
        before = findings_for(make_mitigation(target=ELSEWHERE), at=watch.at)

        watch.look()

        after = findings_for(Mitigation.objects.get(status=Status.PENDING), at=watch.at)
        assert (before, [each.code for each in after]) == ((), ["duplicate"])


@pytest.mark.usefixtures("short_lists")
def test_a_list_that_was_cut_concludes_nothing(watch: Watch) -> None:
    watch.sandbox.elsewhere(ELSEWHERE)
    watch.look()
    watch.sandbox.reset()
    for number in range(4):
        watch.sandbox.elsewhere(f"192.0.2.{number}/32")

    watch.look()

    assert ELSEWHERE in [each.target for each in kentik.elsewhere()]
    assert kentik.view().trouble


def test_following_many_asks_the_database_no_more_often(watch: Watch) -> None:
    def queries(count: int) -> int:
        for _ in range(count):
            watch.send(f"192.0.2.{Mitigation.objects.count()}/32")
        watch.look()
        with CaptureQueriesContext(connection) as seen:
            watch.look()
        return len(seen)

    assert queries(1) == queries(5)
