"""What administrators do to people, by its effects: rows, groups, events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts import events as accounts
from accounts import inviting, managing, services
from accounts.authority import COMMAND_LINE, Actor, Deed, Role
from accounts.inviting import Invitation
from accounts.models import ApiToken, User
from accounts.rights import State
from accounts.selectors import holders
from audit import selectors
from audit.models import Event, Item, Outcome
from audit.refusal import Conflict, Forbidden, Unacceptable
from mitigations.models import Team
from mitigations.policies.lifecycle import Status
from mitigations.selectors.approvers import awaited, lapsed, resolution_of
from mitigations.services import approvals, events, people, plan
from mitigations.services.sending import claim_next
from tests.making import NOW, break_glass_for, make_mitigation, make_token
from tests.people import Cast, acting, browser_of, make_person
from tests.views.facts import everything_but_the_log

pytestmark = pytest.mark.django_db

LEASE = timedelta(seconds=90)


@pytest.fixture
def max_(cast: Cast) -> Actor:
    return acting(cast.max)


def again(person: User) -> User:
    return User.objects.get(pk=person.pk)


def invitation(username: str = "amy", **values: Any) -> Invitation:
    given = {"full_name": "Amy Winter", "email": "", "roles": frozenset({Role.APPROVER}), "by_mail": False, **values}
    return Invitation(username=username, **given)


def invite(by: Actor, username: str = "amy", *, teams: tuple[int, ...] = (), **values: Any) -> User:
    return people.invite(invitation=invitation(username, **values), team_ids=teams, by=by, at=NOW)


def give(person: User, *roles: Role, by: Actor) -> User:
    return people.change_roles(username=person.username, give=roles, take=(), note="", by=by, at=NOW)


def take(person: User, *roles: Role, by: Actor) -> User:
    return people.change_roles(username=person.username, give=(), take=roles, note="", by=by, at=NOW)


def deactivate(person: User, by: Actor) -> User:
    return people.deactivate(username=person.username, note="Has left.", by=by, at=NOW)


def reactivate(person: User, by: Actor) -> User:
    return people.reactivate(username=person.username, note="Is back.", by=by, at=NOW)


def last_event() -> Event:
    return Event.objects.latest("number")


def told(subject: str) -> list[str]:
    return [entry.sentence for entry in selectors.story(subject)]


# --- Inviting ---------------------------------------------------------------------------------------------------------


def test_invites_somebody_with_roles_and_teams_and_without_a_password(max_: Actor) -> None:
    team = Team.objects.create(name="Hosting")

    amy = again(invite(max_, teams=(team.pk,), email="amy@example.net"))

    assert (amy.name, amy.email, amy.state, amy.invited_at) == ("Amy Winter", "amy@example.net", State.INVITED, NOW)
    assert (amy.roles, list(amy.teams.all()), amy.has_usable_password()) == ({Role.APPROVER}, [team], False)
    assert told("amy") == ["max invited amy: approver; teams: Hosting; the link went by hand"]
    assert Item.objects.get().kind == "people"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"username": "dana"}, "username"),
        ({"username": "Amy"}, "username"),
        ({"username": "worker"}, "username"),
        ({"email": "DANA@example.net"}, "email"),
        ({"roles": frozenset({Role.AUDITOR, Role.REQUESTER})}, "incompatible-roles"),
    ],
)
def test_invites_nobody_who_is_there_or_could_be_taken_for_another(
    values: dict[str, Any], code: str, cast: Cast, max_: Actor
) -> None:
    User.objects.filter(pk=cast.dana.pk).update(email="dana@example.net")

    with pytest.raises(Unacceptable) as refusal:
        invite(max_, **values)

    assert [objection.code for objection in refusal.value.objections] == [code]
    assert User.objects.count() == 6
    assert last_event().outcome == Outcome.REFUSED


def test_invites_again_with_another_address_whoever_has_not_come(max_: Actor) -> None:
    amy = invite(max_)

    made = {"email": "amy@example.net", "by_mail": True}
    inviting.invite_again(username="amy", **made, by=max_, at=NOW + timedelta(hours=1))

    assert (again(amy).email, again(amy).invited_at) == ("amy@example.net", NOW + timedelta(hours=1))
    assert told("amy")[-1] == "max made a new invitation for amy: the link went by mail"


@pytest.mark.parametrize("has", ["come", "set a password", "left"])
def test_makes_no_link_into_an_account_that_somebody_uses(has: str, max_: Actor) -> None:
    amy = invite(max_)
    values = {"come": {"last_login": NOW}, "set a password": {"invited_at": None}, "left": {"is_active": False}}
    User.objects.filter(pk=amy.pk).update(**values[has])

    with pytest.raises(Conflict, match="has come already, or is deactivated"):
        inviting.invite_again(username="amy", email="", by_mail=False, by=max_, at=NOW)


# --- Roles ------------------------------------------------------------------------------------------------------------


def test_gives_and_takes_roles_and_tells_which(cast: Cast, max_: Actor) -> None:
    changed = {"give": [Role.AUDITOR], "take": [Role.APPROVER], "note": "Moves to audit."}
    people.change_roles(username="lee", **changed, by=max_, at=NOW)

    assert acting(cast.lee).roles == {Role.AUDITOR}
    assert told("lee") == ["max changed what lee may do: gave auditor, took approver"]
    assert last_event().details["note"] == "Moves to audit."
    assert Item.objects.get().kind == "people"


def test_refuses_roles_that_clash_before_the_database_does(cast: Cast, max_: Actor) -> None:
    with pytest.raises(Unacceptable, match="An auditor cannot also be approver"):
        give(cast.ana, Role.APPROVER, by=max_)

    assert acting(cast.ana).roles == {Role.AUDITOR}
    assert told("ana")[-1].startswith("max could not change what ana may do: gave approver: An auditor cannot also")


def test_gives_nobody_a_role_of_their_own(cast: Cast, max_: Actor) -> None:
    with pytest.raises(Unacceptable, match="Nobody gives themselves a role"):
        give(cast.max, Role.REQUESTER, by=max_)

    assert acting(cast.max).roles == {Role.ADMINISTRATOR}


def test_lets_an_administrator_give_up_when_there_is_another(cast: Cast, max_: Actor) -> None:
    make_person("mia", [Role.ADMINISTRATOR])

    take(cast.max, Role.ADMINISTRATOR, by=max_)

    assert acting(cast.max).roles == frozenset()


LEAVING: dict[str, Callable[[User, Actor], object]] = {
    "gives up": lambda person, by: take(person, Role.ADMINISTRATOR, by=by),
    "is deactivated": deactivate,
}


@pytest.mark.parametrize("who", ["nobody", "somebody deactivated", "somebody invited"])
@pytest.mark.parametrize("leaving", LEAVING)
def test_keeps_the_last_administrator_who_can_come(leaving: str, who: str, cast: Cast, max_: Actor) -> None:
    if who == "somebody deactivated":
        User.objects.filter(pk=make_person("mia", [Role.ADMINISTRATOR]).pk).update(is_active=False)
    if who == "somebody invited":
        invite(max_, roles=frozenset({Role.ADMINISTRATOR}))

    with pytest.raises(Unacceptable, match="Nobody else administers the portal"):
        LEAVING[leaving](cast.max, max_)
    with pytest.raises(Unacceptable, match="Nobody else administers the portal"):
        LEAVING[leaving](cast.max, COMMAND_LINE)

    assert acting(again(cast.max)).roles == {Role.ADMINISTRATOR}


def test_counts_an_invited_administrator_once_they_have_come(cast: Cast, max_: Actor) -> None:
    amy = invite(max_, roles=frozenset({Role.ADMINISTRATOR}))
    User.objects.filter(pk=amy.pk).update(last_login=NOW)

    take(cast.max, Role.ADMINISTRATOR, by=max_)

    assert acting(cast.max).roles == frozenset()


# --- Who may ----------------------------------------------------------------------------------------------------------

DEEDS: dict[str, Callable[[Cast, Actor], object]] = {
    "invite": lambda _, by: invite(by),
    "invite again": lambda cast, by: inviting.invite_again(
        username=cast.eve.username, email="", by_mail=False, by=by, at=NOW
    ),
    "give": lambda cast, by: give(cast.eve, Role.VIEWER, by=by),
    "take": lambda cast, by: take(cast.lee, Role.APPROVER, by=by),
    "teams": lambda cast, by: people.change_teams(
        username=cast.lee.username, give=[1], take=[], note="", by=by, at=NOW
    ),
    "deactivate": lambda cast, by: deactivate(cast.lee, by),
    "reactivate": lambda cast, by: reactivate(cast.lee, by),
    "end sessions": lambda cast, by: managing.end_sessions(username=cast.lee.username, note="", by=by, at=NOW),
}


@pytest.mark.parametrize("who", ["dana", "lee", "ana", "eve"])
@pytest.mark.parametrize("deed", DEEDS)
def test_is_done_by_administrators_alone_and_tries_are_remembered(deed: str, who: str, cast: Cast) -> None:
    before = everything_but_the_log()

    with pytest.raises(Forbidden, match="Only administrators may manage people"):
        DEEDS[deed](cast, acting(getattr(cast, who)))

    assert everything_but_the_log() == before
    assert (last_event().outcome, last_event().review) == (Outcome.REFUSED, True)


@pytest.mark.parametrize("deed", DEEDS)
def test_asks_whether_somebody_still_is_administrator(deed: str, cast: Cast, max_: Actor) -> None:
    """The page that they press on may be older than the loss of their role."""
    cast.max.groups.clear()

    with pytest.raises(Forbidden):
        DEEDS[deed](cast, max_)


# --- Teams ------------------------------------------------------------------------------------------------------------


def test_puts_somebody_into_teams_and_out_of_others(cast: Cast, max_: Actor) -> None:
    one, two, three = (Team.objects.create(name=name) for name in ("Hosting", "Night shift", "Transit"))
    cast.lee.teams.set([one, three])

    people.change_teams(username="lee", give=[two.pk, 999], take=[one.pk], note="", by=max_, at=NOW)

    assert set(cast.lee.teams.all()) == {two, three}
    assert told("lee") == ["max changed the teams of lee: joins Night shift, leaves Hosting"]
    assert Item.objects.get().kind == "people"


def test_tells_whoever_changes_nothing(cast: Cast, max_: Actor) -> None:
    with pytest.raises(Unacceptable, match="Nothing would change"):
        people.change_teams(username="lee", give=[], take=[1], note="", by=max_, at=NOW)


# --- Sessions and accounts --------------------------------------------------------------------------------------------


def test_signs_somebody_out_everywhere_and_nobody_else(cast: Cast, max_: Actor) -> None:
    browsers = [browser_of(cast.lee), browser_of(cast.lee)]
    others = browser_of(cast.kim)

    managing.end_sessions(username="lee", note="Lost a laptop.", by=max_, at=NOW)

    assert [browser.get("/").status_code for browser in browsers] == [302, 302]
    assert others.get("/").status_code == 200
    assert told("lee") == ["max signed lee out everywhere"]
    assert browser_of(again(cast.lee)).get("/").status_code == 200


def test_knows_sessions_by_a_former_key_and_not_after_they_were_ended(cast: Cast, max_: Actor, settings: Any) -> None:
    browser = browser_of(cast.lee)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert browser.get("/").status_code == 200

    managing.end_sessions(username="lee", note="", by=max_, at=NOW)
    assert browser.get("/").status_code == 302


def test_shuts_out_whoever_is_deactivated_and_their_sessions_stay_ended(cast: Cast, max_: Actor) -> None:
    browser = browser_of(cast.lee)

    deactivate(cast.lee, max_)
    assert browser.get("/").status_code == 302
    assert acting(again(cast.lee)).roles == frozenset()

    reactivate(cast.lee, max_)
    assert browser.get("/").status_code == 302
    assert acting(again(cast.lee)).roles == {Role.APPROVER}
    assert told("lee") == ["max deactivated the account of lee", "max reactivated the account of lee: approver"]
    assert Item.objects.filter(kind="people").count() == 2


def test_ends_the_tokens_of_somebody_deactivated_for_good(cast: Cast, max_: Actor) -> None:
    made = make_token(cast.dana)
    people.deactivate(username="dana", note="Left.", by=max_, at=NOW)
    people.reactivate(username="dana", note="Back.", by=max_, at=NOW)
    assert ApiToken.objects.get(pk=made.token.pk).revoked_at == NOW


def test_deactivates_and_reactivates_once(cast: Cast, max_: Actor) -> None:
    with pytest.raises(Conflict, match="lee is active already"):
        reactivate(cast.lee, max_)
    deactivate(cast.lee, max_)
    with pytest.raises(Conflict, match="lee is deactivated already"):
        deactivate(cast.lee, max_)


# --- What they had agreed to ------------------------------------------------------------------------------------------


def approved(cast: Cast, **values: Any) -> str:
    made = make_mitigation(requested_by=cast.dana, **values)
    approvals.approve(reference=made.reference, by=acting(cast.lee), note="", at=NOW)
    return made.reference


def move_out(person: User, by: Actor) -> object:
    gone = [team.pk for team in person.teams.all()]
    return people.change_teams(username=person.username, give=[], take=gone, note="", by=by, at=NOW)


def empty_the_team(person: User, by: Actor) -> object:
    return plan.save_team(id=person.teams.get().pk, name="Night shift", member_ids=[], by=by, at=NOW)


LOSING: dict[str, tuple[Callable[[User, Actor], object], str]] = {
    "deactivated": (deactivate, "the account is deactivated"),
    "no approver": (lambda person, by: take(person, Role.APPROVER, by=by), "no approver any more"),
    "not in the team": (move_out, "not in Night shift any more"),
    "not in the team, said of the team": (empty_the_team, "not in Night shift any more"),
}


@pytest.mark.parametrize("needed", [1, 2])
@pytest.mark.parametrize("way", LOSING)
def test_an_approval_counts_no_longer_and_the_request_tells_why(way: str, needed: int, cast: Cast, max_: Actor) -> None:
    team = Team.objects.create(name="Night shift")
    cast.lee.teams.add(team)
    lose, why = LOSING[way]
    reference = approved(cast, approvals_needed=needed, approving_team=team)

    lose(cast.lee, max_)

    mitigation = make_mitigation().__class__.objects.referred(reference)
    assert resolution_of(mitigation).approvals == 0
    assert [(each.name, each.why) for each in lapsed(mitigation, resolution_of(mitigation))] == [("lee", why)]
    assert told(reference)[-1] == f"max made the approval of {reference} by lee count no longer"
    assert claim_next(lease=LEASE, at=NOW) is None
    mitigation.refresh_from_db()
    assert mitigation.status == Status.PENDING


def test_an_approval_counts_again_when_somebody_is_back(cast: Cast, max_: Actor) -> None:
    reference = approved(cast)
    deactivate(cast.lee, max_)

    reactivate(cast.lee, max_)

    assert told(reference)[-1] == f"max made the approval of {reference} by lee count again"
    assert claim_next(lease=LEASE, at=NOW) is not None


def test_says_nothing_of_what_is_sent_already_or_over(cast: Cast, max_: Actor) -> None:
    for status in (Status.ACTIVE, Status.ENDED, Status.REJECTED):
        make_mitigation(status, requested_by=cast.dana)

    deactivate(cast.lee, max_)

    assert [event.deed for event in Event.objects.all()] == [accounts.DEACTIVATED]


def test_a_broken_glass_of_somebody_deactivated_goes_nowhere(cast: Cast, max_: Actor) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)
    break_glass_for(mitigation)
    type(mitigation).objects.filter(pk=mitigation.pk).update(status=Status.APPROVED, approved_at=NOW)

    deactivate(cast.dana, max_)

    assert claim_next(lease=LEASE, at=NOW) is None
    assert last_event().deed == events.LAPSED


def test_leaves_what_somebody_deactivated_had_asked_for(cast: Cast, max_: Actor) -> None:
    reference = approved(cast)

    deactivate(cast.dana, max_)

    assert claim_next(lease=LEASE, at=NOW) is not None
    assert told(reference)[-1].startswith("worker is sending")


def test_counts_nobody_among_the_approvers_who_has_not_come(cast: Cast, max_: Actor) -> None:
    made = make_mitigation(requested_by=cast.dana, approvals_needed=3)
    amy = invite(max_)
    assert awaited([made])[made.pk].by == ("kim", "lee")
    assert [person.username for person in holders(Deed.APPROVE).order_by("pk")] == ["lee", "kim"]

    User.objects.filter(pk=amy.pk).update(last_login=NOW)
    assert awaited([made])[made.pk].by == ("amy", "kim", "lee")


# --- The link ---------------------------------------------------------------------------------------------------------


def test_enrolling_with_a_password_is_no_invitation(max_: Actor) -> None:
    given = {"username": "zoe", "full_name": "Zoe", "roles": [], "password": "correct horse battery"}
    zoe = services.enrol(**given, by=max_.author, at=NOW)

    assert zoe.state is State.ACTIVE
