"""What may be changed about people, whoever they are: rules over plain values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import rights
from accounts.authority import PEOPLE, Role, clashes
from accounts.rights import DOES, Change

roles = st.frozensets(st.sampled_from(Role))
held = st.frozensets(st.sampled_from(sorted(PEOPLE)))


def codes(wanted: Change, *, is_self: bool = False, others_administer: bool = True) -> list[str]:
    found = rights.against_change(wanted, is_self=is_self, others_administer=others_administer)
    return [objection.code for objection in found]


def wanting(held: set[Role], *, give: set[Role] | None = None, take: set[Role] | None = None) -> Change:
    return rights.change(frozenset(held), give=frozenset(give or ()), take=frozenset(take or ()))


@given(held=held, give=roles, take=roles, is_self=st.booleans(), others=st.booleans())
def test_lets_through_only_what_keeps_the_rules(
    held: frozenset[Role], give: frozenset[Role], take: frozenset[Role], is_self: bool, others: bool
) -> None:
    wanted = rights.change(held, give=give, take=take)
    if rights.against_change(wanted, is_self=is_self, others_administer=others):
        return
    assert not clashes(wanted.after)
    assert wanted.after <= PEOPLE
    assert not is_self or wanted.after < held
    assert others or Role.ADMINISTRATOR not in held or Role.ADMINISTRATOR in wanted.after
    assert wanted.after != held


@given(held=held, give=roles, take=roles)
def test_gives_what_is_not_held_and_takes_what_is(
    held: frozenset[Role], give: frozenset[Role], take: frozenset[Role]
) -> None:
    wanted = rights.change(held, give=give, take=take)

    assert not wanted.given & held
    assert wanted.taken <= held
    assert wanted.after == (held | (give & PEOPLE)) - (take - give)


@pytest.mark.parametrize(
    ("wanted", "is_self", "others", "said"),
    [
        (wanting({Role.VIEWER}, give={Role.APPROVER}), False, True, []),
        (wanting({Role.VIEWER}, give={Role.APPROVER}), True, True, ["own-role"]),
        (wanting({Role.ADMINISTRATOR}, take={Role.ADMINISTRATOR}), True, True, []),
        (wanting({Role.ADMINISTRATOR}, take={Role.ADMINISTRATOR}), True, False, ["last-administrator"]),
        (wanting({Role.ADMINISTRATOR}, take={Role.ADMINISTRATOR}), False, False, ["last-administrator"]),
        (wanting({Role.AUDITOR}, give={Role.APPROVER}), False, True, ["incompatible-roles"]),
        (wanting({Role.AUDITOR}, give={Role.APPROVER}, take={Role.AUDITOR}), False, True, []),
        (wanting({Role.VIEWER}, give={Role.VIEWER}), False, True, ["nothing"]),
        (wanting({Role.VIEWER}, take={Role.AUDITOR}), False, True, ["nothing"]),
        (wanting(set(), give={Role.WORKER}), False, True, ["nothing"]),
    ],
)
def test_says_what_stands_against_it(wanted: Change, is_self: bool, others: bool, said: list[str]) -> None:
    assert codes(wanted, is_self=is_self, others_administer=others) == said


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (wanting({Role.VIEWER}, give={Role.APPROVER, Role.REQUESTER}), "gave requester, approver"),
        (wanting({Role.VIEWER}, give={Role.AUDITOR}, take={Role.VIEWER}), "gave auditor, took viewer"),
        (wanting({Role.VIEWER}), "nothing"),
    ],
)
def test_puts_a_change_into_words(wanted: Change, words: str) -> None:
    assert wanted.words == words


@pytest.mark.parametrize("name", ["dana", "d", "dana.reyes", "dana@example.net", "7of9", "a_b-c+d"])
def test_takes_a_plain_name(name: str) -> None:
    assert rights.against_name(name) == ()


@pytest.mark.parametrize(
    "name", ["", "Dana", "däna", "dаna", ".dana", "-dana", "da na", "da/na", "dana\n", "worker", "manage.py", "invite"]
)
def test_takes_no_name_that_could_be_taken_for_another(name: str) -> None:
    assert [objection.code for objection in rights.against_name(name)] == ["username"]


def test_has_words_for_every_role_of_people() -> None:
    assert set(DOES) == PEOPLE
