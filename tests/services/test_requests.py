from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group

from accounts.authority import Role
from accounts.models import User
from audit.models import Event
from audit.refusal import Conflict, Forbidden, Unacceptable
from mitigations.models import Mitigation, Pairing, Team
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import Prefix, parse
from mitigations.policies.rules import NeedsALook, OnPlatform, WiderThan
from mitigations.services import requests
from mitigations.services.requests import Wanted
from tests.making import NOW, make_mitigation, make_pairing, make_rule, make_rulebook
from tests.people import Cast, acting, make_person


def wanted(target: str = "203.0.113.7/32", **values: Any) -> Wanted:
    prefix = parse(target)
    assert isinstance(prefix, Prefix)
    pairing: Pairing = values.pop("pairing", None) or make_pairing()
    terms = {"minutes": 60, "comment": "Shop under flood", "reason": "UDP flood, the shop is down.", **values}
    return Wanted(target=prefix, pairing_id=pairing.pk, **terms)


def ask(person: User, **values: Any) -> Mitigation:
    return requests.ask(wanted=wanted(**values), by=acting(person), at=NOW)


def test_keeps_the_terms_as_asked(cast: Cast) -> None:
    mitigation = Mitigation.objects.get(pk=ask(cast.dana, ticket="NOC-7").pk)

    assert (mitigation.target, mitigation.minutes, mitigation.comment) == ("203.0.113.7/32", 60, "Shop under flood")
    assert (mitigation.reason, mitigation.ticket) == ("UDP flood, the shop is down.", "NOC-7")
    assert (mitigation.requested_by, mitigation.status) == (cast.dana, Status.PENDING)


def test_records_who_asked_for_what_and_from_where(cast: Cast) -> None:
    mitigation = ask(cast.dana)

    event = Event.objects.get(deed="mitigation.asked")
    assert (event.outcome, event.actor_name, event.subject) == ("done", "dana", mitigation.reference)
    assert event.facts["target"] == "203.0.113.7/32"
    assert (event.facts["platform_id"], event.facts["method_id"], event.facts["minutes"]) == ("257", "775", 60)
    assert event.details["ip"] == "192.0.2.99"


@pytest.mark.parametrize("name", ["lee", "ana", "max", "eve"])
def test_refuses_whoever_is_no_requester(cast: Cast, name: str) -> None:
    with pytest.raises(Forbidden):
        ask(getattr(cast, name))

    assert not Mitigation.objects.exists()
    event = Event.objects.get()
    assert (event.outcome, event.actor_name, event.subject) == ("refused", name, "203.0.113.7/32")


def test_tells_every_guardrail_that_blocks_at_once(cast: Cast) -> None:
    pairing = make_pairing(ipv6=False, longest_minutes=60, needs_ports=True)

    with pytest.raises(Unacceptable) as refusal:
        ask(cast.dana, target="2001:db8::/32", minutes=61, pairing=pairing)

    codes = {objection.code for objection in refusal.value.objections}
    assert codes == {"needs-ports", "family", "too-wide", "too-long"}
    assert not Mitigation.objects.exists()


@pytest.mark.parametrize("status", ["pending", "approved", "sending", "active", "unknown"])
def test_refuses_a_target_that_another_open_one_holds(cast: Cast, status: str) -> None:
    other = make_mitigation(Status(status), target="203.0.113.7/32", requested_by=cast.dana)

    with pytest.raises(Unacceptable) as refusal:
        ask(cast.dana)

    assert [objection.code for objection in refusal.value.objections] == ["duplicate"]
    assert other.reference in refusal.value.objections[0].sentence


@pytest.mark.parametrize("status", ["refused", "rejected", "withdrawn", "expired", "stopped", "ended"])
def test_takes_a_target_that_is_free_again(cast: Cast, status: str) -> None:
    make_mitigation(Status(status), target="203.0.113.7/32", requested_by=cast.dana)

    assert ask(cast.dana).status == Status.PENDING


def test_withdraws_an_own_request(cast: Cast) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)

    requests.withdraw(reference=mitigation.reference, by=acting(cast.dana), note="It stopped.", at=NOW)

    mitigation.refresh_from_db()
    assert (mitigation.status, mitigation.closed_at) == (Status.WITHDRAWN, NOW)
    assert Event.objects.get(deed="mitigation.withdrawn").details["note"] == "It stopped."


@pytest.mark.parametrize("name", ["lee", "max", "eve"])
def test_lets_nobody_withdraw_what_dana_asked_for(cast: Cast, name: str) -> None:
    mitigation = make_mitigation(requested_by=cast.dana)

    with pytest.raises(Forbidden):
        requests.withdraw(reference=mitigation.reference, by=acting(getattr(cast, name)), note="", at=NOW)

    mitigation.refresh_from_db()
    assert mitigation.status == Status.PENDING


@pytest.mark.parametrize("status", ["sending", "active", "unknown", "refused", "ended"])
def test_cannot_withdraw_what_has_left(cast: Cast, status: str) -> None:
    mitigation = make_mitigation(Status(status), requested_by=cast.dana)

    with pytest.raises(Conflict):
        requests.withdraw(reference=mitigation.reference, by=acting(cast.dana), note="", at=NOW)

    mitigation.refresh_from_db()
    assert mitigation.status == status


# --- The rules --------------------------------------------------------------------------------------------------------


def test_keeps_the_rule_that_it_was_asked_by(cast: Cast) -> None:
    security = Team.objects.create(name="Security")
    security.members.set([cast.lee, cast.kim])
    make_rulebook(make_rule("the edge drops all", OnPlatform("257"), team=security.pk, waits=timedelta(minutes=30)))

    mitigation = ask(cast.dana)
    make_rulebook(make_rule("all is free now", approvals=0))

    mitigation.refresh_from_db()
    assert mitigation.rule == "Needs 2 approvals by Security, because the edge drops all (rule 1)."
    assert (mitigation.approvals_needed, mitigation.approving_team, mitigation.rulebook) == (2, security, 1)
    assert mitigation.waits_until == NOW + timedelta(minutes=30)


def test_without_a_rule_that_matches_it_needs_one_approval_for_a_day(cast: Cast) -> None:
    make_rulebook(make_rule("elsewhere", OnPlatform("999")))

    mitigation = ask(cast.dana)

    assert (mitigation.approvals_needed, mitigation.rule) == (1, "Needs 1 approval by somebody else.")
    assert mitigation.waits_until == NOW + timedelta(hours=24)


def test_a_rule_of_no_approvals_sends_it_at_once(cast: Cast) -> None:
    make_rulebook(make_rule("it is small", approvals=0))

    mitigation = ask(cast.dana)

    assert (mitigation.status, mitigation.approved_at) == (Status.APPROVED, NOW)
    assert Event.objects.get(deed="mitigation.asked").facts["status"] == "approved"


def test_whoever_published_the_rules_is_not_freed_by_them(cast: Cast) -> None:
    make_rulebook(make_rule("it is small", approvals=0), by=cast.dana)

    assert ask(cast.dana).status == Status.PENDING


def test_the_rules_judge_what_will_be_acted_on(cast: Cast) -> None:
    make_rulebook(make_rule("it is wide", WiderThan(28, 0)))

    mitigation = ask(cast.dana, pairing=make_pairing(widens_to_24=True))

    assert mitigation.approvals_needed == 2


def test_a_finding_to_review_can_ask_for_more_approvals(cast: Cast) -> None:
    make_rulebook(make_rule("a guardrail says so", NeedsALook()))

    assert ask(cast.dana).approvals_needed == 1
    assert ask(cast.dana, target="203.0.113.9/32", minutes=0).approvals_needed == 2


def test_keeps_what_the_guardrails_said(cast: Cast) -> None:
    mitigation = ask(cast.dana, minutes=0)

    assert [(each["code"], each["severity"]) for each in mitigation.findings_when_asked] == [("no-auto-stop", "review")]


def test_refuses_what_nobody_could_ever_agree_to(cast: Cast) -> None:
    make_rulebook(make_rule("it is huge", approvals=3))
    rob = make_person("rob", [Role.REQUESTER])

    with pytest.raises(Unacceptable) as refusal:
        ask(rob)

    assert [objection.code for objection in refusal.value.objections] == ["beyond-reach"]


def test_counts_the_requester_out_when_it_asks_who_could_agree(cast: Cast) -> None:
    make_rulebook(make_rule("two see more", approvals=2))
    cast.lee.groups.add(Group.objects.get(name=Role.REQUESTER))

    with pytest.raises(Unacceptable, match="nobody could agree"):
        ask(cast.lee)


def test_whoever_may_break_the_glass_may_ask_all_the_same(cast: Cast) -> None:
    make_rulebook(make_rule("it is huge", approvals=3))

    assert ask(cast.dana).approvals_needed == 3
