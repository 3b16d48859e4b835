from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from accounts.authority import Role
from accounts.models import User
from audit.models import Event
from audit.refusal import Conflict, Forbidden, Refused, Unacceptable
from mitigations.models import BreakGlass, Mitigation
from mitigations.policies.lifecycle import Status
from mitigations.selectors.mitigations import glass_to_review
from mitigations.services import approvals, glass
from mitigations.services.sending import claim_next
from tests.making import NOW, break_glass_for, make_mitigation, make_protected
from tests.people import Cast, acting, make_person

WHY = "The shop is down and nobody answers the phone."


def break_glass(mitigation: Mitigation, by: User, *, note: str = WHY, at=NOW) -> Mitigation:
    return glass.break_glass(reference=mitigation.reference, by=acting(by), note=note, at=at)


def review(mitigation: Mitigation, by: User, *, justified: bool = True, note: str = "Right so.") -> Mitigation:
    return glass.review(reference=mitigation.reference, justified=justified, by=acting(by), note=note, at=NOW)


def status_of(mitigation: Mitigation) -> str:
    return Mitigation.objects.get(pk=mitigation.pk).status


def claimed() -> bool:
    return claim_next(lease=timedelta(seconds=90), at=NOW) is not None


def test_sends_an_own_request_without_approval(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana, approvals_needed=3)

    break_glass(mitigation, cast.dana)

    assert status_of(mitigation) == Status.APPROVED
    assert claimed()
    broken = BreakGlass.objects.get()
    assert (broken.broken_by, broken.broken_at, broken.reason) == (cast.dana, NOW, WHY)


def test_has_an_event_of_its_own(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)

    break_glass(mitigation, cast.dana)

    event = Event.objects.get()
    assert (event.deed, event.subject, event.details["note"]) == (
        "mitigation.glass-broken",
        mitigation.reference,
        WHY,
    )


@pytest.mark.parametrize("superuser", [False, True])
@pytest.mark.parametrize("name", ["lee", "ana", "max", "eve"])
def test_refuses_whoever_has_not_that_right(cast: Cast, name: str, superuser: bool) -> None:
    person: User = getattr(cast, name)
    person.is_superuser = superuser
    person.save()
    mitigation = make_mitigation(requested_by=person)

    with pytest.raises(Forbidden):
        break_glass(mitigation, person)

    assert status_of(mitigation) == Status.PENDING


def test_refuses_the_request_of_somebody_else(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=make_person("rob", [Role.REQUESTER, Role.BREAK_GLASS]))

    with pytest.raises(Forbidden, match="whoever asked"):
        break_glass(mitigation, cast.dana)


@pytest.mark.parametrize("note", ["", "now", "x" * 19])
def test_wants_a_reason_that_says_something(cast: Cast, note: str) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)

    with pytest.raises(Unacceptable, match="20 characters"):
        break_glass(mitigation, cast.dana, note=note)

    assert not BreakGlass.objects.exists()


def test_what_blocks_still_blocks(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana, target="203.0.113.7/32")
    make_protected("203.0.113.0/28", owner=cast.max)

    with pytest.raises(Conflict, match="protected"):
        break_glass(mitigation, cast.dana)

    assert status_of(mitigation) == Status.PENDING


def test_is_too_late_at_the_deadline(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)

    with pytest.raises(Conflict, match="expired"):
        break_glass(mitigation, cast.dana, at=mitigation.waits_until)


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.PENDING}))
def test_is_for_pending_ones_only(cast: Cast, status: Status) -> None:
    mitigation = make_mitigation(status, requested_by=cast.dana)

    with pytest.raises(Refused):
        break_glass(mitigation, cast.dana)

    assert status_of(mitigation) == status


def test_a_rejection_beats_it_until_it_is_sent(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)
    break_glass(mitigation, cast.dana)

    approvals.reject(reference=mitigation.reference, by=acting(cast.lee), note="No.", at=NOW)

    assert status_of(mitigation) == Status.REJECTED
    assert not claimed()


def test_tells_an_approver_that_it_goes_without(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)
    break_glass(mitigation, cast.dana)

    with pytest.raises(Conflict, match="dana broke the glass"):
        approvals.approve(reference=mitigation.reference, by=acting(cast.lee), note="", at=NOW)


@pytest.mark.parametrize("lost", [Role.BREAK_GLASS, Role.REQUESTER])
def test_does_not_go_out_when_the_right_is_gone_before_the_sending(cast: Cast, lost: Role) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)
    break_glass(mitigation, cast.dana)
    cast.dana.groups.remove(Group.objects.get(name=lost))

    assert not claimed()
    assert status_of(mitigation) == Status.PENDING


def test_does_not_go_out_when_the_person_is_deactivated_before_the_sending(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)
    break_glass(mitigation, cast.dana)
    User.objects.filter(pk=cast.dana.pk).update(is_active=False)

    assert not claimed()


def test_waits_for_a_review_until_somebody_has_given_it(cast: Cast) -> None:
    mitigation = make_mitigation(Status.ACTIVE, requested_by=cast.dana)
    break_glass_for(mitigation)
    assert glass_to_review(acting(cast.lee)) == [mitigation]

    review(mitigation, cast.lee, justified=False, note="lee was awake.")

    assert glass_to_review(acting(cast.kim)) == []
    broken = BreakGlass.objects.get()
    assert (broken.reviewed_by, broken.reviewed_at, broken.justified, broken.review_note) == (
        cast.lee,
        NOW,
        False,
        "lee was awake.",
    )
    assert Event.objects.get(deed="mitigation.glass-reviewed").facts == {"verdict": "not justified"}


def test_is_reviewed_once(cast: Cast) -> None:
    mitigation = make_mitigation(Status.ACTIVE, requested_by=cast.dana)
    break_glass_for(mitigation)
    review(mitigation, cast.lee)

    with pytest.raises(Conflict, match="reviewed already"):
        review(mitigation, cast.kim)


def test_nobody_reviews_their_own(cast: Cast) -> None:
    both = make_person("pat", [Role.REQUESTER, Role.APPROVER, Role.BREAK_GLASS])
    mitigation = make_mitigation(Status.ACTIVE, requested_by=both)
    break_glass_for(mitigation)

    with pytest.raises(Forbidden, match="own"):
        review(mitigation, both)

    assert glass_to_review(acting(both)) == []


@pytest.mark.parametrize("name", ["dana", "ana", "max", "eve"])
def test_is_reviewed_by_approvers_only(cast: Cast, name: str) -> None:
    mitigation = make_mitigation(Status.ACTIVE, requested_by=make_person("rob", [Role.REQUESTER]))
    break_glass_for(mitigation)

    with pytest.raises(Forbidden):
        review(mitigation, getattr(cast, name))


def test_a_review_says_why(cast: Cast) -> None:
    mitigation = make_mitigation(Status.ACTIVE, requested_by=cast.dana)
    break_glass_for(mitigation)

    with pytest.raises(Unacceptable, match="Say how"):
        review(mitigation, cast.lee, note="")


def test_there_is_nothing_to_review_where_no_glass_was_broken(cast: Cast) -> None:
    with pytest.raises(Conflict, match="No glass"):
        review(make_mitigation(Status.ACTIVE, requested_by=cast.dana), cast.lee)
