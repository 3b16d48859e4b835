"""What each command does at a real portal: the row, the event, the words."""

from __future__ import annotations

import json
import shlex
import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import Result
from django.utils import timezone

from accounts.authority import Scope
from accounts.models import KeptAnswer
from audit.models import Event
from breakwater_cli.exits import Exit
from mitigations.models import Decision, Mitigation, Proposal
from mitigations.policies.lifecycle import Status
from tests.cli.running import run
from tests.kentik.servers import Heard, listening, read_request
from tests.making import make_exchange, make_mitigation, make_pairing, make_protected, make_source, make_token
from tests.people import Cast
from tests.views.facts import mitigation_rows

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
By = Callable[..., Result]
ASK = ("--minutes", "60", "--reason", "UDP flood on the shop.", "--yes")


def asked(**values: Any) -> Mitigation:
    return make_mitigation(at=timezone.now(), **values)


class TestAsking:
    def test_asks_for_it_once_on_these_terms(self, by: By) -> None:
        make_pairing()
        result = by("dana", "ask", "203.0.113.7", "--pairing", "edge drop", "--ticket", "INC-7", *ASK)

        [row] = Mitigation.objects.all()
        assert result.exit_code == Exit.DONE
        assert (row.target, row.minutes, row.reason, row.ticket) == (
            "203.0.113.7/32",
            60,
            "UDP flood on the shop.",
            "INC-7",
        )
        assert result.stdout.startswith(f"{row.reference}  203.0.113.7/32  ○ pending\n")
        assert "1 approval missing: kim or lee may approve" in result.stdout

    def test_writes_for_scripts_what_the_portal_said(self, by: By) -> None:
        make_pairing()
        result = by("dana", "ask", "203.0.113.7", "--pairing", "drop", *ASK, "--json", "--key", "alert-1")

        [kept] = KeptAnswer.objects.all()
        [line] = result.stdout.splitlines()
        assert (kept.key, json.loads(line)) == ("alert-1", json.loads(kept.body))

    def test_finds_out_what_became_of_the_same_call(self, by: By) -> None:
        make_pairing()
        words = ("ask", "203.0.113.7", "--pairing", "drop", *ASK, "--key", "alert-1")
        first, second = by("dana", *words), by("dana", *words)

        assert (second.exit_code, second.stdout) == (Exit.DONE, first.stdout)
        assert "This very call was made before" in second.stderr
        assert Mitigation.objects.count() == 1

    def test_asks_for_nothing_where_nobody_can_agree_to_it(self, by: By) -> None:
        make_pairing()
        result = by("dana", "ask", "203.0.113.7", "--pairing", "drop", "--reason", "A flood.")

        assert result.exit_code == Exit.USAGE
        assert "add --yes" in result.stderr
        assert "Needs 1 approval" in result.stderr
        assert not Mitigation.objects.exists()

    def test_tells_everything_that_blocks_it(self, by: By, cast: Cast) -> None:
        make_pairing()
        make_protected("203.0.113.0/28", owner=cast.max)
        result = by("dana", "ask", "203.0.113.7", "10.0.0.1", "--pairing", "drop", *ASK)

        assert result.exit_code == Exit.UNACCEPTABLE
        assert "protected" in result.stderr
        assert "10.0.0.1/32 touches 10.0.0.0/8" in result.stderr
        assert not Mitigation.objects.exists()

    def test_asks_for_many_from_standard_input(self, by: By) -> None:
        make_pairing()
        text = "203.0.113.7 # the shop\n\n203.0.113.9,203.0.113.11\n"
        result = by("dana", "ask", "-", "--pairing", "drop", *ASK, input=text)

        targets = ["203.0.113.7/32", "203.0.113.9/32", "203.0.113.11/32"]
        assert list(Mitigation.objects.order_by("pk").values_list("target", flat=True)) == targets
        assert all(target in result.stdout for target in targets)

    @pytest.mark.parametrize("text", ["nothing of the kind", "edge", ""])
    def test_lists_pairings_where_the_words_name_not_one(self, by: By, text: str) -> None:
        make_pairing()
        make_pairing(method_id="776")
        result = by("dana", "ask", "203.0.113.7", "--pairing", text, *ASK)

        assert result.exit_code == Exit.USAGE
        assert "Edge RTBH · Drop everything" in result.stderr
        assert not Mitigation.objects.exists()

    def test_says_what_would_happen_and_does_nothing(self, by: By) -> None:
        make_pairing()
        before = mitigation_rows()
        fine = by("dana", "preview", "203.0.113.7", "--pairing", "drop")
        blocked = by("dana", "preview", "203.0.113.7", "10.0.0.1", "--pairing", "drop", "--json")

        assert (fine.exit_code, blocked.exit_code) == (Exit.DONE, Exit.UNACCEPTABLE)
        assert '"ipCidr": "203.0.113.7/32"' in fine.stdout
        assert [json.loads(line)["target"] for line in blocked.stdout.splitlines()] == ["203.0.113.7/32", "10.0.0.1/32"]
        assert mitigation_rows() == before


class TestDeciding:
    def test_approves_what_was_shown(self, by: By) -> None:
        row = asked()
        result = by("lee", "approve", row.reference.lower(), "--yes", "--note", "Seen.")

        [decision] = Decision.objects.all()
        assert (decision.verdict, decision.note, decision.decided_by.username) == ("approve", "Seen.", "lee")
        assert "UDP flood since 02:50, the shop is down." in result.stderr
        assert f"{row.reference}  {row.target}  ◐ approved" in result.stdout

    def test_approves_nothing_that_has_changed_since_it_was_read(self, by: By, cast: Cast) -> None:
        row = asked(approvals_needed=2)
        [card] = json.loads(by("lee", "waiting", "--json").stdout)["items"]
        make_protected(row.target, owner=cast.max, severity="review")
        result = by("lee", "approve", row.reference, "--shown", card["shown"], "--yes")

        assert result.exit_code == Exit.CONFLICT
        assert not Decision.objects.exists()

    def test_approves_nothing_that_it_cannot_show(self, by: By) -> None:
        row = asked()
        own = by("dana", "approve", row.reference, "--yes", scopes=tuple(Scope))
        by("lee", "approve", row.reference, "--yes")
        again = by("lee", "approve", row.reference, "--yes")

        assert (own.exit_code, again.exit_code) == (Exit.FORBIDDEN, Exit.CONFLICT)
        assert "does not wait for you" in again.stderr
        assert Decision.objects.count() == 1

    def test_answers_the_same_approval_as_the_first_time(self, by: By) -> None:
        row = asked()
        [card] = json.loads(by("lee", "waiting", "--json").stdout)["items"]
        words = ("approve", row.reference, "--shown", card["shown"], "--yes", "--key", "ticket-7", "--json")
        first, second = by("lee", *words), by("lee", *words)

        assert (first.exit_code, second.exit_code) == (Exit.DONE, Exit.DONE)
        assert json.loads(first.stdout)["status"] == "approved"
        assert second.stdout == first.stdout
        assert "This very call was made before" in second.stderr
        assert Decision.objects.count() == 1

    def test_takes_a_key_only_with_what_makes_it_the_same_call(self, by: By) -> None:
        row = asked()
        result = by("lee", "approve", row.reference, "--yes", "--key", "ticket-7")

        assert result.exit_code == Exit.USAGE
        assert "With --key say --shown as well" in result.stderr
        assert not Decision.objects.exists()

    @pytest.mark.parametrize(
        ("name", "words", "status"),
        [
            ("lee", "reject {} --reason No.", Status.PENDING),
            ("dana", "withdraw {}", Status.PENDING),
            ("lee", "stop {} --reason Over.", Status.ACTIVE),
        ],
    )
    def test_answers_each_other_deed_as_the_first_time(self, by: By, name: str, words: str, status: Status) -> None:
        row = make_mitigation(status, at=timezone.now())
        typed = (*shlex.split(words.format(row.reference)), "--yes", "--key", "ticket-7", "--json")
        first, second = by(name, *typed), by(name, *typed)

        assert first.stdout.startswith("{")
        assert (second.exit_code, second.stdout) == (first.exit_code, first.stdout)
        assert Event.objects.filter(subject=row.reference).count() == 1

    def test_shows_what_waits_with_all_that_speaks_against_it(self, by: By, cast: Cast) -> None:
        row = asked(ticket="INC-7")
        make_protected(row.target, owner=cast.max, severity="review")
        result = by("lee", "waiting")

        assert f"{row.reference}  {row.target}" in result.stdout
        assert "INC-7" in result.stdout
        assert "new since" in result.stdout
        assert by("kim", "waiting", "--json").stdout.count('"reference"') == 1

    def test_says_that_a_machine_proposed_it(self, by: By) -> None:
        row = asked()
        Proposal.objects.create(source=make_source("edge-fnm"), key="4711", mitigation=row, made_at=timezone.now())

        for words in (["waiting"], ["show", row.reference]):
            assert "by the source “edge-fnm” for dana" in by("lee", *words).stdout

    @pytest.mark.parametrize(
        ("name", "words", "status"),
        [("lee", "reject {} --reason No.", "rejected"), ("dana", "withdraw {} --reason No.", "withdrawn")],
    )
    def test_ends_it_with_a_reason(self, by: By, name: str, words: str, status: str) -> None:
        row = asked()
        result = by(name, *shlex.split(words.format(row.reference)), "--yes")
        row.refresh_from_db()

        assert (result.exit_code, row.status) == (Exit.DONE, status)
        assert Event.objects.filter(subject=row.reference, detail__contains='"No."').exists()

    def test_demands_a_reason(self, by: By) -> None:
        row = asked()

        assert by("lee", "reject", row.reference, "--yes").exit_code == Exit.USAGE
        assert by("lee", "stop", row.reference, "--yes", "--reason", " ").exit_code == Exit.USAGE
        assert not Decision.objects.exists()

    def test_says_what_it_would_be_done_to_before_it_is_confirmed(self, by: By) -> None:
        row = asked()
        result = by("lee", "reject", row.reference, "--reason", "No.")

        assert result.exit_code == Exit.USAGE
        assert f"{row.reference}: {row.target}, Edge RTBH · Drop everything, for 1 h, is pending." in result.stderr
        assert not Decision.objects.exists()


class TestLost:
    """The portal did it, and its answer never came back: what is printed finds out, and nothing is done twice."""

    def test_asking_is_found_out(self, cast: Cast, portal: str) -> None:
        make_pairing()
        token = make_token(cast.dana).text
        lost = through_a_relay_that_swallows(portal, token, "ask", "203.0.113.7", "--pairing", "drop", *ASK)
        [made] = Mitigation.objects.all()
        found = run(portal, token, *again(lost))

        assert (lost.exit_code, lost.stdout, found.exit_code) == (Exit.UNCLEAR, "", Exit.DONE)
        assert found.stdout.startswith(f"{made.reference}  203.0.113.7/32")
        assert Mitigation.objects.count() == 1

    def test_approving_is_found_out(self, cast: Cast, portal: str) -> None:
        row, token = asked(), make_token(cast.lee).text
        lost = through_a_relay_that_swallows(portal, token, "approve", row.reference, "--yes", "--note", "It's right.")
        assert [each.note for each in Decision.objects.all()] == ["It's right."]
        found = run(portal, token, *again(lost))

        assert (lost.exit_code, found.exit_code) == (Exit.UNCLEAR, Exit.DONE)
        assert "◐ approved" in found.stdout
        assert Decision.objects.count() == 1


def again(lost: Result) -> list[str]:
    """The command that was printed, at the portal itself."""
    return shlex.split(lost.stderr.splitlines()[-1])[3:]


def through_a_relay_that_swallows(portal: str, token: str, *words: str) -> Result:
    """Looks come through; the answer of what changes something does not."""
    place = urlsplit(portal)

    def relay(connection: socket.socket, heard: Heard) -> None:
        heard.requests.append(read_request(connection))
        with socket.create_connection((place.hostname, place.port)) as onward:
            onward.sendall(heard.requests[-1])
            answer = b"".join(iter(lambda: onward.recv(65536), b""))
        if b"Idempotency-Key" not in heard.requests[-1]:
            connection.sendall(answer)

    with listening(relay) as heard:
        return run(f"http://{heard.address}", token, *words)


class TestLooking:
    def test_lists_what_the_filters_name(self, by: By) -> None:
        mine, other = asked(ticket="INC-7"), asked(ticket="INC-8")
        make_mitigation(Status.ENDED, ticket="INC-7")
        result = by("lee", "list", "--ticket", "INC-7", "--status", "pending", "--since", "2h")

        assert mine.reference in result.stdout
        assert len(result.stdout.splitlines()) == 2
        assert other.target in by("lee", "list", "--target", other.target, "--how", "exactly").stdout

    def test_goes_through_every_page(self, by: By) -> None:
        rows = [asked() for _ in range(5)]
        cut = by("lee", "list", "--limit", "2")
        pages = by("lee", "list", "--limit", "2", "--all", "--json").stdout.splitlines()

        assert "--all lists them" in cut.stdout
        found = [each["reference"] for page in pages for each in json.loads(page)["items"]]
        assert found == [row.reference for row in reversed(rows)]

    def test_shows_all_of_one(self, by: By) -> None:
        row = make_mitigation(Status.ACTIVE, at=timezone.now(), comment="Shop", ticket="INC-7")
        make_exchange(row)
        result = by("dana", "show", row.reference, "--exchanges")

        for words in (
            "● active",
            "INC-7",
            "Shop",
            "59 min left",
            "approve",
            "lee",
            "start: POST http",
            "accepted, 200",
        ):
            assert words in result.stdout

    def test_says_that_there_is_none(self, by: By) -> None:
        assert by("dana", "show", "MIT-999").exit_code == Exit.NOT_FOUND
        assert by("dana", "show", "MIT-x").exit_code == Exit.USAGE
        assert by("dana", "list").stdout == "There is none.\n"

    def test_lets_nothing_that_somebody_wrote_steer_the_terminal(self, by: By) -> None:
        trick = "\x1b[2J\x1b[1;1Happroved\x9b31m\u202e"
        row = asked(reason=trick, comment=trick, ticket=trick)
        for words in (["show", row.reference], ["list"], ["waiting"], ["waiting", "--json"], ["list", "--json"]):
            said = by("lee", *words).output
            assert not {"\x1b", "\x9b", "\u202e"} & set(said), words
        assert "\\x1b[2J\\x1b[1;1Happroved\\x9b31m\\u202e" in by("lee", "show", row.reference).stdout
        assert json.loads(by("lee", "show", row.reference, "--json").stdout)["reason"] == trick

    def test_offers_what_may_be_asked_for(self, by: By) -> None:
        make_pairing()
        make_pairing(method_id="776", offered=False)

        assert len(by("dana", "catalogue").stdout.splitlines()) == 2
        assert len(by("dana", "catalogue", "--all").stdout.splitlines()) == 3

    def test_tells_what_a_token_may_do(self, by: By) -> None:
        result = by("dana", "me", scopes=(Scope.READ,))

        assert result.stdout.startswith("dana (Dana")
        assert "ask" in result.stdout
        assert "scope" in result.stdout


class TestWatching:
    @pytest.mark.parametrize(
        ("status", "until", "end"),
        [
            (Status.ACTIVE, "in-force", Exit.DONE),
            (Status.ENDED, "over", Exit.DONE),
            (Status.REJECTED, "over", Exit.NOT_IN_FORCE),
            (Status.UNKNOWN, "in-force", Exit.UNKNOWN),
        ],
    )
    def test_ends_with_what_became_of_it(self, by: By, status: Status, until: str, end: Exit) -> None:
        row = make_mitigation(status, status_note="So it is.")
        result = by("dana", "watch", row.reference, "--until", until, "--json")

        assert result.exit_code == end
        assert [json.loads(line)["status"] for line in result.stdout.splitlines()] == [status]

    def test_ends_undecided_when_its_time_is_over(self, by: By) -> None:
        result = by("dana", "watch", asked().reference, "--patience", "0")

        assert result.exit_code == Exit.UNDECIDED
        assert "1 approval missing: kim or lee may approve" in result.stdout

    def test_never_says_that_nothing_was_asked_for_once_it_was(self, by: By) -> None:
        make_pairing()
        words = ("ask", "203.0.113.7", "--pairing", "1", *ASK, "--watch")
        pairing = str(make_pairing().pk)
        result = by("dana", *[pairing if word == "1" else word for word in words], scopes=(Scope.ASK,))

        assert result.exit_code == Exit.UNDECIDED
        assert "was asked for, and cannot be watched" in result.stderr
        assert Mitigation.objects.count() == 1

    def test_tells_the_log(self, by: By) -> None:
        by("dana", "me")
        result = by("ana", "watch", "--after", "0", "--patience", "0", "--json")

        assert result.exit_code == Exit.UNDECIDED
        assert [json.loads(line)["number"] for line in result.stdout.splitlines()] == list(
            Event.objects.order_by("number").values_list("number", flat=True)
        )


def test_says_where_it_wants_to_know_the_portal(cast: Cast) -> None:
    result = run("", make_token(cast.dana).text, "me")

    assert result.exit_code == Exit.USAGE
    assert "BREAKWATER_URL" in result.stderr


def test_says_that_a_token_is_over(cast: Cast, portal: str) -> None:
    made = make_token(cast.dana, at=timezone.now() - timedelta(days=40))
    result = run(portal, made.text, "me")

    assert result.exit_code == Exit.NO_TOKEN
    assert made.text not in result.output


def test_says_when_to_come_back(by: By, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 1
    by("dana", "me")
    result = by("dana", "me")

    assert result.exit_code == Exit.LATER
    assert "Try again in" in result.stderr


def test_reads_a_kept_checkpoint_of_no_other_kind(tmp_path: Path, by: By) -> None:
    (tmp_path / "note").write_text("something else\n1\n")

    assert by("ana", "verify", "--locally", "--checkpoint", str(tmp_path / "note")).exit_code == Exit.USAGE
