"""Several people in the same instant, in threads with connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from audit.models import Event
from audit.refusal import Conflict, Refused
from mitigations.models import Decision, Mitigation, Pairing, Platform, Preset
from mitigations.policies.catalogue import What
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import Prefix, parse
from mitigations.selectors import catalogue
from mitigations.services import approvals, presets, requests, syncing
from mitigations.services import catalogue as editing
from mitigations.services.requests import Wanted
from mitigations.services.sending import Claim, claim_next
from tests.making import NOW, make_mitigation, make_pairing, make_view
from tests.people import Cast, acting, make_cast
from tests.services.test_presets import recipe

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

ROUNDS = 12


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


def refusals(results: list[object]) -> list[Refused]:
    return [result for result in results if isinstance(result, Refused)]


def assert_gapless() -> None:
    numbers = list(Event.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_two_approvers_give_one_approval_and_one_is_told(people: Cast, turn: int) -> None:
    mitigation = make_mitigation(requested_by=people.dana)

    results = at_once(approving(mitigation, people, "lee"), approving(mitigation, people, "kim"))

    [told] = refusals(results)
    assert "already approved by" in str(told)
    assert Decision.objects.count() == 1
    mitigation.refresh_from_db()
    assert mitigation.status == Status.APPROVED
    assert_gapless()


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_an_approval_and_a_rejection_end_rejected(people: Cast, turn: int) -> None:
    mitigation = make_mitigation(requested_by=people.dana)
    kim = acting(people.kim)

    at_once(
        approving(mitigation, people, "lee"),
        lambda: approvals.reject(reference=mitigation.reference, by=kim, note="No.", at=NOW),
    )

    mitigation.refresh_from_db()
    assert mitigation.status == Status.REJECTED
    assert_gapless()


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
    assert_gapless()


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_workers_claim_each_once_and_one_at_a_time(people: Cast, turn: int) -> None:
    make_mitigation(Status.APPROVED)
    make_mitigation(Status.APPROVED)

    results = at_once(*[lambda: claim_next(lease=timedelta(seconds=90), at=NOW)] * 4)

    assert len([result for result in results if isinstance(result, Claim)]) == 1
    assert Mitigation.objects.filter(status=Status.SENDING).count() == 1
    assert_gapless()


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_withdrawing_and_claiming_have_one_winner(people: Cast, turn: int) -> None:
    mitigation = make_mitigation(Status.APPROVED, requested_by=people.dana)
    dana = acting(people.dana)

    withdrawn, claimed = at_once(
        lambda: requests.withdraw(reference=mitigation.reference, by=dana, note="", at=NOW),
        lambda: claim_next(lease=timedelta(seconds=90), at=NOW),
    )

    mitigation.refresh_from_db()
    assert isinstance(withdrawn, Refused) == (mitigation.status == Status.SENDING)
    assert isinstance(claimed, Claim) == (mitigation.status == Status.SENDING)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_two_presets_of_one_name_leave_one_and_the_other_is_told(people: Cast, turn: int) -> None:
    made, administrator = recipe(), acting(people.max)

    results = at_once(*[lambda: presets.save(id=None, recipe=made, by=administrator, at=NOW)] * 3)

    assert [told.objections[0].code for told in refusals(results)] == ["name", "name"]
    assert Preset.objects.count() == 1
    assert_gapless()


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
    assert_gapless()


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_what_is_taken_over_and_added_by_hand_at_once_is_there_once(people: Cast, turn: int) -> None:
    make_view()
    values = {"kentik_id": "257", "name": "Edge", "kind": "rtbh"}

    results = at_once(
        taking_over(people),
        lambda: editing.save(what=What.PLATFORM, id=None, values=values, by=acting(people.max), at=NOW),
    )

    assert len(refusals(results)) == 1
    assert Platform.objects.count() == 1
    assert_gapless()
