from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.authority import Role
from accounts.models import User
from audit import ledger
from audit.models import Event
from audit.refusal import Conflict, Forbidden, Refused, Unacceptable
from mitigations.models import Decision, Mitigation, Team
from mitigations.policies.catalogue import What
from mitigations.policies.lifecycle import Status
from mitigations.selectors.mitigations import awaiting
from mitigations.services import approvals, catalogue
from tests.making import NOW, make_mitigation
from tests.people import Cast, acting, make_person


def approve(mitigation: Mitigation, by: User, *, note: str = "", at=NOW) -> Mitigation:
    return approvals.approve(reference=mitigation.reference, by=acting(by), note=note, at=at)


def reject(mitigation: Mitigation, by: User, *, note: str = "Too wide.") -> Mitigation:
    return approvals.reject(reference=mitigation.reference, by=acting(by), note=note, at=NOW)


def status_of(mitigation: Mitigation) -> str:
    return Mitigation.objects.get(pk=mitigation.pk).status


def test_the_last_approval_needed_approves(cast: Cast) -> None:
    mitigation = approve(make_mitigation(requested_by=cast.dana), cast.lee, note="Seen.")

    assert (status_of(mitigation), mitigation.approved_at) == (Status.APPROVED, NOW)
    decision = Decision.objects.get()
    assert (decision.verdict, decision.decided_by, decision.note, decision.decided_at) == (
        "approve",
        cast.lee,
        "Seen.",
        NOW,
    )
    assert Event.objects.get().facts == {"approvals": 1, "needed": 1, "status": "approved"}


def test_waits_while_more_approvals_are_needed(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana, approvals_needed=2)

    approve(mitigation, cast.lee)
    assert status_of(mitigation) == Status.PENDING

    approve(mitigation, cast.kim)
    assert status_of(mitigation) == Status.APPROVED


@pytest.mark.parametrize("name", ["dana", "ana", "max", "eve"])
def test_refuses_whoever_is_no_approver(cast: Cast, name: str) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)

    with pytest.raises(Forbidden):
        approve(mitigation, getattr(cast, name))

    assert status_of(mitigation) == Status.PENDING
    assert not Decision.objects.exists()
    assert Event.objects.get().outcome == "refused"


@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_decides_on_their_own_request(cast: Cast, superuser: bool) -> None:
    both = make_person("pat", [Role.REQUESTER, Role.APPROVER])
    both.is_superuser = both.is_staff = superuser
    both.save()
    mitigation = make_mitigation(requested_by=both)

    for deed in (approve, reject):
        with pytest.raises(Forbidden, match="their own request"):
            deed(mitigation, both)

    assert status_of(mitigation) == Status.PENDING


def test_nobody_decides_twice(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana, approvals_needed=2)
    approve(mitigation, cast.lee)

    with pytest.raises(Conflict) as refusal:
        approve(mitigation, cast.lee)

    assert [objection.code for objection in refusal.value.objections] == ["decided-already"]
    assert (status_of(mitigation), Decision.objects.count()) == (Status.PENDING, 1)


def test_tells_who_approved_it_already(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)
    approve(mitigation, cast.lee)

    with pytest.raises(Conflict, match="lee"):
        approve(mitigation, cast.kim)

    assert Decision.objects.count() == 1


def test_one_rejection_ends_it(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana, approvals_needed=2)
    approve(mitigation, cast.lee)

    reject(mitigation, cast.kim, note="Not ours.")

    mitigation.refresh_from_db()
    assert (mitigation.status, mitigation.status_note, mitigation.closed_at) == (Status.REJECTED, "Not ours.", NOW)


def test_a_rejection_beats_an_approval_until_it_is_sent(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)
    approve(mitigation, cast.lee)

    reject(mitigation, cast.kim)

    assert status_of(mitigation) == Status.REJECTED


def test_a_rejection_says_why(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)

    with pytest.raises(Unacceptable, match="Say why"):
        reject(mitigation, cast.lee, note="")

    assert (status_of(mitigation), Decision.objects.count()) == (Status.PENDING, 0)


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.PENDING}))
def test_approves_only_what_is_pending(cast: Cast, status: Status) -> None:
    mitigation = make_mitigation(status, requested_by=cast.dana)

    with pytest.raises(Refused):
        approve(mitigation, cast.kim)

    assert status_of(mitigation) == status


def test_approves_nothing_at_or_after_its_deadline(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)

    approve(make_mitigation(requested_by=cast.dana), cast.lee, at=NOW + timedelta(hours=24, microseconds=-1))
    with pytest.raises(Conflict, match="expired"):
        approve(mitigation, cast.lee, at=NOW + timedelta(hours=24))


def of_security(*people: User) -> Team:
    team = Team.objects.create(name="Security")
    team.members.set(people)
    return team


def test_counts_only_approvals_by_the_team_that_must_approve(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana, approving_team=of_security(cast.kim))

    with pytest.raises(Forbidden, match="Only approvals by Security count"):
        approve(mitigation, cast.lee)
    approve(mitigation, cast.kim)

    assert status_of(mitigation) == Status.APPROVED
    assert [decision.decided_by for decision in Decision.objects.all()] == [cast.kim]


def test_lets_any_approver_reject_whatever_team_must_approve(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana, approving_team=of_security(cast.kim))

    reject(mitigation, cast.lee)

    assert status_of(mitigation) == Status.REJECTED


def test_a_member_of_the_team_who_is_no_approver_counts_for_nothing(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana, approving_team=of_security(cast.max))

    with pytest.raises(Forbidden):
        approve(mitigation, cast.max)


def test_shows_an_approver_only_what_their_approval_would_count_for(cast: Cast) -> None:
    theirs = make_mitigation(requested_by=cast.dana, approving_team=of_security(cast.kim))
    anybodys = make_mitigation(requested_by=cast.dana)

    assert awaiting(acting(cast.kim)) == [theirs, anybodys]
    assert awaiting(acting(cast.lee)) == [anybodys]


def test_tells_that_no_approval_was_asked_for(cast: Cast) -> None:
    mitigation = make_mitigation(Status.APPROVED, requested_by=cast.dana, approvals_needed=0)

    with pytest.raises(Conflict, match="asks for no approval"):
        approve(mitigation, cast.kim)


def test_asks_the_guardrails_again(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)
    catalogue.retire(what=What.METHOD, id=mitigation.pairing.method_id, by=acting(cast.max), at=NOW)

    with pytest.raises(Conflict, match="retired"):
        approve(mitigation, cast.lee)

    assert (status_of(mitigation), Decision.objects.count()) == (Status.PENDING, 0)


def test_changes_nothing_when_the_event_cannot_be_written(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("the log is full")

    monkeypatch.setattr(ledger, "append", fail)
    with pytest.raises(OSError, match="full"):
        approve(mitigation, cast.lee)

    assert (status_of(mitigation), Decision.objects.count()) == (Status.PENDING, 0)
