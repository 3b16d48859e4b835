"""What happens to people in the same instant as something else, in threads with connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, OperationalError, connection, transaction

from accounts import managing
from accounts.authority import Actor, Role, clashes
from accounts.models import User
from audit.models import Event
from audit.refusal import Refused
from mitigations.models import Mitigation, Team
from mitigations.policies.lifecycle import Status
from mitigations.services import events, people, plan
from mitigations.services.sending import Claim, claim_next
from tests.making import NOW, make_mitigation
from tests.people import Cast, acting, make_cast, make_person
from tests.processes.test_races import ROUNDS, at_once

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def mia(cast: Cast) -> User:
    return make_person("mia", ADMINISTRATOR)


def changing(person: User, by: Actor, *, give: frozenset[Role] = frozenset(), take: frozenset[Role] = frozenset()):
    return lambda: people.change_roles(username=person.username, give=give, take=take, note="", by=by, at=NOW)


def deactivating(person: User, by: Actor) -> Callable[[], object]:
    return lambda: people.deactivate(username=person.username, note="", by=by, at=NOW)


def claiming() -> object:
    return claim_next(lease=timedelta(seconds=90), at=NOW)


def administrators() -> list[str]:
    found = User.objects.filter(is_active=True, groups__name=Role.ADMINISTRATOR)
    return list(found.values_list("username", flat=True))


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_two_administrators_who_take_it_from_each_other_leave_one(cast: Cast, mia: User, turn: int) -> None:
    results = at_once(
        changing(mia, acting(cast.max), take=ADMINISTRATOR), changing(cast.max, acting(mia), take=ADMINISTRATOR)
    )

    assert len([result for result in results if isinstance(result, Refused)]) == 1
    assert len(administrators()) == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_two_administrators_who_leave_at_once_leave_one(cast: Cast, mia: User, turn: int) -> None:
    results = at_once(deactivating(mia, acting(mia)), changing(cast.max, acting(cast.max), take=ADMINISTRATOR))

    assert len([result for result in results if isinstance(result, Refused)]) == 1
    assert len(administrators()) == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_two_administrators_never_make_an_auditor_who_approves(cast: Cast, mia: User, turn: int) -> None:
    results = at_once(
        changing(cast.eve, acting(cast.max), give=frozenset({Role.AUDITOR})),
        changing(cast.eve, acting(mia), give=frozenset({Role.APPROVER})),
    )

    assert len([result for result in results if isinstance(result, Refused)]) == 1
    assert not clashes(acting(cast.eve).roles)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_the_database_lets_no_two_writers_do_so_either(cast: Cast, turn: int) -> None:
    """Around every service: rows alone, each writer in a transaction of its own."""
    groups = {role: Group.objects.get(name=role) for role in (Role.AUDITOR, Role.REQUESTER)}

    def adding(role: Role) -> Callable[[], object]:
        def add() -> object:
            try:
                with transaction.atomic():
                    cast.eve.groups.through.objects.create(user=cast.eve, group=groups[role])
            except IntegrityError as error:
                return error
            return None

        return add

    results = at_once(adding(Role.AUDITOR), adding(Role.REQUESTER))

    assert len([result for result in results if isinstance(result, IntegrityError)]) == 1
    assert not clashes(acting(cast.eve).roles)


@pytest.mark.parametrize("turn", range(ROUNDS))
@pytest.mark.parametrize("losing", ["deactivated", "no approver", "out of the team"])
def test_what_is_sent_was_agreed_to_by_somebody_whose_word_counted(cast: Cast, losing: str, turn: int) -> None:
    """Events are numbered in the order of the commits, so their order tells who was first."""
    team, by = Team.objects.create(name="Night shift"), acting(cast.max)
    team.members.add(cast.lee)
    mitigation = make_mitigation(Status.APPROVED, requested_by=cast.dana, approving_team=team)
    ways = {
        "deactivated": deactivating(cast.lee, by),
        "no approver": changing(cast.lee, by, take=frozenset({Role.APPROVER})),
        "out of the team": lambda: plan.save_team(id=team.pk, name="Night shift", member_ids=[], by=by, at=NOW),
    }

    claimed, lost = at_once(claiming, ways[losing])

    assert not isinstance(lost, Exception)
    number = dict(Event.objects.values_list("deed", "number"))
    last = max(number for deed, number in number.items() if deed.startswith(("account.", "plan.")))
    if isinstance(claimed, Claim):
        assert number[events.SENDING] < last
        assert events.APPROVAL_LOST not in number
    else:
        assert Mitigation.objects.get(pk=mitigation.pk).status != Status.SENDING
        assert events.SENDING not in number


def test_a_claim_waits_for_whoever_is_being_deactivated(cast: Cast) -> None:
    """Between the change and its commit nobody else can see it: the claim must not go by what was before."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    mitigation = make_mitigation(Status.APPROVED, requested_by=cast.dana)
    claimed: list[object] = []

    def claim() -> None:
        claimed.append(claiming())
        connection.close()

    worker = threading.Thread(target=claim)
    with transaction.atomic():
        managing.hold({cast.lee.pk})
        User.objects.filter(pk=cast.lee.pk).update(is_active=False)
        worker.start()
        _until_somebody_waits()
    worker.join()

    assert claimed == [None]
    mitigation.refresh_from_db()
    assert mitigation.status == Status.PENDING


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_changing_a_team_and_its_members_teams_end_both(cast: Cast, mia: User, turn: int) -> None:
    team = Team.objects.create(name="Night shift")
    team.members.set([cast.lee, cast.kim])
    by, other = acting(cast.max), acting(mia)

    results = at_once(
        lambda: plan.save_team(id=team.pk, name="Day shift", member_ids=[cast.dana.pk], by=by, at=NOW),
        lambda: people.change_teams(username="kim", give=[], take=[team.pk], note="", by=other, at=NOW),
    )

    assert [result for result in results if isinstance(result, OperationalError)] == []
    assert [person.username for person in team.members.all()] == ["dana"]


def _until_somebody_waits() -> None:
    """Until another connection waits for a lock that this one holds."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with connection.cursor() as cursor:
        for _ in range(100_000):
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone() != (0,):
                return
    raise AssertionError("nobody waits")
