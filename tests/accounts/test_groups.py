"""Which roles the groups of the provider give."""

from __future__ import annotations

import pytest

from accounts.authority import Role, clashes
from accounts.groups import read, roles_of

GIVEN_BY = read(["netops=requester", "netops=break-glass", "lead=approver", "audit=auditor", "watch=viewer"])


def test_reads_pairs_of_which_a_group_may_have_several() -> None:
    assert GIVEN_BY["netops"] == {Role.REQUESTER, Role.BREAK_GLASS}


def test_reads_groups_that_hold_what_a_pair_holds() -> None:
    """Distinguished names and paths."""
    assert read(["CN=netops=requester", " /team/a b = viewer "]) == {
        "CN=netops": {Role.REQUESTER},
        "/team/a b": {Role.VIEWER},
    }


@pytest.mark.parametrize("pair", ["netops", "=requester", "netops=boss", "netops=", "netops=worker", ""])
def test_refuses_a_pair_that_gives_no_group_a_role(pair: str) -> None:
    with pytest.raises(ValueError, match="gives no group a role"):
        read(["watch=viewer", pair])


@pytest.mark.parametrize(
    ("groups", "roles", "clashing"),
    [
        ([], set(), set()),
        (["unknown", "NETOPS"], set(), set()),
        (["netops", "lead"], {Role.REQUESTER, Role.BREAK_GLASS, Role.APPROVER}, set()),
        (["audit", "watch"], {Role.AUDITOR, Role.VIEWER}, set()),
        (["audit", "lead", "watch"], {Role.VIEWER}, {Role.AUDITOR, Role.APPROVER}),
        (["audit", "netops"], {Role.BREAK_GLASS}, {Role.AUDITOR, Role.REQUESTER}),
    ],
)
def test_gives_what_groups_say_and_none_of_what_clashes(
    groups: list[str], roles: set[Role], clashing: set[Role]
) -> None:
    given = roles_of(groups, GIVEN_BY)
    assert (given.roles, given.clashing) == (roles, clashing)
    assert not clashes(given.roles)
