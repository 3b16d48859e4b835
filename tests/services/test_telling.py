"""What each kind of event means to whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client as Browser
from django.utils import timezone

from accounts import inviting
from accounts.inviting import Invitation
from accounts.models import User
from audit.models import Event
from audit.refusal import Objection
from mitigations.kentik.client import Client
from mitigations.models import BreakGlass, Team
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import known
from mitigations.services import approvals, events, glass, requests, together
from mitigations.services import people as inviting_people
from mitigations.services.alarms import raise_new
from mitigations.services.requests import Wanted
from mitigations.services.sending import claim_next, record_call
from mitigations.services.telling import RULES, Kind, Telling, is_told, telling
from mitigations.services.timekeeping import keep_time
from sandbox.server import Sandbox
from tests.alerting import BAN, Detector
from tests.making import NOW, make_event, make_mitigation, make_pairing, make_source
from tests.people import Cast, acting, make_person
from tests.reviewing import make_asked

URL = "https://breakwater.example.net"
LEASE = timedelta(seconds=90)


@dataclass(frozen=True, kw_only=True)
class World:
    cast: Cast
    sandbox: Sandbox
    kentik: Callable[..., Client]

    def send(self) -> None:
        claim = claim_next(lease=LEASE, at=NOW)
        assert claim is not None
        record_call(claim=claim, call=self.kentik(read=0.3, total=0.3).start(claim.message), at=NOW)

    def keep(self, later: timedelta) -> None:
        keep_time(describe=self.kentik().describe, at=NOW + later)


@pytest.fixture
def world(cast: Cast, sandbox: Sandbox, kentik: Callable[..., Client]) -> World:
    """With rob, who is no longer there, and pat, who asks and approves."""
    make_person("pat", ["requester", "approver"])  # type: ignore[list-item]
    rob = make_person("rob", ["approver"])  # type: ignore[list-item]
    User.objects.filter(pk=rob.pk).update(is_active=False)
    return World(cast=cast, sandbox=sandbox, kentik=kentik)


def asked(world: World) -> None:
    wanted = Wanted(
        target=known("203.0.113.7/32"), pairing_id=make_pairing().pk, minutes=60, comment="", reason="Flood."
    )
    requests.ask(wanted=wanted, by=acting(world.cast.dana), at=NOW)


def asked_by_an_approver(world: World) -> None:
    wanted = Wanted(
        target=known("203.0.113.7/32"), pairing_id=make_pairing().pk, minutes=60, comment="", reason="Flood."
    )
    requests.ask(wanted=wanted, by=acting(User.objects.get(username="pat")), at=NOW)


def asked_of_a_team(world: World) -> None:
    team = Team.objects.create(name="Night shift")
    team.members.set([world.cast.kim, world.cast.dana, world.cast.eve])
    make_event(events.ASKED, make_mitigation(approving_team=team))


def asked_with_others(world: World) -> None:
    """The newest event is that of the last of them: who must decide is told once, of the first."""
    pairing = make_pairing().pk
    terms = {"pairing_id": pairing, "minutes": 60, "comment": "", "reason": "Carpet bombing."}
    wanted = [Wanted(target=known(f"203.0.113.{number}/32"), **terms) for number in (7, 8, 9)]
    together.ask_all(wanted=wanted, by=acting(world.cast.dana), at=NOW)


def asked_first_of_others(world: World) -> None:
    lead = make_mitigation()
    make_mitigation(asked_with=lead)
    make_event(events.ASKED_TOGETHER, lead, count=2)


def asked_with_others_of_another_team(world: World) -> None:
    team = Team.objects.create(name="Night shift")
    team.members.set([world.cast.kim])
    make_event(events.ASKED, make_mitigation(asked_with=make_mitigation(), approving_team=team))


def approved(world: World) -> None:
    approvals.approve(reference=make_mitigation().reference, by=acting(world.cast.lee), note="", at=NOW)


def approved_by_one_of_two(world: World) -> None:
    mitigation = make_mitigation(approvals_needed=2)
    approvals.approve(reference=mitigation.reference, by=acting(world.cast.lee), note="", at=NOW)


def rejected(world: World) -> None:
    approvals.reject(reference=make_mitigation().reference, by=acting(world.cast.lee), note="canary-5e1f", at=NOW)


def rejected_after_dana_left(world: World) -> None:
    rejected(world)
    User.objects.filter(username="dana").update(is_active=False)


def lapsed(world: World) -> None:
    make_mitigation(Status.APPROVED)
    User.objects.filter(username="lee").update(is_active=False)
    assert claim_next(lease=LEASE, at=NOW) is None


def blocked(world: World) -> None:
    make_mitigation(Status.APPROVED, pairing=make_pairing(offered=False, retired_at=NOW))
    assert claim_next(lease=LEASE, at=NOW) is None


def sent(world: World) -> None:
    make_mitigation(Status.APPROVED)
    world.send()


def refused(world: World) -> None:
    world.sandbox.fault("status", status=400)
    sent(world)


def unanswered(world: World) -> None:
    world.sandbox.fault("accept-then-drop")
    sent(world)


def lost(world: World) -> None:
    make_mitigation(Status.SENDING)
    world.keep(LEASE)


def expired(world: World) -> None:
    make_mitigation(Status.PENDING)
    world.keep(timedelta(hours=24))


def ending(world: World) -> None:
    make_mitigation(Status.ACTIVE, minutes=60)
    world.keep(timedelta(minutes=45))


def glass_broken(world: World) -> None:
    reference = make_mitigation(requested_by=world.cast.dana).reference
    glass.break_glass(reference=reference, by=acting(world.cast.dana), note="canary-5e1f: nobody answers.", at=NOW)


def lapsed_after_broken_glass(world: World) -> None:
    """Dana's right to break the glass was taken away before it was sent."""
    glass_broken(world)
    world.cast.dana.groups.remove(Group.objects.get(name="break-glass"))
    assert claim_next(lease=LEASE, at=NOW) is None


def asked_and_glass_broken(world: World) -> None:
    mitigation = make_mitigation()
    make_event(events.ASKED, mitigation)
    BreakGlass.objects.create(mitigation=mitigation, broken_by=mitigation.requested_by, broken_at=NOW, reason="Down.")


def asked_where_nobody_need_approve(world: World) -> None:
    make_event(events.ASKED, make_mitigation(approvals_needed=0))


def alarming(world: World) -> None:
    raise_new(make_mitigation(Status.ACTIVE), [Objection(code="still-live", sentence="Kentik still shows it.")], at=NOW)


# What happens, the deed of the newest event, what kind of message it is (None: of which nobody is told), and for whom.
TABLE: dict[Callable[[World], None], tuple[str, Kind | None, str]] = {
    asked: (events.ASKED, Kind.WAITING, "kim lee pat"),
    asked_by_an_approver: (events.ASKED, Kind.WAITING, "kim lee"),
    asked_of_a_team: (events.ASKED, Kind.WAITING, "kim"),
    asked_with_others: (events.ASKED, None, ""),
    asked_first_of_others: (events.ASKED_TOGETHER, Kind.WAITING, "kim lee pat"),
    asked_with_others_of_another_team: (events.ASKED, Kind.WAITING, "kim"),
    asked_and_glass_broken: (events.ASKED, None, ""),
    asked_where_nobody_need_approve: (events.ASKED, None, ""),
    lapsed: (events.LAPSED, Kind.WAITING, "kim pat"),
    lapsed_after_broken_glass: (events.LAPSED, Kind.WAITING, "kim lee pat"),
    approved: (events.APPROVED, Kind.DECIDED, "dana"),
    approved_by_one_of_two: (events.APPROVED, None, ""),
    rejected: (events.REJECTED, Kind.DECIDED, "dana"),
    rejected_after_dana_left: (events.REJECTED, Kind.DECIDED, ""),
    blocked: (events.BLOCKED, Kind.FAILED, "dana"),
    sent: (events.ANSWERED, None, ""),
    refused: (events.ANSWERED, Kind.FAILED, "dana"),
    expired: (events.EXPIRED, Kind.FAILED, "dana"),
    unanswered: (events.ANSWERED, Kind.UNKNOWN, "dana kim lee pat"),
    lost: (events.LOST, Kind.UNKNOWN, "dana kim lee pat"),
    ending: (events.ENDING, Kind.ENDING, "dana"),
    glass_broken: (events.GLASS_BROKEN, Kind.GLASS, "kim lee pat"),
    alarming: (events.ALARM_RAISED, Kind.ALARM, "dana kim lee pat"),
}
each_case = pytest.mark.parametrize("happens", TABLE, ids=lambda case: case.__name__)
each_told = pytest.mark.parametrize(
    "happens", [case for case, (_, kind, _) in TABLE.items() if kind], ids=lambda case: case.__name__
)


def newest() -> Event:
    return Event.objects.latest("number")


def told() -> Telling:
    news = telling(newest(), portal_url=URL)
    assert news is not None
    return news


def readers(news: Telling) -> str:
    return " ".join(sorted(person.username for person in news.readers))


@each_case
def test_tells_whom_the_table_says(happens: Callable[[World], None], world: World) -> None:
    happens(world)

    news = telling(newest(), portal_url=URL)

    told_of = (None, "") if news is None else (news.kind, readers(news))
    assert (newest().deed, *told_of) == TABLE[happens]


def test_the_table_has_a_case_for_every_rule() -> None:
    cases = {(deed, kind) for deed, kind, _ in TABLE.values() if kind}
    assert cases == {(rule.deed, rule.kind) for rule in RULES}


@each_told
def test_holds_the_facts_and_a_link(happens: Callable[[World], None], world: World) -> None:
    happens(world)

    news = told()

    mitigation = news.mitigation
    assert mitigation is not None
    assert mitigation.reference in news.message.title
    assert mitigation.target in news.message.title
    assert f"{mitigation.target} for 60 minutes, on Edge RTBH · Drop everything." in news.message.text
    assert news.message.link.startswith(f"{URL}/mitigations/{mitigation.reference}/")


@each_told
def test_links_to_a_page_that_is_there_for_each_reader(happens: Callable[[World], None], world: World) -> None:
    happens(world)

    news = told()

    for person in news.readers:
        browser = Browser()
        browser.force_login(person)
        assert browser.get(news.message.link.removeprefix(URL)).status_code == 200


def test_tells_whoever_is_asked_by_an_auditor_and_nobody_else(world: World) -> None:
    make_asked(world.cast, acting(world.cast.ana), question="canary-5e1f")
    news = told()
    assert (news.kind, [person.username for person in news.readers]) == (Kind.QUESTION, ["dana"])
    assert news.message.title == "ana asks you about event 1"
    assert news.message.link == f"{URL}/account/questions/"
    assert "canary-5e1f" not in news.message.body
    assert is_told(newest())


def test_tells_nobody_a_question_who_has_left(world: World) -> None:
    make_asked(world.cast, acting(world.cast.ana))
    User.objects.filter(username="dana").update(is_active=False)
    assert told().readers == []


def test_holds_the_rule_and_the_requester_when_it_waits(world: World) -> None:
    asked(world)
    assert "dana asks for it" in told().message.text


def test_says_when_a_machine_asks(world: World) -> None:
    Detector(make_source()).send(BAN, at=timezone.now())

    assert "dana, by the source “edge-fnm”, asks for it" in told().message.text
    assert "Needs 1 approval by somebody else." in told().message.text


def test_holds_the_answer_when_it_is_refused(world: World) -> None:
    refused(world)
    assert "Kentik" in told().message.text


def test_holds_nothing_that_people_wrote(world: World) -> None:
    rejected(world)
    assert "canary-5e1f" not in told().message.body


def test_carries_no_link_without_an_address_of_the_portal(world: World) -> None:
    asked(world)
    news = telling(newest(), portal_url="")
    assert news is not None
    assert news.message.link == ""


def test_says_how_long_one_without_auto_stop_runs(world: World) -> None:
    make_event(events.ASKED, make_mitigation(minutes=0))
    assert "until somebody stops it" in told().message.text


@pytest.mark.parametrize(("happens", "urgent"), [(unanswered, True), (asked, False)])
def test_is_urgent_when_something_is_wrong(happens: Callable[[World], None], urgent: bool, world: World) -> None:
    happens(world)
    assert told().message.urgent is urgent


def test_tells_nobody_of_a_deed_that_was_refused(world: World) -> None:
    with pytest.raises(Exception, match="Only requesters"):
        requests.ask(
            wanted=Wanted(
                target=known("203.0.113.7/32"), pairing_id=make_pairing().pk, minutes=5, comment="", reason="x"
            ),
            by=acting(world.cast.eve),
            at=NOW,
        )
    assert newest().deed == events.ASKED
    assert not is_told(newest())


def test_passes_over_what_concerns_nobody_at_a_glance(world: World) -> None:
    sent(world)
    assert not is_told(newest())


# --- Invitations ------------------------------------------------------------------------------------------------------


def invited(world: World, **values: Any) -> User:
    given = {"full_name": "Amy", "email": "amy@example.net", "roles": frozenset(), "by_mail": True, **values}
    made = Invitation(username="amy", **given)
    return inviting_people.invite(invitation=made, team_ids=(), by=acting(world.cast.max), at=NOW)


@time_machine.travel(NOW + timedelta(hours=1), tick=False)
def test_brings_an_invitation_to_whom_it_is_for_and_by_no_channel(world: World) -> None:
    invited(world)
    news = told()

    assert (news.kind, news.is_personal, readers(news)) == (None, True, "amy")
    assert news.message.title == "max invites you to Breakwater"
    assert "once, until 2026-11-26 03:00 UTC" in news.message.text
    assert Browser().get(news.message.link.removeprefix(URL)).status_code == 302
    assert is_told(newest())


@time_machine.travel(NOW + timedelta(hours=1), tick=False)
def test_brings_the_newer_one_when_somebody_is_invited_again(world: World) -> None:
    invited(world)
    old = told().message.link

    later = NOW + timedelta(hours=1)
    inviting.invite_again(username="amy", email="a@example.net", by_mail=True, by=acting(world.cast.max), at=later)

    assert [Browser().get(link.removeprefix(URL)).status_code for link in (old, told().message.link)] == [410, 302]


@pytest.mark.parametrize("why", ["by hand", "come", "left", "no address of the portal"])
def test_mails_no_link_that_is_not_wanted_or_would_not_hold(why: str, world: World) -> None:
    amy = invited(world, by_mail=why != "by hand")
    values = {"come": {"last_login": NOW}, "left": {"is_active": False}}.get(why)
    if values:
        User.objects.filter(pk=amy.pk).update(**values)

    assert telling(newest(), portal_url="" if why.startswith("no address") else URL) is None
