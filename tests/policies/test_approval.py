from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies.approval import (
    MOST_APPROVALS,
    STANDARD,
    Requirement,
    Resolution,
    Standing,
    Verdict,
    Vote,
    resolve,
)

DANA, LEE, KIM, EVE = 1, 2, 3, 4
APPROVE, REJECT = Verdict.APPROVE, Verdict.REJECT

people = st.integers(DANA, 6)
votes = st.lists(
    st.builds(lambda by, verdict: Vote(by=by, verdict=verdict), people, st.sampled_from(Verdict)), max_size=8
)
eligible = st.frozensets(people)
needed = st.integers(0, 5)
glass = st.booleans()


def settled(
    cast: list[Vote], needed: int = 1, eligible: frozenset[int] = frozenset({LEE, KIM}), glass: bool = False
) -> Resolution:
    return resolve(cast, requester=DANA, needed=needed, eligible=eligible, glass_broken=glass)


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


@pytest.mark.parametrize(
    ("cast", "standing", "counted"),
    [
        ([], Standing.APPROVED, 0),
        (approve(LEE), Standing.APPROVED, 1),
        (approve(DANA), Standing.APPROVED, 0),
        (reject(LEE), Standing.REJECTED, 0),
        (approve(LEE) + reject(KIM), Standing.REJECTED, 1),
    ],
)
def test_amounts_to_this_where_glass_was_broken(cast: list[Vote], standing: Standing, counted: int) -> None:
    assert settled(cast, 2, glass=True) == Resolution(standing=standing, approvals=counted, needed=2)


@given(votes, needed, eligible, glass, st.randoms(use_true_random=False))
def test_does_not_depend_on_the_order(
    cast: list[Vote], needed: int, eligible: frozenset[int], glass: bool, random: Random
) -> None:
    shuffled = random.sample(cast, len(cast))

    assert settled(cast, needed, eligible, glass) == settled(shuffled, needed, eligible, glass)


@given(votes, needed, eligible, glass)
def test_is_rejected_or_approved_or_pending_for_one_reason_each(
    cast: list[Vote], needed: int, eligible: frozenset[int], glass: bool
) -> None:
    rejected = any(vote.verdict is REJECT for vote in cast)
    agreed = {vote.by for vote in cast if vote.verdict is APPROVE and vote.by != DANA and vote.by in eligible}
    enough = glass or len(agreed) >= needed

    expected = Standing.REJECTED if rejected else Standing.APPROVED if enough else Standing.PENDING

    assert settled(cast, needed, eligible, glass) == Resolution(standing=expected, approvals=len(agreed), needed=needed)


@given(votes, needed, eligible, glass)
def test_is_the_same_with_and_without_the_requester_s_approval(
    cast: list[Vote], needed: int, eligible: frozenset[int], glass: bool
) -> None:
    assert settled(cast + approve(DANA), needed, eligible, glass) == settled(cast, needed, eligible, glass)


@given(votes, needed, eligible, glass)
def test_counts_each_person_once(cast: list[Vote], needed: int, eligible: frozenset[int], glass: bool) -> None:
    assert settled(cast + cast, needed, eligible, glass) == settled(cast, needed, eligible, glass)


@given(votes, people, needed, eligible, glass)
def test_is_rejected_by_one_rejection(
    cast: list[Vote], by: int, needed: int, eligible: frozenset[int], glass: bool
) -> None:
    assert settled(cast + reject(by), needed, eligible, glass).standing is Standing.REJECTED


@given(votes, people, needed, eligible, glass)
def test_is_never_un_approved_by_one_more_approval(
    cast: list[Vote], by: int, needed: int, eligible: frozenset[int], glass: bool
) -> None:
    before, after = (
        settled(cast, needed, eligible, glass),
        settled(cast + approve(by), needed, eligible, glass),
    )

    assert after.approvals >= before.approvals
    assert before.standing in (Standing.PENDING, after.standing)


@given(votes, people, needed, eligible, glass)
def test_is_never_approved_by_losing_somebody_who_may_approve(
    cast: list[Vote], lost: int, needed: int, eligible: frozenset[int], glass: bool
) -> None:
    before, after = settled(cast, needed, eligible, glass), settled(cast, needed, eligible - {lost}, glass)

    assert after.approvals <= before.approvals
    assert after.standing in (Standing.PENDING, before.standing)


@given(votes, needed, eligible, glass, st.lists(people))
def test_does_not_count_those_who_are_not_eligible(
    cast: list[Vote], needed: int, eligible: frozenset[int], glass: bool, others: list[int]
) -> None:
    more = approve(*(person for person in others if person not in eligible))

    assert settled(cast + more, needed, eligible, glass) == settled(cast, needed, eligible, glass)


@given(votes, needed, eligible)
def test_breaking_the_glass_approves_whatever_is_pending_and_changes_nothing_else(
    cast: list[Vote], needed: int, eligible: frozenset[int]
) -> None:
    whole, broken = settled(cast, needed, eligible), settled(cast, needed, eligible, glass=True)

    assert broken.standing is (Standing.APPROVED if whole.standing is Standing.PENDING else whole.standing)
    assert (broken.approvals, broken.needed) == (whole.approvals, whole.needed)


@given(votes, needed, eligible)
def test_says_how_many_are_missing(cast: list[Vote], needed: int, eligible: frozenset[int]) -> None:
    resolution = settled(cast, needed, eligible)

    assert resolution.missing == max(0, needed - resolution.approvals)


def test_reads_votes_that_can_be_read_once() -> None:
    cast = iter(approve(LEE) + reject(KIM))

    assert resolve(cast, requester=DANA, needed=1, eligible={LEE}).standing is Standing.REJECTED


def test_needs_one_approval_by_somebody_else_as_a_rule() -> None:
    day = timedelta(hours=24)

    assert Requirement(approvals=1, waits=day, sentence="Needs 1 approval by somebody else.") == STANDARD


def test_asks_for_five_approvals_at_most() -> None:
    assert MOST_APPROVALS == 5
