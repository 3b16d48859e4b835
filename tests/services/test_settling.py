from __future__ import annotations

from datetime import timedelta

import pytest

from audit.models import Event
from audit.refusal import Conflict, Forbidden, Unacceptable
from mitigations.policies.lifecycle import Status
from mitigations.services import settling
from tests.making import NOW, make_mitigation
from tests.people import Cast, acting
from tests.showing import make_alarm

LATER = NOW + timedelta(minutes=5)


def test_an_approver_settles_what_is_in_force(cast: Cast) -> None:
    mitigation = make_mitigation(Status.UNKNOWN, requested_by=cast.dana, minutes=60)

    settling.settle(
        reference=mitigation.reference, outcome=Status.ACTIVE, by=acting(cast.lee), note="Seen there.", at=LATER
    )

    mitigation.refresh_from_db()
    assert (mitigation.status, mitigation.started_at) == (Status.ACTIVE, NOW)
    assert mitigation.ends_at == NOW + timedelta(minutes=60)
    assert Event.objects.get().facts == {"status": "active"}


def test_settling_answers_the_alarms_that_asked_what_became_of_it(cast: Cast) -> None:
    mitigation = make_mitigation(Status.UNKNOWN, requested_by=cast.dana)
    asked, other = make_alarm("not-found", mitigation), make_alarm("other-target", mitigation)

    settling.settle(
        reference=mitigation.reference, outcome=Status.REFUSED, by=acting(cast.lee), note="Not there.", at=LATER
    )

    asked.refresh_from_db()
    other.refresh_from_db()
    assert (asked.settled_by, asked.settled_at, asked.note) == (cast.lee, LATER, "Not there.")
    assert other.settled_at is None
    assert [each.deed for each in Event.objects.order_by("number")] == ["mitigation.settled", "alarm.settled"]


@pytest.mark.parametrize("outcome", [Status.REFUSED, Status.STOPPED])
def test_an_approver_settles_what_is_over(cast: Cast, outcome: Status) -> None:
    mitigation = make_mitigation(Status.UNKNOWN, requested_by=cast.dana)

    settling.settle(reference=mitigation.reference, outcome=outcome, by=acting(cast.lee), note="Looked.", at=LATER)

    mitigation.refresh_from_db()
    assert (mitigation.status, mitigation.closed_at, mitigation.status_note) == (outcome, LATER, "Looked.")


@pytest.mark.parametrize("outcome", [Status.APPROVED, Status.PENDING, Status.SENDING, Status.ENDED])
def test_no_settlement_leads_back_to_sending(cast: Cast, outcome: Status) -> None:
    mitigation = make_mitigation(Status.UNKNOWN, requested_by=cast.dana)

    with pytest.raises(Conflict):
        settling.settle(reference=mitigation.reference, outcome=outcome, by=acting(cast.lee), note="Again", at=LATER)

    mitigation.refresh_from_db()
    assert mitigation.status == Status.UNKNOWN


def test_settling_says_what_was_seen(cast: Cast) -> None:
    mitigation = make_mitigation(Status.UNKNOWN, requested_by=cast.dana)

    with pytest.raises(Unacceptable, match="what you saw"):
        settling.settle(reference=mitigation.reference, outcome=Status.ACTIVE, by=acting(cast.lee), note="", at=LATER)


@pytest.mark.parametrize("name", ["dana", "ana", "max", "eve"])
def test_only_approvers_settle(cast: Cast, name: str) -> None:
    mitigation = make_mitigation(Status.UNKNOWN, requested_by=cast.dana)

    with pytest.raises(Forbidden):
        settling.settle(
            reference=mitigation.reference, outcome=Status.REFUSED, by=acting(getattr(cast, name)), note="x", at=LATER
        )

    mitigation.refresh_from_db()
    assert mitigation.status == Status.UNKNOWN


@pytest.mark.parametrize("name", ["dana", "lee"])
def test_a_stop_seen_in_kentik_is_recorded(cast: Cast, name: str) -> None:
    mitigation = make_mitigation(Status.ACTIVE, requested_by=cast.dana)

    settling.record_stop(reference=mitigation.reference, by=acting(getattr(cast, name)), note="Stopped.", at=LATER)

    mitigation.refresh_from_db()
    assert (mitigation.status, mitigation.closed_at) == (Status.STOPPED, LATER)


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.ACTIVE}))
def test_only_an_active_one_can_be_recorded_as_stopped(cast: Cast, status: Status) -> None:
    mitigation = make_mitigation(status, requested_by=cast.dana)

    with pytest.raises(Conflict):
        settling.record_stop(reference=mitigation.reference, by=acting(cast.lee), note="Stopped.", at=LATER)
