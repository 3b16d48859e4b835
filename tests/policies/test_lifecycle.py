"""The table of moves, walked whole."""

from __future__ import annotations

from itertools import product

import pytest

from accounts.authority import GRANTS, PEOPLE, Deed, Role
from audit.refusal import Conflict
from mitigations.policies.lifecycle import FINAL, IN_FORCE, MOVES, OPEN, WAITING, Status, move, objections

# from status: deed -> to statuses, as the documentation tells it.
TABLE = {
    Status.PENDING: {
        Deed.ASK: {Status.APPROVED},
        Deed.BREAK_GLASS: {Status.APPROVED},
        Deed.APPROVE: {Status.PENDING, Status.APPROVED},
        Deed.REJECT: {Status.REJECTED},
        Deed.WITHDRAW: {Status.WITHDRAWN},
        Deed.KEEP_TIME: {Status.EXPIRED},
    },
    Status.APPROVED: {
        Deed.REJECT: {Status.REJECTED},
        Deed.WITHDRAW: {Status.WITHDRAWN},
        Deed.SEND: {Status.SENDING, Status.PENDING, Status.REFUSED},
        Deed.KEEP_TIME: {Status.EXPIRED},
    },
    Status.SENDING: {
        Deed.SEND: {Status.ACTIVE, Status.REFUSED, Status.UNKNOWN, Status.APPROVED},
        Deed.KEEP_TIME: {Status.UNKNOWN},
    },
    Status.ACTIVE: {
        Deed.IDENTIFY: {Status.ACTIVE},
        Deed.STOP: {Status.ACTIVE},
        Deed.RECORD_STOP: {Status.STOPPED},
        Deed.KEEP_TIME: {Status.ENDED},
        Deed.FOLLOW: {Status.ENDED, Status.STOPPED},
    },
    Status.UNKNOWN: {
        Deed.SEND: {Status.ACTIVE, Status.REFUSED},
        Deed.SETTLE: {Status.ACTIVE, Status.REFUSED, Status.STOPPED},
        Deed.FOLLOW: {Status.ACTIVE},
        Deed.IDENTIFY: {Status.ACTIVE},
    },
}
PAIRS = list(product(Status, Deed))


@pytest.mark.parametrize(("before", "deed"), PAIRS)
def test_makes_the_moves_of_the_table_and_no_other(before: Status, deed: Deed) -> None:
    allowed = TABLE.get(before, {}).get(deed, set())

    for after in allowed:
        assert move(before, deed, after) is after
    for after in set(Status) - allowed:
        with pytest.raises(Conflict, match=r"^This mitigation .+\.$"):
            move(before, deed, after)


@pytest.mark.parametrize(("status", "deed"), PAIRS)
def test_objects_exactly_where_there_is_no_way(status: Status, deed: Deed) -> None:
    found = objections(status, deed)

    assert bool(found) is (deed not in TABLE.get(status, {}))
    assert all(each.code == "not-now" and each.sentence.endswith(".") for each in found)


def test_lists_each_move_once() -> None:
    rows = [(each.before, each.deed, each.after) for each in MOVES]

    assert len(rows) == len(set(rows)) == sum(len(after) for deeds in TABLE.values() for after in deeds.values())


def test_says_when_each_move_is_made() -> None:
    assert all(each.when for each in MOVES)


@pytest.mark.parametrize("status", sorted(FINAL))
def test_has_no_way_out_of_a_final_status(status: Status) -> None:
    assert all(objections(status, deed) for deed in Deed)


@pytest.mark.parametrize("status", sorted(OPEN))
def test_has_a_way_out_of_every_open_status(status: Status) -> None:
    assert any(each.before is status and each.after is not status for each in MOVES)


@pytest.mark.parametrize("status", Status)
def test_has_a_way_from_pending_to_every_status(status: Status) -> None:
    reached = {Status.PENDING}
    for _ in Status:
        reached |= {each.after for each in MOVES if each.before in reached}

    assert status in reached


def test_sorts_every_status_into_one_group() -> None:
    assert sorted([*WAITING, *IN_FORCE, *FINAL]) == sorted(Status)
    assert {Status.SENDING, Status.ACTIVE, Status.UNKNOWN} == IN_FORCE


def test_has_a_grant_for_the_deed_of_every_move() -> None:
    assert {each.deed for each in MOVES} <= set(GRANTS)


def test_reaches_sending_from_approved_by_the_worker_only() -> None:
    ways = [(each.before, each.deed) for each in MOVES if each.after is Status.SENDING]

    assert ways == [(Status.APPROVED, Deed.SEND)]
    assert GRANTS[Deed.SEND].roles == {Role.WORKER}
    assert not GRANTS[Deed.SEND].roles & PEOPLE


def test_never_leads_from_unknown_back_to_sending() -> None:
    reached = {Status.UNKNOWN}
    for _ in Status:
        reached |= {each.after for each in MOVES if each.before in reached}

    assert not reached & {Status.PENDING, Status.APPROVED, Status.SENDING}
