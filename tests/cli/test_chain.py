"""A log that was changed in any way is found out by the machine of whoever reads it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from audit.canonical import canonical, read
from audit.chain import Head as Stated
from audit.chain import tied
from audit.ledger import recorded
from audit.lines import exported, streamed
from audit.models import Checkpoint, Event
from audit.notes import Statement
from breakwater_cli.chain import Flaw, Head
from breakwater_cli.exits import Exit
from breakwater_cli.walk import Walk
from mitigations.models import Exchange
from mitigations.services import events
from tests.audit import logbook
from tests.audit.conftest import AT, DANA, _words  # noqa: F401 (a fixture: the deed of these logs)
from tests.making import NOW, make_checkpoint, make_event, make_exchange, make_mitigation
from tests.services.auditing.test_archiving import move

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
By = Callable[..., Result]
Records = list[dict[str, Any]]


@pytest.fixture
def records() -> Records:
    """Five events; an exchange comes before the third and before the fifth."""
    for count in (2, 2, 1):
        logbook.write(count)
        make_exchange()
    return [json.loads(json.dumps(streamed(event))) for event in Event.objects.order_by("number")]


@pytest.fixture
def wire(records: Records) -> Records:
    return [json.loads(json.dumps(exported(each))) for each in Exchange.objects.order_by("number")]


def walked(records: Records, wire: Records, *, marks: Sequence[tuple[str, int, str]] = ()) -> Walk:
    """Read from a portal that gives two exchanges at a time."""
    walk = Walk(lambda place: [each for each in wire if each["number"] > place][:2])
    for log, number, kept in marks:
        walk.mark(log, Head(number=number, hash=kept))
    for record in records:
        walk.take(record)
    walk.end()
    return walk


def test_is_sound_as_it_was_written(records: Records, wire: Records) -> None:
    walk = walked(records, wire, marks=[("events", 3, records[2]["hash"]), ("exchanges", 2, wire[1]["hash"])])

    for chain, kept in zip(walk.chains, (records, wire), strict=True):
        assert (chain.rows, chain.begins_at) == (len(kept), 1)
        assert (chain.head.number, chain.head.hash) == (len(kept), kept[-1]["hash"])
    assert walk.archived == set()


def _changed(records: Records, place: int, **values: Any) -> Records:
    return [{**each, **values} if at == place else each for at, each in enumerate(records)]


SPOILT: dict[str, tuple[Callable[[Records], Records], str]] = {
    "one is changed": (lambda r: _changed(r, 2, body=r[2]["body"].replace("brass", "steel")), "Event 3 is not tied"),
    "one is taken out": (lambda r: r[:2] + r[3:], "Event 3 is missing"),
    "one comes twice": (lambda r: [*r[:2], r[1], *r[2:]], "Event 3 is missing, or out of its place."),
    "two are swapped": (lambda r: [r[1], r[0], *r[2:]], "out of its place"),
    "another stands beside it": (
        lambda r: _changed(r, 1, detail=r[1]["detail"].replace("why", "not")),
        "beside event 2 is not what was written",
    ),
    "what stood beside it is gone": (lambda r: _changed(r, 1, detail=None), "nobody announced it"),
    "its number is not that of its text": (lambda r: _changed(r, 0, body=r[1]["body"]), "Event 1 is not written"),
    "it is written in another way": (lambda r: _changed(r, 1, body=r[1]["body"] + " "), "Event 2 is not written"),
    "the beginning is cut off": (lambda r: r[2:], "begins with event 3, and no archive says so"),
    "it is no event": (lambda r: _changed(r, 1, number=None), "What follows event 1 is no event."),
    "a member is missing": (lambda r: _changed(r, 1, detail=5), "What follows event 1 is no event."),
}


@pytest.mark.parametrize("how", SPOILT)
def test_is_found_out_when(records: Records, wire: Records, how: str) -> None:
    spoil, words = SPOILT[how]

    with pytest.raises(Flaw, match=words):
        walked(spoil(records), wire)


SPOILT_EXCHANGES: dict[str, tuple[Callable[[Records], Records], str]] = {
    "an answer is changed": (
        lambda w: _changed(w, 1, detail=w[1]["detail"].replace("{}", "[]")),
        "beside exchange 2 is not what was written",
    ),
    "one is changed": (
        lambda w: _changed(w, 1, body=w[1]["body"].replace("POST", "PUTS")),
        "Exchange 2 is not tied to the one before it",
    ),
    "one is taken out": (lambda w: w[:1] + w[2:], "Exchange 2 is missing"),
    "the log is another one, in itself as it should be": (
        lambda w: forged(w, "POST", "PUTS"),
        "Exchange 1 is not the one that event 3 tells of",
    ),
    "one that events tell of is cut off": (lambda w: w[:1], "Exchange 2, of which event 5 tells, is not there"),
    "all are cut off": (lambda _: [], "Exchange 2, of which events tell, is not there"),
    "the beginning is cut off": (lambda w: w[1:], "The log begins with exchange 2, and no archive says so"),
    "what stood beside it is gone": (lambda w: _changed(w, 2, detail=None), "beside exchange 3 is gone"),
    "it is an event": (lambda w: _changed(w, 0, body=w[0]["body"].replace("exchanges", "events")), "Exchange 1 is not"),
    "it is no exchange": (lambda w: _changed(w, 0, body=5), "What follows exchange 0 is no exchange"),
}


def forged(records: Records, old: str, new: str) -> Records:
    """Changed, and tied anew."""
    made, before = [], "0" * 64
    for each in records:
        body = each["body"].replace(old, new)
        before = tied(before, body)
        made.append({**each, "body": body, "hash": before})
    return made


@pytest.mark.parametrize("how", SPOILT_EXCHANGES)
def test_of_exchanges_is_found_out_when(records: Records, wire: Records, how: str) -> None:
    spoil, words = SPOILT_EXCHANGES[how]

    with pytest.raises(Flaw, match=words):
        walked(records, spoil(wire))


def test_is_found_out_when_an_event_tells_of_an_older_exchange(records: Records, wire: Records) -> None:
    beside = read(records[0]["body"])["beside"]
    body = canonical({**read(records[4]["body"]), "beside": beside})
    last = {**records[4], "body": body, "hash": tied(records[3]["hash"], body)}

    with pytest.raises(Flaw, match="Event 5 tells of an older exchange than an event before it"):
        walked([*records[:4], last], wire)


def test_is_found_out_when_it_was_written_anew_or_cut_off_since_something_was_kept(
    records: Records, wire: Records
) -> None:
    with pytest.raises(Flaw, match="Event 4 is not the one that was kept elsewhere"):
        walked(records, wire, marks=[("events", 4, "f" * 64)])
    with pytest.raises(Flaw, match="Event 5, which was kept elsewhere, is not there"):
        walked(records[:4], wire, marks=[("events", 5, records[4]["hash"])])
    with pytest.raises(Flaw, match="Exchange 3, which was kept elsewhere, is not there"):
        walked(records, wire[:2], marks=[("exchanges", 3, wire[2]["hash"])])
    with pytest.raises(Flaw, match="Two that were kept state different exchanges 1"):
        walked(records, wire, marks=[("exchanges", 1, "f" * 64), ("exchanges", 1, "e" * 64)])


def test_knows_what_was_redacted_from_either_log(records: Records, wire: Records) -> None:
    for log, number in (("events", 2), ("exchanges", 3)):
        with recorded("audit.redacted", subject="the log", by=DANA, at=AT + timedelta(days=1)) as record:
            record.facts = {"log": log, "number": number}
    told = [streamed(event) for event in Event.objects.filter(number__gt=5).order_by("number")]

    walked([*_changed(records, 1, detail=None), *told], _changed(wire, 2, detail=None))


class TestArchived:
    @pytest.fixture
    def behind(self, records: Records, wire: Records) -> Records:
        """Three events and two exchanges are archived; the event that says so comes after."""
        ends = {"events": records[2], "exchanges": wire[1]}
        beginnings = {log: {"number": end["number"], "hash": end["hash"]} for log, end in ends.items()}
        with recorded("audit.archived", subject="the log", by=DANA, at=AT + timedelta(days=1)) as record:
            record.facts = {"beginnings": beginnings, "what": "3 events", "file": "first.zip"}
        return [streamed(event) for event in Event.objects.filter(number__gt=3).order_by("number")]  # type: ignore[misc]

    def test_follows_what_the_archive_ended_with(self, behind: Records, wire: Records) -> None:
        walk = walked(behind, wire[2:], marks=[("events", 2, "f" * 64), ("exchanges", 1, "f" * 64)])

        assert [(each.begins_at, each.head.number) for each in walk.chains] == [(4, 6), (3, 3)]
        assert walk.archived == {("events", 2), ("exchanges", 1)}

    def test_compares_what_was_kept_with_what_the_archive_ended_with(
        self, records: Records, wire: Records, behind: Records
    ) -> None:
        ends = [("events", 3, records[2]["hash"]), ("exchanges", 2, wire[1]["hash"])]

        assert walked(behind, wire[2:], marks=ends).archived == set()
        with pytest.raises(Flaw, match="Event 3 is not the one that was kept elsewhere: the log was written anew"):
            walked(behind, wire[2:], marks=[("events", 3, "f" * 64)])
        with pytest.raises(Flaw, match="Exchange 2 is not the one that was kept elsewhere"):
            walked(behind, wire[2:], marks=[("exchanges", 2, "f" * 64)])

    def test_is_found_out_when_more_is_gone_than_was_archived(self, behind: Records, wire: Records) -> None:
        with pytest.raises(Flaw, match="begins with event 5, and no archive says so"):
            walked(behind[1:], wire[2:])
        with pytest.raises(Flaw, match="Exchange 3, of which events tell, is not there"):
            walked(behind, [])


class TestVerifying:
    def test_computes_it_here(self, by: By) -> None:
        make_exchange()
        logbook.write(3)
        result = by("ana", "verify", "--locally", "--json")
        found, head, newest = json.loads(result.stdout), Event.objects.latest("number"), Exchange.objects.get()

        assert result.exit_code == Exit.DONE
        assert found["sound"]
        assert found["head"] == {"number": head.number, "hash": head.hash}
        head_there = {"number": newest.number, "hash": newest.hash}
        assert found["exchanges"] == {"from": 1, "head": head_there, "archived": []}

    def test_prints_what_is_to_be_kept_and_takes_it_again(self, by: By) -> None:
        logbook.write(3)
        kept = by("ana", "verify", "--locally").stdout.splitlines()[-1].split()

        assert by("ana", "verify", "--locally", *kept).exit_code == Exit.DONE
        logbook.rewrite_from(2, subject="another box")
        result = by("ana", "verify", "--locally", *kept)
        assert result.exit_code == Exit.UNSOUND
        assert "the log was written anew" in result.stdout

    def test_prints_the_newest_exchange_and_finds_that_it_was_cut_off_though_no_event_tells_of_it(self, by: By) -> None:
        logbook.write()
        by("ana", "verify", "--locally")
        make_exchange()
        kept = by("ana", "verify", "--locally").stdout.splitlines()[-1].split()

        assert kept[2:] == ["--kept", f"exchanges:1:{Exchange.objects.get().hash}"]
        assert by("ana", "verify", "--locally", *kept).exit_code == Exit.DONE
        logbook.behind_its_back("DELETE FROM mitigations_exchange")
        assert by("ana", "verify", "--locally").exit_code == Exit.DONE
        result = by("ana", "verify", "--locally", *kept)
        assert result.exit_code == Exit.UNSOUND
        assert "Exchange 1, which was kept elsewhere, is not there: the log was cut off." in result.stdout

    @pytest.mark.parametrize("text", ["7", "7:abc", f"events:7:{'f' * 64}", f"exchanges:0:{'f' * 64}"])
    def test_takes_nothing_else_for_what_was_kept(self, by: By, text: str) -> None:
        result = by("ana", "verify", "--locally", "--kept", text)

        assert result.exit_code == Exit.USAGE
        assert "It reads 1042: and 64 hexadecimal digits" in " ".join(result.stderr.split())

    def test_finds_what_was_changed_behind_the_portals_back(self, by: By) -> None:
        logbook.write(3)
        logbook.behind_its_back("UPDATE audit_event SET body = replace(body, 'brass', 'steel') WHERE number = 2")

        assert by("ana", "verify", "--locally").exit_code == Exit.UNSOUND

    def test_finds_what_was_changed_of_an_exchange(self, by: By) -> None:
        make_exchange()
        logbook.write()
        said = by("ana", "verify", "--locally").stdout
        logbook.behind_its_back("UPDATE mitigations_exchange SET detail = replace(detail, '127.0.0.1', '127.0.0.2')")
        result = by("ana", "verify", "--locally")

        assert "and what went to Kentik, from exchange 1 to exchange 1" in said
        assert (result.exit_code, result.stdout) == (
            Exit.UNSOUND,
            "What stands beside exchange 1 is not what was written.\n",
        )

    def test_finds_an_exchange_that_is_gone(self, by: By) -> None:
        make_exchange()
        make_exchange()
        logbook.write()
        logbook.behind_its_back("DELETE FROM mitigations_exchange WHERE number = 2")

        assert by("ana", "verify", "--locally").exit_code == Exit.UNSOUND

    def test_finds_what_a_checkpoint_of_the_portal_contradicts(self, by: By, tmp_path: Any) -> None:
        logbook.write(3)
        (tmp_path / "note").write_text(f"From: the portal\n\n{make_checkpoint().note}")
        logbook.rewrite_from(2, subject="another box")

        assert by("ana", "verify", "--locally").exit_code == Exit.UNSOUND
        assert by("ana", "verify", "--locally", "--checkpoint", str(tmp_path / "note")).exit_code == Exit.UNSOUND

    def test_says_when_the_end_is_cut_off(self, by: By) -> None:
        logbook.write(3)
        by("ana", "me")
        kept = by("ana", "verify", "--locally").stdout.splitlines()[-1].split()
        number, hash_ = kept[1].split(":")
        result = by("ana", "verify", "--locally", "--kept", f"{int(number) + 1000}:{hash_}")

        assert result.exit_code == Exit.UNSOUND
        assert "the log was cut off" in result.stdout


class TestVerifyingWhatWasKeptBeforeItWasArchived:
    @pytest.fixture
    def heads(self, by: By, tmp_path: Path) -> dict[int, str]:
        """Those of eight events, of which five lie in an archive now."""
        mitigation = make_mitigation()
        for day in range(8):
            make_exchange(at=NOW + timedelta(days=day))
            make_event(events.WITHDRAWN, mitigation, at=NOW + timedelta(days=day))
        found = dict(Event.objects.values_list("number", "hash"))
        move(tmp_path)
        return found

    def test_compares_what_the_archive_ends_with(self, by: By, heads: dict[int, str]) -> None:
        assert by("ana", "verify", "--locally", "--kept", f"5:{heads[5]}").exit_code == Exit.DONE
        result = by("ana", "verify", "--locally", "--kept", f"5:{'f' * 64}")
        assert (result.exit_code, result.stdout) == (
            Exit.UNSOUND,
            "Event 5 is not the one that was kept elsewhere: the log was written anew.\n",
        )

    def test_does_not_say_that_all_is_well_of_what_lies_before(self, by: By, heads: dict[int, str]) -> None:
        result = by("ana", "verify", "--locally", "--json", "--kept", f"3:{heads[3]}", "--kept", f"6:{heads[6]}")
        found = json.loads(result.stdout)

        assert result.exit_code == Exit.UNDECIDED
        assert "What you kept lies in an archive, and was not compared: events 3." in result.stderr
        assert "Verify that archive's zip" in result.stderr
        assert (found["sound"], found["archived"], found["exchanges"]["archived"]) == (True, [3], [])

    def test_says_no_more_than_that_of_a_checkpoint_of_the_portal_itself(self, by: By, heads: dict[int, str]) -> None:
        note = Statement(head=Stated(number=2, hash=heads[2]), at=NOW, beside={}).text
        Checkpoint.objects.create(number=2, hash=heads[2], made_at=NOW, key="portal+00000000", note=note)
        result = by("ana", "verify", "--locally")

        assert result.exit_code == Exit.DONE
        assert "1 of what the portal's own checkpoints state lie in an archive, and were not compared." in result.stderr
