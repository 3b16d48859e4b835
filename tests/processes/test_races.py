"""Several people in the same instant, in threads with connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from accounts.authority import Role
from audit.refusal import Conflict, Refused
from mitigations.models import BreakGlass, Decision, Lane, Mitigation, Pairing, Platform, Preset, Rulebook
from mitigations.policies.budget import Purpose
from mitigations.policies.catalogue import What
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import Prefix, parse
from mitigations.policies.rules import NoAutoStop
from mitigations.selectors import catalogue
from mitigations.selectors import rules as reading
from mitigations.services import approvals, glass, lane, presets, requests, rules, syncing
from mitigations.services import catalogue as catalogue_editing
from mitigations.services.lane import Held
from mitigations.services.requests import Wanted
from mitigations.services.sending import Claim, claim_next
from tests.making import NOW, break_glass_for, make_mitigation, make_pairing, make_rule, make_view
from tests.people import Cast, acting, make_cast, make_person
from tests.services.replaying import assert_the_log_tells_it
from tests.services.test_presets import recipe

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

ROUNDS = 5


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return make_cast()


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Do them all in the same instant; what each returned, or the refusal that it met."""
    results: list[object] = [None] * len(deeds)
    start = threading.Barrier(len(deeds))

    def run(place: int, deed: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            results[place] = deed()
        except Refused as refusal:
            results[place] = refusal
        except Exception as error:
            results[place] = error
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def approving(mitigation: Mitigation, people: Cast, name: str) -> Callable[[], object]:
    by = acting(getattr(people, name))
    return lambda: approvals.approve(reference=mitigation.reference, by=by, note="", at=NOW)


def rejecting(mitigation: Mitigation, people: Cast, name: str) -> Callable[[], object]:
    by = acting(getattr(people, name))
    return lambda: approvals.reject(reference=mitigation.reference, by=by, note="No.", at=NOW)


def breaking(mitigation: Mitigation, people: Cast) -> Callable[[], object]:
    dana, why = acting(people.dana), "The shop is down and nobody answers."
    return lambda: glass.break_glass(reference=mitigation.reference, by=dana, note=why, at=NOW)


def withdrawing(mitigation: Mitigation, people: Cast) -> Callable[[], object]:
    dana = acting(people.dana)
    return lambda: requests.withdraw(reference=mitigation.reference, by=dana, note="", at=NOW)


def claiming() -> object:
    return claim_next(lease=timedelta(seconds=90), at=NOW)


def status_of(mitigation: Mitigation) -> str:
    return Mitigation.objects.values_list("status", flat=True).get(pk=mitigation.pk)


def taking_the_lane_to_read() -> Held | None:
    gap = lane.gap(Purpose.READ, at=NOW)
    return gap and lane.take(gap, lease=timedelta(seconds=90), at=NOW)


def refusals(results: list[object]) -> list[Refused]:
    return [result for result in results if isinstance(result, Refused)]


def assert_consistent(*made: Mitigation) -> None:
    """Nobody decided twice, at most one is under way, and the log tells where each one is, from how it was made."""
    deciders = list(Decision.objects.values_list("mitigation_id", "decided_by_id"))
    assert len(deciders) == len(set(deciders))
    assert Mitigation.objects.filter(status=Status.SENDING).count() <= 1
    assert_the_log_tells_it({each.reference: Status(each.status) for each in made})


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_two_approvers_give_one_approval_and_one_is_told(people: Cast, turn: int) -> None:
    mitigation = make_mitigation(requested_by=people.dana)

    results = at_once(approving(mitigation, people, "lee"), approving(mitigation, people, "kim"))

    [told] = refusals(results)
    assert "already approved by" in str(told)
    assert Decision.objects.count() == 1
    assert_consistent(mitigation)
    assert status_of(mitigation) == Status.APPROVED


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_an_approval_and_a_rejection_end_rejected(people: Cast, turn: int) -> None:
    mitigation = make_mitigation(requested_by=people.dana)

    at_once(approving(mitigation, people, "lee"), rejecting(mitigation, people, "kim"))

    assert_consistent(mitigation)
    assert status_of(mitigation) == Status.REJECTED


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_one_person_in_two_windows_decides_once(people: Cast, turn: int) -> None:
    mitigation = make_mitigation(requested_by=people.dana, approvals_needed=2)

    results = at_once(approving(mitigation, people, "lee"), approving(mitigation, people, "lee"))

    assert len(refusals(results)) == 1
    assert Decision.objects.count() == 1
    mitigation.refresh_from_db()
    assert mitigation.status == Status.PENDING


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_two_requests_for_one_target_leave_one(people: Cast, turn: int) -> None:
    target, dana = parse("203.0.113.7/32"), acting(people.dana)
    assert isinstance(target, Prefix)
    wanted = Wanted(target=target, pairing_id=make_pairing().pk, minutes=60, comment="", reason="Flood.")

    results = at_once(*[lambda: requests.ask(wanted=wanted, by=dana, at=NOW)] * 3)

    assert len(refusals(results)) == 2
    assert Mitigation.objects.count() == 1
    assert_consistent()


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_workers_claim_each_once_and_one_at_a_time(people: Cast, turn: int) -> None:
    made = [make_mitigation(Status.APPROVED), make_mitigation(Status.APPROVED)]

    results = at_once(*[claiming] * 4)

    assert len([result for result in results if isinstance(result, Claim)]) == 1
    assert Mitigation.objects.filter(status=Status.SENDING).count() == 1
    assert_consistent(*made)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_start_and_reads_find_the_lane_free_for_one_of_them(people: Cast, turn: int) -> None:
    make_mitigation(Status.APPROVED)

    results = at_once(claiming, *[taking_the_lane_to_read] * 3)

    assert len([result for result in results if isinstance(result, Claim | Held)]) == 1
    assert Lane.objects.get().fence == 1


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_withdrawing_and_claiming_have_one_winner(people: Cast, turn: int) -> None:
    mitigation = make_mitigation(Status.APPROVED, requested_by=people.dana)

    withdrawn, claimed = at_once(withdrawing(mitigation, people), claiming)

    assert_consistent(mitigation)
    sending = status_of(mitigation) == Status.SENDING
    assert (isinstance(withdrawn, Refused), isinstance(claimed, Claim)) == (sending, sending)


# --- Several deciders -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_two_approvers_of_two_needed_both_count(people: Cast, turn: int) -> None:
    mitigation = make_mitigation(requested_by=people.dana, approvals_needed=2)

    results = at_once(approving(mitigation, people, "lee"), approving(mitigation, people, "kim"))

    assert (refusals(results), Decision.objects.count()) == ([], 2)
    assert_consistent(mitigation)
    assert status_of(mitigation) == Status.APPROVED


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_of_three_approvers_where_two_are_needed_one_is_told(people: Cast, turn: int) -> None:
    mitigation = make_mitigation(requested_by=people.dana, approvals_needed=2)
    joe = acting(make_person("joe", [Role.APPROVER]))

    results = at_once(
        approving(mitigation, people, "lee"),
        approving(mitigation, people, "kim"),
        lambda: approvals.approve(reference=mitigation.reference, by=joe, note="", at=NOW),
    )

    [told] = refusals(results)
    assert "already approved by" in str(told)
    assert Decision.objects.count() == 2
    assert_consistent(mitigation)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_two_approvals_and_a_rejection_end_rejected(people: Cast, turn: int) -> None:
    mitigation = make_mitigation(requested_by=people.dana, approvals_needed=2)
    joe = acting(make_person("joe", [Role.APPROVER]))

    at_once(
        approving(mitigation, people, "lee"),
        approving(mitigation, people, "kim"),
        lambda: approvals.reject(reference=mitigation.reference, by=joe, note="No.", at=NOW),
    )

    assert_consistent(mitigation)
    assert status_of(mitigation) == Status.REJECTED


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_rejecting_and_claiming_have_one_winner(people: Cast, turn: int) -> None:
    mitigation = make_mitigation(Status.APPROVED, requested_by=people.dana)

    rejected, claimed = at_once(rejecting(mitigation, people, "kim"), claiming)

    assert_consistent(mitigation)
    sending = status_of(mitigation) == Status.SENDING
    assert (isinstance(rejected, Refused), isinstance(claimed, Claim)) == (sending, sending)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_two_rejections_are_one(people: Cast, turn: int) -> None:
    mitigation = make_mitigation(requested_by=people.dana)

    results = at_once(rejecting(mitigation, people, "lee"), rejecting(mitigation, people, "kim"))

    assert (len(refusals(results)), Decision.objects.count()) == (1, 1)
    assert_consistent(mitigation)


# --- Glass ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_approving_and_breaking_the_glass_let_it_out_once(people: Cast, turn: int) -> None:
    mitigation = make_mitigation(requested_by=people.dana)

    approved, broken = at_once(approving(mitigation, people, "lee"), breaking(mitigation, people))

    assert isinstance(approved, Refused) != isinstance(broken, Refused)
    assert Decision.objects.count() + BreakGlass.objects.count() == 1
    assert_consistent(mitigation)
    assert status_of(mitigation) == Status.APPROVED


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_one_person_in_two_windows_breaks_the_glass_once(people: Cast, turn: int) -> None:
    mitigation = make_mitigation(requested_by=people.dana)

    results = at_once(*[breaking(mitigation, people)] * 2)

    assert (len(refusals(results)), BreakGlass.objects.count()) == (1, 1)
    assert_consistent(mitigation)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_withdrawing_beats_breaking_the_glass_in_either_order(people: Cast, turn: int) -> None:
    mitigation = make_mitigation(requested_by=people.dana)

    withdrawn, broken = at_once(withdrawing(mitigation, people), breaking(mitigation, people))

    assert not isinstance(withdrawn, Refused)
    assert isinstance(broken, Refused) == (not BreakGlass.objects.exists())
    assert_consistent(mitigation)
    assert status_of(mitigation) == Status.WITHDRAWN


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_broken_glass_is_reviewed_once(people: Cast, turn: int) -> None:
    mitigation = make_mitigation(Status.ACTIVE, requested_by=people.dana)
    break_glass_for(mitigation)

    def reviewing(name: str, *, justified: bool) -> Callable[[], object]:
        by = acting(getattr(people, name))
        return lambda: glass.review(reference=mitigation.reference, justified=justified, by=by, note="So.", at=NOW)

    results = at_once(reviewing("lee", justified=True), reviewing("kim", justified=False))

    [told] = refusals(results)
    assert "reviewed already" in str(told)
    assert_consistent(mitigation)


# --- Rules ------------------------------------------------------------------------------------------------------------


def editing(people: Cast, because: str, *, revision: int) -> Callable[[], object]:
    by = acting(people.max)
    return lambda: rules.add(rule=make_rule(because, NoAutoStop()), revision=revision, by=by, at=NOW)


def publishing(people: Cast, *, revision: int) -> Callable[[], object]:
    by = acting(people.max)
    return lambda: rules.publish(revision=revision, note="As agreed.", by=by, at=NOW)


@pytest.mark.parametrize("turn", range(ROUNDS))
@pytest.mark.parametrize("is_first", [True, False])
def test_of_two_edits_of_one_revision_one_is_told(people: Cast, is_first: bool, turn: int) -> None:
    if not is_first:
        editing(people, "the draft is there", revision=0)()
    revision = reading.draft().revision

    results = at_once(editing(people, "a", revision=revision), editing(people, "b", revision=revision))

    [told] = refusals(results)
    assert "edited the draft since" in str(told)
    assert reading.draft().revision == revision + 1
    assert_consistent()


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_two_publishers_of_one_revision_make_one_version(people: Cast, turn: int) -> None:
    editing(people, "it is big", revision=0)()

    results = at_once(*[publishing(people, revision=1)] * 2)

    assert (len(refusals(results)), Rulebook.objects.count()) == (1, 1)
    assert_consistent()


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_an_edit_and_a_publication_never_publish_what_nobody_saw(people: Cast, turn: int) -> None:
    editing(people, "it is big", revision=0)()

    edited, published = at_once(editing(people, "later", revision=1), publishing(people, revision=1))

    assert not isinstance(edited, Refused)
    assert [len(book.parsed) for book in Rulebook.objects.all()] == ([] if isinstance(published, Refused) else [1])
    assert_consistent()


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_two_presets_of_one_name_leave_one_and_the_other_is_told(people: Cast, turn: int) -> None:
    made, administrator = recipe(), acting(people.max)

    results = at_once(*[lambda: presets.save(id=None, recipe=made, by=administrator, at=NOW)] * 3)

    assert [told.objections[0].code for told in refusals(results)] == ["name", "name"]
    assert Preset.objects.count() == 1
    assert_the_log_tells_it()


def taking_over(people: Cast) -> Callable[[], object]:
    mark = catalogue.comparison().difference.mark
    return lambda: syncing.take_over(mark=mark, by=acting(people.max), at=NOW)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_two_who_take_over_one_difference_take_it_over_once(people: Cast, turn: int) -> None:
    make_view()

    results = at_once(taking_over(people), taking_over(people))

    [told] = refusals(results)
    assert isinstance(told, Conflict)
    assert (Platform.objects.count(), Pairing.objects.count()) == (1, 1)
    assert_the_log_tells_it()


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_what_is_taken_over_and_added_by_hand_at_once_is_there_once(people: Cast, turn: int) -> None:
    make_view()
    values = {"kentik_id": "257", "name": "Edge", "kind": "rtbh"}

    results = at_once(
        taking_over(people),
        lambda: catalogue_editing.save(what=What.PLATFORM, id=None, values=values, by=acting(people.max), at=NOW),
    )

    assert len(refusals(results)) == 1
    assert Platform.objects.count() == 1
    assert_the_log_tells_it()
