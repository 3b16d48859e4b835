"""Who gets what from every operation: one table, walked against the schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.authority import Scope
from accounts.models import User
from audit.models import Event
from mitigations.api.site import described
from mitigations.models import Pairing
from mitigations.policies.lifecycle import Status
from tests.api.calling import Answer, Caller, terms
from tests.making import make_mitigation, make_pairing, make_token
from tests.people import Cast, make_person
from tests.views.facts import everything, everything_but_the_log

pytestmark = pytest.mark.django_db

# What a token of each person gets, whose scopes are all there are. Dana asked for the mitigation; `dora` asks as well,
# and did not. `nil` is a token of somebody who has lost every role since. Last, its scope: without it everybody gets
# 403.
TABLE = """
                        dana  dora  lee  ana  max  nil  scope
asking.index            200   200   200  200  200  403  read
asking.ask              201   201   403  403  403  403  ask
asking.preview          200   200   403  403  403  403  ask
asking.ask_many         201   201   403  403  403  403  ask
asking.one              200   200   200  200  200  403  read
asking.its_exchanges    200   200   200  200  200  403  read
deciding.queue          403   403   200  403  403  403  decide
deciding.approve        403   403   202  403  403  403  decide
deciding.reject         403   403   200  403  403  403  decide
deciding.withdraw       200   403   403  403  403  403  ask
deciding.stop           409   409   409  403  403  403  stop
policy.me               200   200   200  200  200  200  -
policy.things           200   200   200  200  200  403  read
policy.in_force         200   200   200  200  200  403  read
policy.protected        200   200   200  200  200  403  read
policy.space            200   200   200  200  200  403  read
policy.simulate         200   200   200  200  200  403  read
log.events              403   403   403  200  403  403  audit
log.event               403   403   403  200  403  403  audit
log.all_exchanges       403   403   403  200  403  403  audit
log.verification        403   403   403  200  200  403  audit
log.verify              403   403   403  202  202  403  audit
log.checkpoints         403   403   403  200  200  403  audit
alerting.hear           401   401   401  401  401  401  -
reports.report          200   200   200  200  200  403  read
"""
_head, *_rows = [line.split() for line in TABLE.strip().splitlines()]
PEOPLE, EXPECTED = _head[:-1], {name: cells for name, *cells in _rows}
SCHEMA = described()
OPERATIONS = {
    operation["operationId"]: (method, path.removeprefix("/api/v1"), operation)
    for path, found in SCHEMA["paths"].items()
    for method, operation in found.items()
}
QUERIES: dict[str, dict[str, Any]] = {
    "policy.simulate": {"who": "dana", "target": "203.0.113.9", "minutes": 60},
}
BODIES: dict[str, Callable[[Any], Any]] = {
    "asking.ask": terms,
    "asking.preview": lambda pairing: {"target": "203.0.113.7", "pairing": pairing.pk},
    "asking.ask_many": lambda pairing: {"targets": ["203.0.113.7"], "pairing": pairing.pk, "reason": "A flood."},
    "deciding.reject": lambda _: {"note": "Not now."},
    "deciding.stop": lambda _: {"note": "It is over."},
}


@pytest.fixture
def tokens(cast: Cast) -> Callable[..., Caller]:
    def caller(name: str, *scopes: Scope) -> Caller:
        return Caller(make_token(owner_of(name, cast), *scopes).text)

    return caller


def owner_of(name: str, cast: Cast) -> Any:
    if name in {"dora", "nil"}:
        return make_person(name, ["requester"])  # type: ignore[list-item]
    return getattr(cast, name)


def called(operation: str, caller: Caller) -> Answer:
    return sent(operation, caller, pairing=make_pairing(), reference=needed_by(operation))


def needed_by(operation: str) -> str:
    """The mitigation that it is done to."""
    status = Status.ACTIVE if operation == "deciding.stop" else Status.PENDING
    return make_mitigation(status, target="203.0.113.66/32").reference


def sent(operation: str, caller: Caller, *, pairing: Pairing, reference: str) -> Answer:
    method, path, _ = OPERATIONS[operation]
    path = (
        path.replace("{reference}", reference)
        .replace("{number}", "1")
        .replace("{period}", "2026-11")
        .replace("{source}", "edge-fnm")
    )
    if method == "get":
        query = QUERIES.get(operation, {})
        return caller.get(path, {**query, "pairing": pairing.pk} if query else None)
    return caller.post(path, BODIES.get(operation, lambda _: {})(pairing))


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    assert set(EXPECTED) == set(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_schema_tells_the_scope(operation: str) -> None:
    told = OPERATIONS[operation][2]["x-scope"]

    assert (told or "-") == EXPECTED[operation][-1]


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("operation", EXPECTED)
def test_gives_each_person_what_the_table_says(tokens: Callable[..., Caller], operation: str, name: str) -> None:
    caller = tokens(name)
    if name == "nil":
        User.objects.get(username="nil").groups.clear()

    assert called(operation, caller).status == int(EXPECTED[operation][PEOPLE.index(name)])


@pytest.mark.parametrize("name", ["dana", "lee", "ana"])
@pytest.mark.parametrize("operation", [name for name, cells in EXPECTED.items() if cells[-1] != "-"])
def test_does_nothing_without_its_scope(tokens: Callable[..., Caller], operation: str, name: str) -> None:
    scope = Scope(EXPECTED[operation][-1])
    answer = called(operation, tokens(name, *set(Scope) - {scope}))

    assert (answer.status, answer.codes) == (403, ["scope"])


@pytest.mark.any_database
@pytest.mark.parametrize("operation", EXPECTED)
def test_lets_no_stranger_in(cast: Cast, operation: str) -> None:
    pairing, reference = make_pairing(), needed_by(operation)
    before = everything_but_the_log()
    answer = sent(operation, Caller(), pairing=pairing, reference=reference)

    assert (answer.status, answer.codes) == (401, ["no-token"])
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Breakwater"'
    assert everything_but_the_log() == before
    assert not Event.objects.exists()


@pytest.mark.any_database
@pytest.mark.parametrize("operation", [name for name, (method, *_) in OPERATIONS.items() if method == "get"])
def test_looking_changes_nothing(tokens: Callable[..., Caller], operation: str) -> None:
    caller = tokens("ana" if EXPECTED[operation][-1] == "audit" else "lee")
    pairing, reference = make_pairing(), needed_by(operation)
    # The first call of a token is an event.
    sent(operation, caller, pairing=pairing, reference=reference)
    before = everything()
    again = sent(operation, caller, pairing=pairing, reference=reference)

    assert again.status == 200
    assert everything() == before
