"""How far a mitigation has come, at a glance."""

from __future__ import annotations

from datetime import timedelta

import pytest
from time_machine import travel

from mitigations.policies.lifecycle import Status
from tests.making import NOW, break_glass_for, make_mitigation
from tests.people import Cast
from tests.showing import make_followed
from tests.views.pages import Page

# What each of the five steps looks like in each status.
COURSES = {
    Status.PENDING: ("done", "now", "ahead", "ahead", "ahead"),
    Status.APPROVED: ("done", "done", "now", "ahead", "ahead"),
    Status.SENDING: ("done", "done", "now", "ahead", "ahead"),
    Status.ACTIVE: ("done", "done", "done", "live", "ahead"),
    Status.UNKNOWN: ("done", "done", "done", "wrong", "ahead"),
    Status.ENDED: ("done", "done", "done", "done", "done"),
    Status.STOPPED: ("done", "done", "done", "done", "done"),
    Status.REJECTED: ("done", "wrong", "never", "never", "never"),
}


def steps(signed_in, mitigation) -> list[tuple[str, str]]:
    course = Page(signed_in("ana").get(f"/mitigations/{mitigation.reference}/")).all("ol", class_="course")[0]
    return [(step.classes[0].removeprefix("step-"), step.text) for step in course.all("li")]


@pytest.mark.parametrize("status", COURSES)
def test_each_status_stands_where_it_is(status: Status, signed_in, cast: Cast) -> None:
    assert tuple(state for state, _ in steps(signed_in, make_mitigation(status))) == COURSES[status]


@pytest.mark.parametrize(
    ("status", "approved", "claimed", "at"),
    [
        (Status.WITHDRAWN, False, False, "Agreed"),
        (Status.WITHDRAWN, True, False, "Sent"),
        (Status.EXPIRED, False, False, "Agreed"),
        (Status.REFUSED, True, False, "Sent"),
        (Status.REFUSED, True, True, "Live"),
    ],
)
def test_what_came_to_nothing_did_so_at_the_step_that_it_never_took(
    status: Status, approved: bool, claimed: bool, at: str, signed_in, cast: Cast
) -> None:
    mitigation = make_mitigation(status)
    then = mitigation.requested_at
    if approved:
        mitigation.decisions.create(decided_by=cast.lee, verdict="approve", decided_at=then)
    type(mitigation).objects.filter(pk=mitigation.pk).update(
        approved_at=then if approved else None, claimed_at=then if claimed else None
    )

    [wrong] = [text for state, text in steps(signed_in, mitigation) if state == "wrong"]

    assert wrong.startswith(f"{at} {status}")


def test_says_how_many_have_agreed_and_when_it_will_be_over(signed_in, cast: Cast) -> None:
    mitigation = make_mitigation(Status.ACTIVE, minutes=60)
    client = signed_in("ana")
    with travel(NOW + timedelta(minutes=10), tick=False):
        course = Page(client.get(f"/mitigations/{mitigation.reference}/")).all("ol", class_="course")[0]
    told = [step.text for step in course.all("li")]
    ago = "10 min ago"
    assert told == [f"Asked dana {ago}", f"Agreed 1 of 1 {ago}", f"Sent {ago}", f"Live {ago}", "Over in 50 min"]


@pytest.mark.parametrize("status", [Status.SENDING, Status.ACTIVE, Status.UNKNOWN, Status.ENDED, Status.STOPPED])
def test_what_was_sent_stays_agreed_when_an_approver_leaves(status: Status, signed_in, cast: Cast) -> None:
    mitigation = make_mitigation(status)
    before = steps(signed_in, mitigation)
    type(cast.lee).objects.filter(pk=cast.lee.pk).update(is_active=False)

    assert before[1][1].startswith("Agreed 1 of 1")
    assert steps(signed_in, mitigation) == before


@pytest.mark.parametrize(
    ("shown", "state", "words"),
    [
        ({"appearance": "start-failed"}, "wrong", "failed to start"),
        ({"appearance": "stopping"}, "now", "being stopped"),
    ],
)
def test_one_that_does_not_run_as_it_was_asked_for_has_no_end(
    shown: dict[str, str], state: str, words: str, signed_in, cast: Cast
) -> None:
    live, over = steps(signed_in, make_followed(**shown))[3:]
    assert (live[0], words in live[1], over) == (state, True, ("ahead", "Over not yet"))


def test_an_approval_that_counts_no_longer_has_no_time(signed_in, cast: Cast) -> None:
    mitigation = make_mitigation(approvals_needed=2)
    mitigation.decisions.create(decided_by=cast.lee, verdict="approve", decided_at=mitigation.requested_at)
    type(cast.lee).objects.filter(pk=cast.lee.pk).update(is_active=False)

    assert steps(signed_in, mitigation)[1] == ("now", "Agreed 0 of 2")


def test_says_that_glass_was_broken(signed_in, cast: Cast) -> None:
    mitigation = make_mitigation(Status.ACTIVE)
    break_glass_for(mitigation)
    assert steps(signed_in, mitigation)[1][1].startswith("Agreed glass broken")
