from __future__ import annotations

import pytest

from accounts.authority import Actor
from audit.models import Event
from audit.refusal import Conflict, Forbidden, Unacceptable
from mitigations.models import Mitigation
from mitigations.policies.lifecycle import Status
from mitigations.services import adopting
from tests.making import NOW, make_mitigation
from tests.people import Cast, acting, make_person
from tests.showing import make_alarm, make_sighting
from tests.views.facts import deeds


@pytest.fixture
def lee(cast: Cast) -> Actor:
    return acting(cast.lee)


def one_of_several(status: Status = Status.ACTIVE, **values: object) -> Mitigation:
    """Kentik shows 71 and 72, and it may be either."""
    mitigation = make_mitigation(status, target="203.0.113.7/32", **values)
    for kentik_id in ("71", "72"):
        make_sighting(target=mitigation.target, kentik_id=kentik_id, comment=mitigation.marked_comment)
    return mitigation


def adopt(mitigation: Mitigation, by: Actor, *, kentik_id: str = "72", note: str = "It is the newer.") -> Mitigation:
    return adopting.adopt_by(reference=mitigation.reference, kentik_id=kentik_id, by=by, note=note, at=NOW)


def test_ties_it_to_the_one_that_was_said(lee: Actor) -> None:
    mitigation = one_of_several()
    adopt(mitigation, lee)
    assert Mitigation.objects.get(pk=mitigation.pk).sighting.kentik_id == "72"


def test_leaves_one_event_that_names_who_said_so(lee: Actor) -> None:
    mitigation = one_of_several()
    adopt(mitigation, lee)
    assert deeds(mitigation.reference) == [("lee", "mitigation.matched", "done")]
    assert Event.objects.get().details["note"] == "It is the newer."


def test_makes_an_unknown_one_active_from_when_kentik_started_it(lee: Actor) -> None:
    mitigation = adopt(one_of_several(Status.UNKNOWN), lee)
    assert (mitigation.status, mitigation.started_at) == (Status.ACTIVE, NOW)


def test_settles_the_alarm_that_asked_which(lee: Actor) -> None:
    mitigation = one_of_several()
    alarm = make_alarm("several", mitigation)
    adopt(mitigation, lee)
    alarm.refresh_from_db()
    assert (alarm.settled_by_id, alarm.note) == (lee.id, "It is the newer.")


def test_raises_an_alarm_where_it_differs(lee: Actor) -> None:
    mitigation = one_of_several(minutes=30)
    adopt(mitigation, lee)
    assert mitigation.alarms.get().code == "other-minutes"


def test_needs_a_reason(lee: Actor) -> None:
    with pytest.raises(Unacceptable, match="what you saw"):
        adopt(one_of_several(), lee, note="")


@pytest.mark.parametrize("changed", [{"target": "203.0.113.8/32"}, {"manual": False}, {"platform_id": "258"}])
def test_takes_none_that_cannot_be_it(changed: dict[str, object], lee: Actor) -> None:
    mitigation = one_of_several()
    make_sighting(**{"kentik_id": "73", "target": mitigation.target, "comment": "", **changed})
    with pytest.raises(Conflict, match="cannot be it"):
        adopt(mitigation, lee, kentik_id="73")


def test_takes_none_that_is_tied_to_another(lee: Actor) -> None:
    mitigation = one_of_several()
    make_sighting(make_mitigation(Status.ENDED), kentik_id="73", target=mitigation.target)
    with pytest.raises(Conflict, match="cannot be it"):
        adopt(mitigation, lee, kentik_id="73")


def test_is_done_once(lee: Actor) -> None:
    mitigation = one_of_several()
    adopt(mitigation, lee)
    with pytest.raises(Conflict, match="already, as 72"):
        adopt(mitigation, lee, kentik_id="71")


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.ACTIVE, Status.UNKNOWN}))
def test_is_only_for_what_may_be_in_force(status: Status, lee: Actor) -> None:
    with pytest.raises(Conflict):
        adopt(one_of_several(status), lee)


@pytest.mark.parametrize("name", ["dana", "ana", "max", "eve"])
def test_only_approvers_say_which(name: str, cast: Cast) -> None:
    mitigation = one_of_several()
    with pytest.raises(Forbidden):
        adopt(mitigation, acting(getattr(cast, name)))
    assert not hasattr(Mitigation.objects.get(pk=mitigation.pk), "sighting")


def test_nobody_says_it_of_their_own(cast: Cast) -> None:
    both = make_person("both", ["requester", "approver"])
    with pytest.raises(Forbidden):
        adopt(one_of_several(requested_by=both), acting(both))
