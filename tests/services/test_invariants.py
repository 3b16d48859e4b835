"""What must hold whatever happens, each with a test of its own that leads straight to where it could break.

Numbers and words are those of the study of approvals from which the design was made; there a request could be revised,
here its terms never change. `test_lifecycle_machine.py` holds the same promises under play at random.

| no. | says | here |
| --- | --- | --- |
| 1 | at every call the requirement is met by decisions, recomputed | `…did not count…`, `…without approval…` |
| 2 | what is sent is what was approved | `what_is_sent_is_what_was_asked_for` |
| 3 | nothing rejected is sent, and no approval follows a rejection | `after_a_rejection…` |
| 4 | no requester counts | `the_requester_never_counts…` |
| 5 | a person counts once | `one_person_counts_once…` |
| 6, 7 | an approval is for what its approver saw: no revisions, so terms stand | `the_terms_stand…` |
| 8 | nothing is approved or sent at or after its deadline | `…deadline…` |
| 9 | approved means agreed, until the next claim | `…did_not_count…`, `approved_means_agreed…` |
| 10 | deactivating a counted approver prevents the sending | `…did_not_count…` |
| 11 | other rules change nothing that is under way | `rules_published_in_between…` |
| 12 | `resolve` is total, in any order, and monotone | `tests/policies/test_approval.py`, by hypothesis |
| 13 | the superuser bit changes no outcome | `the_superuser_bit…` |
| 14 | rules after the one that matches change nothing | `rules_after_the_one…`; without a match: one approval |
| 15 | what was asked for can be agreed to by others | `tests/services/test_requests.py` |
| 16 | what is over stays over, and every pair is defined | `what_is_over…` |
| 17 | one call under way, nothing called again while unknown | `nothing_leads_from_unknown…`, `the_lane_is_free…` |
| 18 | no transaction is open during the call | `the_call_is_made_outside…` |
| 19 | any interleaving equals some order | `tests/processes/test_races.py` |
| 20 | a broken glass is reviewed once, by somebody else | `tests/services/test_glass.py`, and the races |
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import chain, repeat

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, connections, transaction

from accounts.authority import Role
from accounts.models import User
from audit.models import Event
from audit.refusal import Conflict, Forbidden, Refused
from mitigations.kentik.account import Account
from mitigations.kentik.client import Client
from mitigations.models import BreakGlass, Decision, Exchange, Mitigation, Team
from mitigations.policies.lifecycle import FINAL, Status
from mitigations.policies.network import known
from mitigations.policies.rules import Inside
from mitigations.services import approvals, glass, requests, settling
from mitigations.services.sending import claim_next, record_call
from mitigations.services.timekeeping import keep_time
from mitigations.services.worker import Worker
from sandbox.server import Sandbox
from tests.making import NOW, break_glass_for, make_mitigation, make_rule, make_rulebook
from tests.people import Cast, acting, make_person
from tests.services.test_requests import ask

LEASE = timedelta(seconds=90)
WHY = "The shop is down and nobody answers."
Kentik = Callable[..., Client]


def claims(at: datetime = NOW) -> bool:
    return claim_next(lease=LEASE, at=at) is not None


def approve(mitigation: Mitigation, by: User, at: datetime = NOW) -> None:
    approvals.approve(reference=mitigation.reference, by=acting(by), note="", at=at)


def status_of(mitigation: Mitigation) -> str:
    return Mitigation.objects.values_list("status", flat=True).get(pk=mitigation.pk)


def security(*members: User) -> Team:
    team = Team.objects.create(name="Security")
    team.members.set(members)
    return team


# --- Agreed to, at the moment of sending ------------------------------------------------------------------------------

LOSSES: dict[str, Callable[[User, Team], object]] = {
    "deactivated": lambda person, _: User.objects.filter(pk=person.pk).update(is_active=False),
    "no approver any more": lambda person, _: person.groups.clear(),
    "out of the team": lambda person, team: team.members.remove(person),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_approved_by_two_of_whom_one_did_not_count_any_more_it_waits_for_another(cast: Cast, loss: str) -> None:
    joe = make_person("joe", [Role.APPROVER])
    team = security(cast.lee, cast.kim, joe)
    mitigation = make_mitigation(requested_by=cast.dana, approvals_needed=2, approving_team=team)
    approve(mitigation, cast.lee)
    approve(mitigation, cast.kim)
    LOSSES[loss](cast.kim, team)

    assert not claims()
    assert status_of(mitigation) == Status.PENDING
    approve(mitigation, joe)
    assert claims()


@pytest.mark.parametrize("loss", LOSSES)
def test_an_earlier_approval_that_did_not_count_any_more_is_not_counted_with_the_next(cast: Cast, loss: str) -> None:
    team = security(cast.lee, cast.kim)
    mitigation = make_mitigation(requested_by=cast.dana, approvals_needed=2, approving_team=team)
    approve(mitigation, cast.lee)
    LOSSES[loss](cast.lee, team)

    approve(mitigation, cast.kim)

    assert status_of(mitigation) == Status.PENDING


def test_approved_means_agreed_again_once_the_approver_is_back(cast: Cast) -> None:
    mitigation = make_mitigation(Status.APPROVED, requested_by=cast.dana)
    User.objects.filter(username="lee").update(is_active=False)
    assert not claims()
    User.objects.filter(username="lee").update(is_active=True)

    approve(mitigation, cast.kim)

    assert Event.objects.filter(deed="mitigation.approved").latest("number").facts["approvals"] == 2
    assert claims()


def test_an_approver_who_left_before_the_call_never_left_is_asked_again(
    cast: Cast, kentik: Kentik, sandbox: Sandbox
) -> None:
    """A call that never left may be made again, and everything is asked again before."""
    mitigation = make_mitigation(Status.APPROVED, requested_by=cast.dana)
    client = kentik()
    sandbox.close()
    send(client)
    User.objects.filter(username="lee").update(is_active=False)

    assert not claims(NOW + timedelta(seconds=1))
    assert status_of(mitigation) == Status.PENDING


def test_the_requester_never_counts_for_their_own_whatever_the_database_holds(cast: Cast) -> None:
    """A trigger refuses such a decision; and without it, the claim would still not count it."""
    mitigation = make_mitigation(requested_by=cast.lee)
    Mitigation.objects.filter(pk=mitigation.pk).update(status=Status.APPROVED, approved_at=NOW)

    with pytest.raises(IntegrityError, match="own request"), transaction.atomic():
        Decision.objects.create(mitigation=mitigation, verdict="approve", decided_by=cast.lee, decided_at=NOW)

    assert not claims()


def test_one_person_counts_once_however_many_roles_and_teams_they_have(cast: Cast) -> None:
    cast.lee.groups.set(Group.objects.filter(name__in=[Role.APPROVER, Role.REQUESTER, Role.ADMINISTRATOR]))
    Team.objects.create(name="Web").members.set([cast.lee])
    mitigation = make_mitigation(
        requested_by=cast.dana, approvals_needed=2, approving_team=security(cast.lee, cast.kim)
    )
    approve(mitigation, cast.lee)

    with pytest.raises(Conflict, match="decided on this request already"):
        approve(mitigation, cast.lee)

    assert status_of(mitigation) == Status.PENDING


def test_after_a_rejection_nothing_approves_or_sends_it(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)
    approvals.reject(reference=mitigation.reference, by=acting(cast.kim), note="No.", at=NOW)

    with pytest.raises(Refused):
        approve(mitigation, cast.lee)
    Mitigation.objects.filter(pk=mitigation.pk).update(status=Status.APPROVED, approved_at=NOW, closed_at=None)
    Decision.objects.create(mitigation=mitigation, verdict="approve", decided_by=cast.lee, decided_at=NOW)

    assert not claims(), "a flag is no approval"


# --- Without approval, by broken glass --------------------------------------------------------------------------------


def test_glass_broken_and_the_right_lost_it_waits_for_approvals_again(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)
    glass.break_glass(reference=mitigation.reference, by=acting(cast.dana), note=WHY, at=NOW)
    cast.dana.groups.remove(Group.objects.get(name=Role.BREAK_GLASS))
    assert not claims()

    approve(mitigation, cast.lee)

    assert claims()


def test_glass_is_broken_once_even_after_the_right_was_lost_and_given_back(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)
    break_glass_for(mitigation)

    with pytest.raises(Conflict, match="broken for this one already"):
        glass.break_glass(reference=mitigation.reference, by=acting(cast.dana), note=WHY, at=NOW)

    assert BreakGlass.objects.count() == 1


def test_no_glass_is_broken_for_another_request_of_the_same_person(cast: Cast) -> None:
    broken = make_mitigation(requested_by=cast.dana)
    other = make_mitigation(requested_by=cast.dana)
    glass.break_glass(reference=broken.reference, by=acting(cast.dana), note=WHY, at=NOW)

    assert claims()
    assert status_of(other) == Status.PENDING


# --- What is sent is what was approved --------------------------------------------------------------------------------


def send(client: Client, at: datetime = NOW) -> Mitigation:
    claim = claim_next(lease=LEASE, at=at)
    assert claim is not None
    return record_call(claim=claim, call=client.start(claim.message), at=at)


def test_what_is_sent_is_what_was_asked_for(cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
    mitigation = ask(cast.dana, target="203.0.113.0/28", minutes=30)
    approve(mitigation, cast.lee)

    send(kentik())

    [live] = sandbox.mitigations()
    assert (live["ip_cidr"], live["minutes"]) == ("203.0.113.0/28", 30)
    assert live["comment"] == f"[{mitigation.reference}] Shop under flood"


@pytest.mark.parametrize(
    "change", [{"minutes": 0}, {"target": "203.0.113.0/24"}, {"approvals_needed": 0}, {"comment": "Other"}]
)
def test_the_terms_stand_between_approval_and_sending(cast: Cast, change: dict[str, object]) -> None:
    mitigation = make_mitigation(Status.APPROVED, requested_by=cast.dana, approvals_needed=1)

    with pytest.raises(IntegrityError, match="terms"), transaction.atomic():
        Mitigation.objects.filter(pk=mitigation.pk).update(**change)


# --- In time ----------------------------------------------------------------------------------------------------------


def test_nothing_is_claimed_at_its_deadline_even_when_nobody_has_let_it_expire(cast: Cast) -> None:
    mitigation = make_mitigation(Status.APPROVED, requested_by=cast.dana, waits_until=NOW + timedelta(minutes=1))

    assert not claims(NOW + timedelta(minutes=1))
    assert status_of(mitigation) == Status.APPROVED


@pytest.mark.parametrize("minutes", [1, 30])
def test_its_deadline_is_the_one_of_its_rule(cast: Cast, kentik: Kentik, minutes: int) -> None:
    make_rulebook(make_rule("it is so", waits=timedelta(minutes=minutes)))
    mitigation, deadline = ask(cast.dana), NOW + timedelta(minutes=minutes)

    with pytest.raises(Conflict, match="expired"):
        approve(mitigation, cast.lee, at=deadline)
    keep_time(describe=kentik().describe, at=deadline)

    assert status_of(mitigation) == Status.EXPIRED


# --- Rules ------------------------------------------------------------------------------------------------------------


def test_rules_published_in_between_neither_free_nor_bind_what_was_asked_for(cast: Cast) -> None:
    make_rulebook(make_rule("two see more", approvals=2))
    bound = ask(cast.dana)
    make_rulebook(make_rule("all is free", approvals=0))

    approve(bound, cast.lee)
    assert not claims()
    approve(bound, cast.kim)
    assert claims()


def test_rules_after_the_one_that_matches_change_nothing(cast: Cast) -> None:
    inside = make_rule("it is ours", Inside(known("203.0.113.0/24")), approvals=1)
    make_rulebook(inside, make_rule("all is free", approvals=0), make_rule("never", approvals=5))

    assert ask(cast.dana).rule == "Needs 1 approval, because it is ours (rule 1)."


# --- The superuser bit ------------------------------------------------------------------------------------------------

TRIES: dict[str, Callable[[Mitigation, User], object]] = {
    "approve": approve,
    "reject": lambda it, by: approvals.reject(reference=it.reference, by=acting(by), note="No.", at=NOW),
    "withdraw": lambda it, by: requests.withdraw(reference=it.reference, by=acting(by), note="", at=NOW),
    "break": lambda it, by: glass.break_glass(reference=it.reference, by=acting(by), note=WHY, at=NOW),
    "settle": lambda it, by: settling.settle(
        reference=it.reference, outcome=Status.REFUSED, by=acting(by), note="x", at=NOW
    ),
    "stop": lambda it, by: settling.record_stop(reference=it.reference, by=acting(by), note="x", at=NOW),
}


@pytest.mark.parametrize("verb", TRIES)
@pytest.mark.parametrize("name", ["max", "ana", "eve"])
def test_the_superuser_bit_gives_no_right(cast: Cast, verb: str, name: str) -> None:
    User.objects.filter(username=name).update(is_superuser=True, is_staff=True)
    mitigation = make_mitigation(requested_by=cast.dana)

    with pytest.raises(Forbidden):
        TRIES[verb](mitigation, User.objects.get(username=name))

    assert [event.outcome for event in Event.objects.all()] == ["refused"]


@pytest.mark.parametrize("bit", [True, False])
def test_the_superuser_bit_makes_no_vote_count_and_loses_none(cast: Cast, bit: bool) -> None:
    User.objects.update(is_superuser=bit, is_staff=bit)
    mitigation = make_mitigation(requested_by=cast.dana, approvals_needed=2)

    approve(mitigation, cast.lee)
    assert not claims()
    approve(mitigation, cast.kim)
    assert claims()


# --- The life of a mitigation -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", TRIES)
@pytest.mark.parametrize("status", sorted(FINAL))
def test_what_is_over_stays_over(cast: Cast, status: Status, verb: str) -> None:
    pat = make_person("pat", [Role.REQUESTER, Role.BREAK_GLASS])
    mitigation = make_mitigation(status, requested_by=pat)

    with pytest.raises(Refused):
        TRIES[verb](mitigation, pat if verb in {"withdraw", "break"} else cast.kim)

    assert not claims()
    assert status_of(mitigation) == status


def test_nothing_leads_from_unknown_to_a_second_call(cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
    mitigation = make_mitigation(Status.APPROVED, requested_by=cast.dana)
    sandbox.fault("accept-then-drop")
    send(kentik())

    for later in (timedelta(seconds=1), LEASE, timedelta(hours=20)):
        keep_time(describe=kentik().describe, at=NOW + later)
        assert not claims(NOW + later)

    assert status_of(mitigation) == Status.UNKNOWN
    assert len(sandbox.journal()) == 1


def test_the_lane_is_free_only_when_the_lease_is_over(cast: Cast, kentik: Kentik) -> None:
    first, second = (make_mitigation(Status.APPROVED, requested_by=cast.dana) for _ in range(2))
    assert claims()

    keep_time(describe=kentik().describe, at=NOW + LEASE - timedelta(microseconds=1))
    assert not claims(NOW + LEASE - timedelta(microseconds=1))
    keep_time(describe=kentik().describe, at=NOW + LEASE)

    assert claims(NOW + LEASE)
    assert (status_of(first), status_of(second)) == (Status.UNKNOWN, Status.SENDING)


@pytest.mark.django_db(transaction=True)
def test_the_call_is_made_outside_any_transaction_after_its_claim_was_committed(transactional_db: None) -> None:
    """The sandbox looks into the database while it is being called, by a connection of its own."""
    seen: list[tuple[str, bool]] = []
    ours = connections["default"]

    def look() -> datetime:
        newest = Event.objects.order_by("-number").values_list("deed", flat=True).first()
        seen.append((str(newest), ours.in_atomic_block))
        connection.close()
        return NOW

    make_mitigation(Status.APPROVED)
    with Sandbox(clock=look) as sandbox:
        account = Account(base_url=sandbox.url, email="robot@example.net", token="canary")
        worker = Worker(client=Client(account, now=lambda: NOW), lease=LEASE, now=lambda: NOW)
        assert worker.turn()

    assert seen
    assert set(seen) == {("mitigation.sending", False)}
    assert Mitigation.objects.get().status == Status.ACTIVE


def test_a_worker_that_was_held_up_after_its_claim_does_not_call(cast: Cast, kentik: Kentik, sandbox: Sandbox) -> None:
    make_mitigation(Status.APPROVED, requested_by=cast.dana)
    times = chain([NOW, NOW, NOW], repeat(NOW + LEASE - timedelta(seconds=1)))

    Worker(client=kentik(), lease=LEASE, now=lambda: next(times)).turn()

    assert sandbox.journal() == []
    assert Exchange.objects.get().outcome == "not-sent"
    assert Mitigation.objects.get().status == Status.APPROVED
