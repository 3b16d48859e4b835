"""Who may do what: the policy is asked every cell of the table in tests/rights.py."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import pytest

from accounts.authority import (
    COMMAND_LINE,
    GRANTS,
    PEOPLE,
    WORKER,
    Actor,
    Deed,
    Role,
    Scope,
    clashes,
    demand,
    may,
)
from audit.author import Origin
from audit.refusal import Forbidden
from tests import rights

# What stands against the deed: (on an own request, on somebody else's, asked without one).
ANSWERS = {
    "any": ([], [], []),
    "own": ([], ["not-own"], []),
    "others": (["own"], [], []),
    "-": (["role"], ["role"], ["role"]),
    # By itself it gives no right at all.
    "own*": (["role"], ["role"], ["role"]),
}
CELLS = [(deed, role, cell) for (deed, role), cell in rights.CELLS.items()]
ME, SOMEBODY = 7, 8


@dataclass(frozen=True)
class Request:
    requested_by_id: int


def actor(*roles: Role) -> Actor:
    return Actor(id=ME, username="me", name="Me", roles=frozenset(roles))


def codes(who: Actor, deed: Deed, request: Request | None) -> list[str]:
    return [objection.code for objection in may(who, deed, request)]


@pytest.mark.parametrize(("deed", "role", "cell"), CELLS)
def test_lets_a_role_do_what_the_table_says(deed: Deed, role: Role, cell: str) -> None:
    who = actor(role)
    answers = [codes(who, deed, request) for request in (Request(ME), Request(SOMEBODY), None)]

    assert answers == list(ANSWERS[cell])


def test_has_every_deed_and_every_role_in_the_table() -> None:
    assert {(deed, role) for deed, role, _ in CELLS} == {(deed, role) for deed in Deed for role in Role}
    assert set(GRANTS) == set(Deed)


@pytest.mark.parametrize("deed", [deed for deed in Deed if deed is not Deed.ANSWER_QUESTION])
def test_lets_nobody_without_a_role_do_anything_but_answer(deed: Deed) -> None:
    assert codes(actor(), deed, None) == ["role"]


@pytest.mark.parametrize("deed", Deed)
def test_lets_the_holder_of_all_roles_of_people_do_no_more_than_each(deed: Deed) -> None:
    everything = actor(*PEOPLE)

    assert (not codes(everything, deed, None)) is rights.may_ever(PEOPLE, deed)


@pytest.mark.parametrize("deed", [Deed.APPROVE, Deed.REJECT, Deed.SETTLE])
def test_lets_nobody_decide_on_their_own_whatever_else_they_are(deed: Deed) -> None:
    assert codes(actor(*Role), deed, Request(ME)) == ["own"]


@pytest.mark.parametrize(
    ("roles", "request_", "said"),
    [
        ({Role.REQUESTER, Role.BREAK_GLASS}, Request(ME), []),
        ({Role.REQUESTER, Role.BREAK_GLASS}, Request(SOMEBODY), ["not-own"]),
        ({Role.APPROVER, Role.BREAK_GLASS}, Request(ME), ["role"]),
        (PEOPLE - {Role.BREAK_GLASS}, Request(ME), ["role"]),
    ],
)
def test_lets_only_a_requester_with_that_right_break_the_glass(
    roles: set[Role], request_: Request, said: list[str]
) -> None:
    assert codes(actor(*roles), Deed.BREAK_GLASS, request_) == said


@pytest.mark.parametrize(("who", "said"), [(actor(), []), (COMMAND_LINE, ["role"]), (WORKER, ["role"])])
def test_lets_people_answer_a_question_and_nobody_but_people(who: Actor, said: list[str]) -> None:
    assert codes(who, Deed.ANSWER_QUESTION, None) == said


def test_is_the_worker_s_alone_to_send() -> None:
    assert may(WORKER, Deed.SEND, Request(ME)) == ()
    assert WORKER.roles == {Role.WORKER}


@pytest.mark.parametrize("deed", [Deed.SEND, Deed.APPROVE, Deed.REJECT, Deed.SETTLE, Deed.ASK])
def test_lets_the_command_line_neither_ask_nor_decide_nor_send(deed: Deed) -> None:
    assert codes(COMMAND_LINE, deed, Request(SOMEBODY)) == ["role"]


@pytest.mark.parametrize(
    ("who", "deed", "request_", "sentence"),
    [
        (actor(), Deed.VIEW, None, "Your account has no role yet. An administrator can give you one."),
        (actor(Role.VIEWER), Deed.ASK, None, "Only requesters may ask for a mitigation."),
        (actor(Role.VIEWER), Deed.RECORD_STOP, None, "Only approvers or requesters may record a stop."),
        (actor(Role.VIEWER), Deed.READ_AUDIT, None, "Only auditors may read the audit log."),
        (actor(Role.APPROVER), Deed.APPROVE, Request(ME), "Nobody may approve their own request."),
        (actor(Role.REQUESTER), Deed.WITHDRAW, Request(SOMEBODY), "Only whoever asked may withdraw this."),
        (actor(Role.REQUESTER), Deed.BREAK_GLASS, None, "Only requesters with that right may break the glass."),
        (actor(*PEOPLE), Deed.SEND, None, "Only the portal's worker does this."),
    ],
)
def test_says_it_in_a_sentence(who: Actor, deed: Deed, request_: Request | None, sentence: str) -> None:
    assert [objection.sentence for objection in may(who, deed, request_)] == [sentence]


def test_demands_with_an_error_that_says_why() -> None:
    with pytest.raises(Forbidden, match="Only approvers may approve") as refusal:
        demand(actor(Role.VIEWER), Deed.APPROVE)

    assert [objection.code for objection in refusal.value.objections] == ["role"]


def test_demands_nothing_of_whoever_may() -> None:
    demand(actor(Role.APPROVER), Deed.APPROVE, Request(SOMEBODY))


PAIRS = [frozenset(pair) for pair in combinations(Role, 2)]
AGAINST_EACH_OTHER = [{Role.AUDITOR, Role.REQUESTER}, {Role.AUDITOR, Role.APPROVER}]


@pytest.mark.parametrize("roles", PAIRS)
def test_keeps_the_auditor_apart_from_whom_they_review(roles: frozenset[Role]) -> None:
    assert bool(clashes(roles)) is (roles in AGAINST_EACH_OTHER)


def test_names_all_roles_that_clash() -> None:
    [objection] = clashes(frozenset(Role))

    assert objection.code == "incompatible-roles"
    assert objection.sentence == "An auditor cannot also be approver or requester."


@pytest.mark.parametrize("role", Role)
def test_lets_each_role_stand_alone(role: Role) -> None:
    assert clashes(frozenset({role})) == ()


def test_signs_for_people_by_their_number_and_for_the_portal_by_its_name() -> None:
    origin = Origin(request_id="r", ip="::1", user_agent="x")
    dana = Actor(id=ME, username="dana", name="Dana D.", roles=frozenset(), origin=origin)

    assert (dana.author.key, dana.author.name, dana.author.origin) == ("user:7", "dana", origin)
    assert (WORKER.author.key, WORKER.author.name) == ("system:worker", "worker")


# What a token of somebody with every role may do, by its scope; what is not here no token may.
BY_TOKEN = {
    Scope.READ: {Deed.VIEW},
    Scope.ASK: {Deed.ASK, Deed.WITHDRAW},
    Scope.DECIDE: {Deed.APPROVE, Deed.REJECT},
    Scope.STOP: {Deed.STOP},
    Scope.AUDIT: {Deed.READ_AUDIT, Deed.VERIFY_AUDIT},
}


def by_token(*scopes: Scope, roles: frozenset[Role] = PEOPLE) -> Actor:
    return Actor(id=ME, username="me", name="Me", roles=roles, scopes=frozenset(scopes), token="soar")


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("scope", Scope)
def test_lets_a_token_do_what_its_scope_says_and_nothing_else(deed: Deed, scope: Scope) -> None:
    assert codes(by_token(scope), deed, None) == ([] if deed in BY_TOKEN[scope] else ["scope"])


@pytest.mark.parametrize("deed", Deed)
def test_lets_a_token_without_a_scope_do_nothing(deed: Deed) -> None:
    assert codes(by_token(), deed, None) == ["scope"]


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("role", sorted(PEOPLE))
def test_lets_a_token_do_no_more_than_its_owner(deed: Deed, role: Role) -> None:
    token, owner = by_token(*Scope, roles=frozenset({role})), actor(role)

    for request in (Request(ME), Request(SOMEBODY), None):
        assert codes(owner, deed, request) == [] or codes(token, deed, request) != []


@pytest.mark.parametrize("deed", [Deed.APPROVE, Deed.REJECT])
def test_lets_no_token_decide_on_what_its_owner_asked_for(deed: Deed) -> None:
    assert codes(by_token(*Scope), deed, Request(ME)) == ["own"]


@pytest.mark.parametrize(
    ("deed", "sentence"),
    [
        (Deed.APPROVE, "This token may not approve: it lacks the scope “decide”."),
        (Deed.BREAK_GLASS, "No token may break the glass: a person does that, signed in."),
    ],
)
def test_says_what_a_token_lacks(deed: Deed, sentence: str) -> None:
    assert [each.sentence for each in may(by_token(Scope.READ), deed)] == [sentence]


def test_signs_for_a_token_by_its_owner_and_its_name() -> None:
    author = by_token(Scope.READ).author

    assert (author.key, author.name, author.through) == ("user:7", "me", "the token “soar”")
