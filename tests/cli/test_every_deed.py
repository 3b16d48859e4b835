"""Which command does what, and what each person gets who tries: read from the table of the API, not written anew."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from click.testing import Result
from django.utils import timezone

from accounts.models import User
from breakwater_cli import operations, showing
from breakwater_cli.exits import Exit, of_status
from breakwater_cli.main import COMMANDS
from breakwater_cli.operations import Operation
from mitigations.models import Mitigation, Pairing
from mitigations.policies.lifecycle import Status
from tests.api.test_every_operation import EXPECTED, OPERATIONS, PEOPLE, SCHEMA, owner_of
from tests.cli.running import run
from tests.making import make_mitigation, make_pairing, make_token
from tests.people import Cast
from tests.views.facts import mitigation_rows

By = Callable[..., Result]
KNOWN = {each.id: each for each in vars(operations).values() if isinstance(each, Operation)}
WITHOUT_A_COMMAND = {
    "alerting.hear": "machines that notice attacks propose with a secret of their own, and not with a token",
    "policy.in_force": "rules are edited and read at the pages; `preview` says which one decides",
    "policy.protected": "the plan of addresses is read at the pages; `preview` says what touches it",
    "policy.space": "the same",
    "policy.simulate": "for whoever drafts rules, at the pages; whoever asks has `preview`",
    "log.event": "`watch` and `verify` read many at once",
    "reports.report": "charts are looked at, and programs read them by the API",
}
# No operation of the API: they are about this machine's keyring, and `login` calls GET /me. Tests of their own.
OF_THE_KEYRING = {"login", "logout"}


@dataclass(frozen=True)
class Run:
    """`words`: as they are typed, about a mitigation in this status. `tells`: the operation whose row in the table says
    what each person gets. `well`: how it ends when that was all right.
    """

    words: str
    tells: Operation
    status: Status = Status.PENDING
    well: Exit = Exit.DONE

    def typed(self, pairing: Pairing, row: Mitigation) -> list[str]:
        return shlex.split(self.words.format(ref=row.reference, target=row.target, pairing=pairing.pk))


_ASK = "--pairing {pairing} --minutes 60 --reason 'A flood.' --yes"
RUNS = (
    Run(f"ask {{target}} {_ASK}", operations.ASK, Status.ENDED),
    Run(f"ask {{target}} 203.0.113.250 {_ASK}", operations.ASK_MANY, Status.ENDED),
    Run("preview 203.0.113.251 --pairing {pairing}", operations.PREVIEW),
    Run("preview 203.0.113.251 --pairing drop", operations.PREVIEW),
    Run("list", operations.LIST),
    Run("show {ref}", operations.ONE),
    Run("show {ref} --exchanges", operations.EXCHANGES),
    Run("watch {ref}", operations.ONE, Status.ACTIVE),
    Run("watch --after 0 --patience 0", operations.EVENTS, well=Exit.UNDECIDED),
    Run("waiting", operations.QUEUE),
    Run("approve {ref} --yes", operations.APPROVE),
    Run("reject {ref} --reason No. --yes", operations.REJECT),
    Run("withdraw {ref} --yes", operations.WITHDRAW),
    Run("stop {ref} --reason Over. --yes", operations.STOP, Status.ACTIVE),
    Run("catalogue", operations.CATALOGUE),
    Run("me", operations.ME),
    Run("verify --patience 0", operations.VERIFY, well=Exit.UNDECIDED),
    Run("verify --locally", operations.EVENTS),
)


def test_every_operation_has_a_command_or_a_reason() -> None:
    called = {operation.id for command in COMMANDS for operation in command.operations}

    assert called == set(KNOWN)
    assert called | set(WITHOUT_A_COMMAND) == set(OPERATIONS)
    assert not called & set(WITHOUT_A_COMMAND)


@pytest.mark.parametrize("id", KNOWN)
def test_knows_the_operation_as_the_schema_has_it(id: str) -> None:
    method, path, told = OPERATIONS[id]
    answer = next(told["responses"][status] for status in ("200", "201", "202") if status in told["responses"])
    shape = SCHEMA["components"]["schemas"][answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]]

    assert (KNOWN[id].method.lower(), KNOWN[id].path) == (method, path)
    assert set(KNOWN[id].gives) <= set(shape["required"])
    assert KNOWN[id].changes == (method == "post" and id != "asking.preview")


@pytest.mark.django_db
@pytest.mark.any_database
@pytest.mark.parametrize("status", Status)
def test_shows_nothing_of_an_answer_but_what_the_operation_gives(status: Status, by: By) -> None:
    row = make_mitigation(status, at=timezone.now())
    found = json.loads(by("lee", "show", row.reference, "--json").stdout)
    whole, changed = ({name: found[name] for name in each.gives} for each in (operations.ONE, operations.APPROVE))
    words = ("preview", "203.0.113.251", "--pairing", "drop", "--json")
    preview = {name: json.loads(by("dana", *words).stdout)[name] for name in operations.PREVIEW.gives}

    showing.mitigation(whole, now=timezone.now())
    showing.news(whole, now=timezone.now())
    showing.countdown(whole, now=timezone.now())
    assert showing.mark(whole) == showing.mark(found)
    assert row.reference in showing.in_a_line(whole)
    showing.changed(changed)
    showing.preview(preview)
    showing.verdicts([preview])


def test_every_command_is_run_by_this_table() -> None:
    assert {each.words.split()[0] for each in RUNS} == {command.name for command in COMMANDS} - OF_THE_KEYRING


@pytest.mark.django_db
@pytest.mark.any_database
@pytest.mark.parametrize("name", PEOPLE)
def test_ends_for_each_person_as_the_table_of_the_api_says(name: str, cast: Cast, portal: str) -> None:
    pairing, token = make_pairing(), make_token(owner_of(name, cast)).text
    if name == "nil":
        User.objects.get(username="nil").groups.clear()

    def ended(each: Run) -> tuple[Exit, bool]:
        row = make_mitigation(each.status, at=timezone.now())
        before = mitigation_rows()
        result = run(portal, token, *each.typed(pairing, row))
        return Exit(result.exit_code), mitigation_rows() != before

    assert {each.words: ended(each) for each in RUNS} == {each.words: _expected(each, name) for each in RUNS}


def _expected(each: Run, name: str) -> tuple[Exit, bool]:
    """How it ends, and whether it changed any mitigation."""
    status = int(EXPECTED[each.tells.id][PEOPLE.index(name)])
    end = each.well if status < 300 else of_status(status)
    return end, end is Exit.DONE and each.tells.changes
