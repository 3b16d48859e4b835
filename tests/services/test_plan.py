from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import Event
from audit.refusal import Conflict, Forbidden, Unacceptable
from mitigations.models import AddressSpace, Alarm, Mitigation, ProtectedPrefix, Team
from mitigations.policies.guardrails import Terms
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import known
from mitigations.policies.plan import Part
from mitigations.selectors.facts import Case
from mitigations.selectors.plan import alarms
from mitigations.selectors.rules import judge
from mitigations.services import approvals, plan
from mitigations.services.plan import Entry
from mitigations.services.sending import claim_next
from tests.making import NOW, make_mitigation, make_pairing, make_protected, make_space
from tests.people import Cast, acting
from tests.services.test_requests import ask


def protecting(text: str, owner: User, **values: Any) -> Entry:
    return Entry(
        prefix=known(text), values={"severity": "block", "reason": "Resolvers.", "owner_id": owner.pk, **values}
    )


def protect(text: str, cast: Cast, *, by: User | None = None, **values: Any) -> ProtectedPrefix:
    entry = protecting(text, cast.max, **values)
    saved = plan.save(part=Part.PROTECTED, id=None, entry=entry, by=acting(by or cast.max), at=NOW)
    assert isinstance(saved, ProtectedPrefix)
    return saved


def codes(refusal: pytest.ExceptionInfo[Any]) -> list[str]:
    return [objection.code for objection in refusal.value.objections]


# --- Asking -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protected", ["203.0.113.7/32", "203.0.113.0/28", "203.0.113.0/24", "203.0.112.0/23"])
def test_blocks_any_overlap_from_around(cast: Cast, protected: str) -> None:
    make_protected(protected, owner=cast.max)

    with pytest.raises(Unacceptable) as refusal:
        ask(cast.dana, target="203.0.113.7/32")

    assert codes(refusal) == ["protected"]


@pytest.mark.parametrize("protected", ["203.0.113.0/32", "203.0.113.255/32", "203.0.113.64/26"])
def test_blocks_any_overlap_from_within(cast: Cast, protected: str) -> None:
    make_protected(protected, owner=cast.max)

    with pytest.raises(Unacceptable) as refusal:
        ask(cast.dana, target="203.0.113.0/24")

    assert codes(refusal) == ["protected"]


@pytest.mark.parametrize("protected", ["203.0.113.8/32", "203.0.112.0/24", "2001:db8::/32"])
def test_lets_neighbours_pass(cast: Cast, protected: str) -> None:
    make_protected(protected, owner=cast.max)

    assert ask(cast.dana, target="203.0.113.7/32").status == Status.PENDING


def test_an_entry_for_review_does_not_block(cast: Cast) -> None:
    make_protected("203.0.113.0/24", owner=cast.max, severity="review")

    assert ask(cast.dana).status == Status.PENDING
    assert Event.objects.get().facts["findings"] == ["protected"]


def test_a_method_that_widens_is_judged_by_its_24(cast: Cast) -> None:
    make_protected("203.0.113.200/32", owner=cast.max)

    with pytest.raises(Unacceptable) as refusal:
        ask(cast.dana, target="203.0.113.7/32", pairing=make_pairing(widens_to_24=True))

    assert codes(refusal) == ["protected"]


def test_address_space_of_another_team_is_not_asked_for(cast: Cast) -> None:
    pairing = make_pairing()
    web = Team.objects.create(name="Web")
    AddressSpace.objects.all().delete()
    make_space("203.0.113.0/24", web)

    with pytest.raises(Unacceptable) as refusal:
        ask(cast.dana, pairing=pairing)
    assert "outside-address-space" in codes(refusal)

    web.members.add(cast.dana)
    assert ask(cast.dana, pairing=pairing).status == Status.PENDING


def test_a_target_that_reaches_beyond_the_address_space_is_not_asked_for(cast: Cast) -> None:
    pairing = make_pairing(widest_ipv4=20)

    with pytest.raises(Unacceptable) as refusal:
        ask(cast.dana, target="203.0.112.0/23", pairing=pairing)

    assert "outside-address-space" in codes(refusal)


def test_an_overlapping_one_asks_for_a_closer_look(cast: Cast) -> None:
    make_mitigation(Status.ACTIVE, target="203.0.113.0/24", requested_by=cast.dana)

    ask(cast.dana, target="203.0.113.7/32")

    assert Event.objects.get().facts["findings"] == ["overlap"]


# --- Later ------------------------------------------------------------------------------------------------------------


def test_a_prefix_protected_since_blocks_the_approval(cast: Cast) -> None:
    mitigation = make_mitigation(target="203.0.113.7/32", requested_by=cast.dana)
    protect("203.0.113.0/24", cast)

    with pytest.raises(Conflict) as refusal:
        approvals.approve(reference=mitigation.reference, by=acting(cast.lee), note="", at=NOW)

    assert codes(refusal) == ["protected"]


def test_a_prefix_protected_after_the_approval_blocks_the_sending(cast: Cast) -> None:
    mitigation = make_mitigation(Status.APPROVED, target="203.0.113.7/32", requested_by=cast.dana)
    protect("203.0.113.0/24", cast)

    assert claim_next(lease=timedelta(seconds=90), at=NOW) is None

    mitigation.refresh_from_db()
    assert mitigation.status == Status.REFUSED
    assert "protected: Resolvers." in mitigation.status_note


def test_address_space_taken_away_blocks_the_sending(cast: Cast) -> None:
    mitigation = make_mitigation(Status.APPROVED, target="203.0.113.7/32", requested_by=cast.dana)
    space = AddressSpace.objects.get(prefix="203.0.113.0/24")
    plan.delete(part=Part.SPACE, id=space.pk, by=acting(cast.max), at=NOW)

    assert claim_next(lease=timedelta(seconds=90), at=NOW) is None

    mitigation.refresh_from_db()
    assert mitigation.status == Status.REFUSED


# --- Alarms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.SENDING, Status.ACTIVE, Status.UNKNOWN])
def test_protecting_what_is_live_raises_an_alarm(cast: Cast, status: Status) -> None:
    mitigation = make_mitigation(status, target="203.0.113.7/32", requested_by=cast.dana)
    make_mitigation(Status.PENDING, target="203.0.113.8/32", requested_by=cast.dana)

    protect("203.0.113.0/24", cast)

    [alarm] = alarms()
    assert alarm.mitigation == mitigation
    assert alarm.sentence == "203.0.113.7/32 is live and touches 203.0.113.0/24, which is protected: Resolvers."


def test_an_alarm_stands_until_somebody_settles_it(cast: Cast) -> None:
    make_mitigation(Status.ACTIVE, target="203.0.113.7/32", requested_by=cast.dana)
    protect("203.0.113.0/24", cast)
    [alarm] = alarms()

    plan.settle_alarm(id=alarm.pk, by=acting(cast.lee), note="Agreed with the owner.", at=NOW)

    assert alarms() == []
    alarm.refresh_from_db()
    assert (alarm.settled_by, alarm.settled_at, alarm.note) == (cast.lee, NOW, "Agreed with the owner.")


def test_an_alarm_ends_with_its_mitigation(cast: Cast) -> None:
    mitigation = make_mitigation(Status.ACTIVE, target="203.0.113.7/32", requested_by=cast.dana)
    protect("203.0.113.0/24", cast)

    Mitigation.objects.filter(pk=mitigation.pk).update(status=Status.ENDED, closed_at=NOW)

    assert alarms() == []


def test_settling_an_alarm_needs_the_right_and_a_reason(cast: Cast) -> None:
    make_mitigation(Status.ACTIVE, target="203.0.113.7/32", requested_by=cast.dana)
    protect("203.0.113.0/24", cast)
    [alarm] = alarms()

    for person in (cast.dana, cast.ana, cast.eve):
        with pytest.raises(Forbidden):
            plan.settle_alarm(id=alarm.pk, by=acting(person), note="Fine.", at=NOW)
    with pytest.raises(Unacceptable):
        plan.settle_alarm(id=alarm.pk, by=acting(cast.lee), note="", at=NOW)

    assert len(alarms()) == 1


def test_nobody_settles_an_alarm_twice(cast: Cast) -> None:
    make_mitigation(Status.ACTIVE, target="203.0.113.7/32", requested_by=cast.dana)
    protect("203.0.113.0/24", cast)
    [alarm] = alarms()
    plan.settle_alarm(id=alarm.pk, by=acting(cast.lee), note="Agreed.", at=NOW)

    with pytest.raises(Conflict):
        plan.settle_alarm(id=alarm.pk, by=acting(cast.kim), note="Also.", at=NOW)


# --- Editing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["dana", "lee", "ana", "eve"])
def test_only_administrators_edit_the_plan(cast: Cast, name: str) -> None:
    by = getattr(cast, name)
    kept = make_protected("203.0.113.0/24", owner=cast.max)

    with pytest.raises(Forbidden):
        protect("198.51.100.0/24", cast, by=by)
    with pytest.raises(Forbidden):
        plan.delete(part=Part.PROTECTED, id=kept.pk, by=acting(by), at=NOW)
    with pytest.raises(Forbidden):
        plan.import_entries(part=Part.PROTECTED, entries=[protecting("192.0.2.0/24", cast.max)], by=acting(by), at=NOW)
    with pytest.raises(Forbidden):
        plan.save_team(id=None, name="Mine", member_ids=[by.pk], by=acting(by), at=NOW)

    assert list(ProtectedPrefix.objects.values_list("prefix", flat=True)) == ["203.0.113.0/24"]
    assert not Team.objects.exists()
    assert Event.objects.filter(outcome="refused").count() == 4


def test_a_prefix_stands_in_the_list_once(cast: Cast) -> None:
    protect("203.0.113.0/24", cast)

    with pytest.raises(Conflict, match="in the list already"):
        protect("203.0.113.0/24", cast)


def test_each_change_is_recorded_with_its_values(cast: Cast) -> None:
    saved = protect("203.0.113.0/24", cast)
    plan.delete(part=Part.PROTECTED, id=saved.pk, by=acting(cast.max), at=NOW)

    first, second = Event.objects.order_by("number")
    assert first.facts["values"]["reason"] == "Resolvers."
    assert (second.deed, second.subject) == ("plan.deleted", "203.0.113.0/24")


def test_an_import_changes_what_is_there_and_adds_the_rest(cast: Cast) -> None:
    protect("203.0.113.0/24", cast)
    entries = [protecting("203.0.113.0/24", cast.lee, reason="The shop."), protecting("192.0.2.0/24", cast.max)]

    assert plan.import_entries(part=Part.PROTECTED, entries=entries, by=acting(cast.max), at=NOW) == 2

    rows = ProtectedPrefix.objects.order_by("pk").values_list("prefix", "reason", "owner__username")
    assert list(rows) == [("203.0.113.0/24", "The shop.", "lee"), ("192.0.2.0/24", "Resolvers.", "max")]


def test_an_import_raises_alarms_as_well(cast: Cast) -> None:
    make_mitigation(Status.ACTIVE, target="203.0.113.7/32", requested_by=cast.dana)

    plan.import_entries(
        part=Part.PROTECTED, entries=[protecting("203.0.113.0/28", cast.max)], by=acting(cast.max), at=NOW
    )

    assert Alarm.objects.count() == 1


def test_teams_have_names_of_their_own(cast: Cast) -> None:
    plan.save_team(id=None, name="Web", member_ids=[cast.dana.pk], by=acting(cast.max), at=NOW)

    with pytest.raises(Unacceptable):
        plan.save_team(id=None, name="Web", member_ids=[], by=acting(cast.max), at=NOW)

    assert list(Team.objects.get().members.all()) == [cast.dana]


# --- Cost -------------------------------------------------------------------------------------------------------------


def test_judging_costs_the_same_number_of_queries_whatever_the_plan_holds(cast: Cast) -> None:
    terms = Terms(target=known("203.0.113.7/32"), minutes=60)
    case = Case(pairing=make_pairing(), terms=terms, requester=cast.dana.pk)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            judge([case], at=NOW)
        return len(captured)

    make_protected("203.0.113.0/24", owner=cast.max)
    make_mitigation(Status.ACTIVE, target="203.0.113.0/25", requested_by=cast.dana)
    few = queries()
    for length in range(25, 33):
        make_protected(known("203.0.113.7/32").text if length == 32 else f"203.0.113.0/{length}", owner=cast.max)
        make_space(f"203.0.113.{0 if length < 32 else 7}/{length}", Team.objects.create(name=str(length)))

    assert queries() == few <= 11
