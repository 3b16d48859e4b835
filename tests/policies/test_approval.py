from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies.approval import STANDARD, Resolution, Standing, Verdict, Vote, resolve

DANA, LEE, KIM, EVE = 1, 2, 3, 4
APPROVE, REJECT = Verdict.APPROVE, Verdict.REJECT

people = st.integers(DANA, 6)
votes = st.lists(
    st.builds(lambda by, verdict: Vote(by=by, verdict=verdict), people, st.sampled_from(Verdict)), max_size=8
)
approvals = st.lists(people.map(lambda by: Vote(by=by, verdict=APPROVE)), max_size=8)
eligible = st.frozensets(people)
needed = st.integers(0, 5)


def settled(cast: list[Vote], needed: int = 1, eligible: frozenset[int] = frozenset({LEE, KIM})) -> Resolution:
    return resolve(cast, requester=DANA, needed=needed, eligible=eligible)


def approve(*people: int) -> list[Vote]:
    return [Vote(by=by, verdict=APPROVE) for by in people]


def reject(*people: int) -> list[Vote]:
    return [Vote(by=by, verdict=REJECT) for by in people]


@pytest.mark.parametrize(
    ("cast", "needed", "standing", "counted"),
    [
        ([], 1, Standing.PENDING, 0),
        ([], 0, Standing.APPROVED, 0),
        (approve(LEE), 1, Standing.APPROVED, 1),
        (approve(LEE), 2, Standing.PENDING, 1),
        (approve(LEE, KIM), 2, Standing.APPROVED, 2),
        (approve(LEE, LEE), 2, Standing.PENDING, 1),
        (approve(LEE, EVE), 2, Standing.PENDING, 1),
        (approve(DANA), 1, Standing.PENDING, 0),
        (approve(LEE, KIM) + reject(KIM), 1, Standing.REJECTED, 2),
        (reject(LEE), 1, Standing.REJECTED, 0),
        (reject(LEE), 0, Standing.REJECTED, 0),
        (reject(EVE), 1, Standing.REJECTED, 0),
    ],
)
def test_amounts_to(cast: list[Vote], needed: int, standing: Standing, counted: int) -> None:
    assert settled(cast, needed) == Resolution(standing=standing, approvals=counted, needed=needed)


def test_never_counts_the_requester_even_as_an_approver() -> None:
    assert settled(approve(DANA), eligible=frozenset({DANA, LEE})).standing is Standing.PENDING


@given(votes, needed, eligible, st.randoms())
def test_does_not_depend_on_the_order(cast: list[Vote], needed: int, eligible: frozenset[int], random: object) -> None:
    shuffled = list(cast)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis hands in a Random

    assert settled(cast, needed, eligible) == settled(shuffled, needed, eligible)


@given(votes, needed, eligible)
def test_is_the_same_with_and_without_the_requester_s_approval(
    cast: list[Vote], needed: int, eligible: frozenset[int]
) -> None:
    assert settled(cast + approve(DANA), needed, eligible) == settled(cast, needed, eligible)


@given(votes, people, needed, eligible)
def test_is_rejected_by_one_rejection(cast: list[Vote], by: int, needed: int, eligible: frozenset[int]) -> None:
    assert settled(cast + reject(by), needed, eligible).standing is Standing.REJECTED


@given(approvals, people, needed, eligible)
def test_is_never_un_approved_by_one_more_approval(
    cast: list[Vote], by: int, needed: int, eligible: frozenset[int]
) -> None:
    before, after = settled(cast, needed, eligible), settled(cast + approve(by), needed, eligible)

    assert after.approvals >= before.approvals
    assert before.standing is not Standing.APPROVED or after.standing is Standing.APPROVED


@given(votes, needed, eligible, st.lists(people))
def test_does_not_count_those_who_are_not_eligible(
    cast: list[Vote], needed: int, eligible: frozenset[int], others: list[int]
) -> None:
    more = approve(*(person for person in others if person not in eligible))

    assert settled(cast + more, needed, eligible) == settled(cast, needed, eligible)


@given(approvals, st.integers(1, 5), eligible)
def test_is_approved_by_enough_different_people_and_by_nothing_less(
    cast: list[Vote], needed: int, eligible: frozenset[int]
) -> None:
    agreed = {vote.by for vote in cast} & eligible - {DANA}

    assert (settled(cast, needed, eligible).standing is Standing.APPROVED) is (len(agreed) >= needed)


@given(votes, needed, eligible)
def test_says_how_many_are_missing(cast: list[Vote], needed: int, eligible: frozenset[int]) -> None:
    resolution = settled(cast, needed, eligible)

    assert resolution.missing == max(0, needed - resolution.approvals)


def test_reads_votes_that_can_be_read_once() -> None:
    assert resolve(iter(approve(LEE)), requester=DANA, needed=1, eligible={LEE}).standing is Standing.APPROVED


def test_needs_one_approval_by_somebody_else_as_a_rule() -> None:
    assert (STANDARD.approvals, STANDARD.sentence) == (1, "Needs 1 approval by somebody else.")
