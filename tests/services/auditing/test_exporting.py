"""Taking things out of the portal, and what is remembered of it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

import pytest
from django.db import connection

from accounts.authority import COMMAND_LINE, Actor
from audit import chaining
from audit.chain import GENESIS, Head, tied
from audit.lines import line_of
from audit.models import Event, Export, Format, Outcome
from audit.refusal import Conflict, Forbidden
from audit.selectors import Filter
from audit.signing import new_key
from mitigations.models import Exchange
from mitigations.policies.lifecycle import Status
from mitigations.selectors import filtering as mitigations
from mitigations.selectors.exporting import Events, ExchangeFilter, Exchanges, Mitigations
from mitigations.services import events
from mitigations.services.auditing import downloading, exporting, proving, redacting
from tests.making import NOW, make_event, make_exchange, make_mitigation
from tests.people import Cast, acting
from tests.services.auditing.exports import ask, begin, head, lines_of, manifest_of, opened, table_of, taken
from tests.views.facts import deeds

NASTY = "=cmd|' /C calc'!A0\r\n\x00 \ud800 \\u0041 „“ 🌊"


@pytest.fixture
def ana(cast: Cast) -> Actor:
    return acting(cast.ana)


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches of two, each told of, and out at once."""
    monkeypatch.setattr("mitigations.selectors.exporting.events._BATCH", 2)
    monkeypatch.setattr(downloading, "_STEP", 2)
    monkeypatch.setattr("audit.packing._CHUNK", 1)


def happen(count: int = 3, *, noise: bool = False) -> None:
    """`noise`: so much that does not shrink that each leaves by itself."""
    for _ in range(count):
        make_event(events.WITHDRAWN, make_mitigation(), noise=secrets.token_hex(50_000) if noise else "")


class TestAsking:
    @pytest.mark.parametrize("who", ["eve", "dana", "lee", "max"])
    def test_is_for_auditors(self, who: str, cast: Cast) -> None:
        with pytest.raises(Forbidden):
            ask(by=acting(getattr(cast, who)))
        assert not Export.objects.exists()

    def test_fixes_what_it_will_hold(self, ana: Actor) -> None:
        happen()
        export = ask(by=ana, filter="")
        happen()
        assert (export.up_to, export.total) == (3, 3)
        assert [line["number"] for line in lines_of(opened(b"".join(begin(export, by=ana))))] == [1, 2, 3]

    def test_is_remembered(self, ana: Actor) -> None:
        export = ask(by=ana, filter="person=dana")
        event = Event.objects.latest("number")
        assert (event.deed, event.actor_name, event.subject) == (events.EXPORT_ASKED, "ana", f"export {export.pk}")
        assert event.facts == {"what": "events", "format": "ndjson", "filter": "person=dana", "up_to": 0}


class TestDownloading:
    @pytest.mark.parametrize("who", ["eve", "dana", "lee", "max"])
    def test_is_for_auditors(self, who: str, ana: Actor, cast: Cast) -> None:
        export = ask(by=ana)
        with pytest.raises(Forbidden):
            begin(export, by=acting(getattr(cast, who)))
        export.refresh_from_db()
        assert export.run is None

    def test_gives_every_line_as_it_is_stored(self, ana: Actor) -> None:
        happen()
        export = ask(by=ana)
        package = opened(b"".join(begin(export, by=ana)))
        stored = [line_of(event) for event in Event.objects.filter(number__lte=export.up_to).order_by("number")]
        assert package.read("events.ndjson").decode() == "".join(f"{line}\n" for line in stored)

    def test_says_in_its_manifest_what_it_is(self, ana: Actor) -> None:
        happen()
        make_exchange()
        package = taken(by=ana)
        manifest, [file] = manifest_of(package), manifest_of(package)["files"]
        data = package.read("events.ndjson")
        assert (manifest["what"], manifest["made_by"], manifest["up_to"]) == ("events", "ana", 3)
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
        assert (file["bytes"], file["rows"], file["first"], file["last"]) == (len(data), 3, 1, 3)
        assert head(file["after"]) == Head()
        assert file["end"] == {"number": 3, "hash": Event.objects.get(number=3).hash}
        assert head(manifest["heads"]["exchanges"]) == chaining.head(Exchange)

    def test_is_remembered_with_what_left(self, ana: Actor) -> None:
        happen()
        export = ask(by=ana)
        package = opened(b"".join(begin(export, by=ana)))
        export.refresh_from_db()
        event = Event.objects.latest("number")
        sha256 = hashlib.sha256(package.read("events.ndjson")).hexdigest()
        assert [each[1] for each in deeds(export.subject)] == [
            events.EXPORT_ASKED,
            events.EXPORT_BEGUN,
            events.EXPORTED,
        ]
        assert event.facts["sha256"] == export.sha256 == sha256
        assert (event.facts["rows"], event.facts["first"], event.facts["last"], event.facts["up_to"]) == (3, 1, 3, 3)
        assert (export.rows, export.run, export.ended_at) == (3, None, NOW)

    def test_is_remembered_before_the_last_bytes_leave(self, ana: Actor) -> None:
        newest = [Event.objects.latest("number").deed for _ in begin(ask(by=ana), by=ana)]
        assert newest[-2:] == [events.EXPORT_BEGUN, events.EXPORTED]

    def test_holds_the_newest_checkpoint_that_it_reaches_and_the_keys(self, ana: Actor, settings) -> None:
        settings.AUDIT_SIGNING_KEY = new_key("portal")
        happen()
        made = proving.checkpoint(by=COMMAND_LINE, at=NOW)
        export = ask(by=ana)
        proving.checkpoint(by=COMMAND_LINE, at=NOW)
        package = opened(b"".join(begin(export, by=ana)))
        assert package.read("checkpoint.txt").decode() == made.note
        assert package.read("keys.txt").decode().startswith("portal+")

    def test_names_who_announced_what_is_gone(self, ana: Actor, cast: Cast) -> None:
        happen()
        export = ask(by=ana)
        redaction = redacting.ask(log="events", number=2, reason="A name.", by=ana, at=NOW)
        redacting.carry_out(id=redaction.pk, by=acting(cast.max), at=NOW)
        manifest = manifest_of(opened(b"".join(begin(export, by=ana))))
        by = Event.objects.get(deed=events.REDACTED).number
        assert manifest["announced"] == [{"log": "events", "number": 2, "by": by}]

    def test_holds_the_same_whatever_is_committed_meanwhile(self, ana: Actor, slowly: None) -> None:
        """Pages by cursor, put together, are the whole."""
        happen(7, noise=True)
        export = ask(by=ana)
        pieces = []
        for piece in begin(export, by=ana):
            happen(1)
            pieces.append(piece)
        numbers = [line["number"] for line in lines_of(opened(b"".join(pieces)))]
        assert numbers == list(range(1, 8))

    def test_holds_no_transaction_open(self, ana: Actor, transactional_db: None) -> None:
        happen()
        for _ in begin(ask(by=ana), by=ana):
            assert not connection.in_atomic_block

    def test_tells_how_far_it_is(self, ana: Actor, slowly: None) -> None:
        happen(6, noise=True)
        export = ask(by=ana)
        seen = []
        for _ in begin(export, by=ana):
            export.refresh_from_db()
            seen.append(export.rows)
        assert {2, 4, 6} <= set(seen)


class TestBreakingOff:
    def test_is_remembered(self, ana: Actor, slowly: None) -> None:
        happen(6, noise=True)
        export = ask(by=ana)
        stream = begin(export, by=ana)
        while not Export.objects.filter(rows__gt=0).exists():
            next(stream)
        stream.close()
        export.refresh_from_db()
        event = Event.objects.latest("number")
        assert (event.deed, event.actor_name) == (events.EXPORT_BROKEN_OFF, "ana")
        assert 0 < event.facts["rows"] == export.rows < 6
        assert (export.run, export.ended_at) == (None, None)

    def test_can_be_begun_anew(self, ana: Actor) -> None:
        happen()
        export = ask(by=ana)
        stream = begin(export, by=ana)
        next(stream)
        stream.close()
        assert len(lines_of(opened(b"".join(begin(export, by=ana))))) == 3

    def test_a_download_that_stands_still_may_be_taken_over(self, ana: Actor) -> None:
        happen()
        export = ask(by=ana)
        dead = begin(export, by=ana)
        next(dead)
        later = NOW + timedelta(minutes=2)
        b"".join(begin(export, by=ana, at=later))
        assert [each[1] for each in deeds(export.subject)] == [
            events.EXPORT_ASKED,
            events.EXPORT_BEGUN,
            events.EXPORT_BEGUN,
            events.EXPORT_BROKEN_OFF,
            events.EXPORTED,
        ]
        # Should it move after all, it comes to nothing and is told once.
        with pytest.raises(Exception, match=export.subject):
            b"".join(dead)
        assert Event.objects.filter(deed=events.EXPORT_BROKEN_OFF).count() == 1


class TestAtOnce:
    def test_refuses_the_same_twice(self, ana: Actor) -> None:
        export = ask(by=ana)
        begin(export, by=ana)
        with pytest.raises(Conflict, match="ana is downloading this"):
            begin(export, by=ana)
        assert Event.objects.latest("number").outcome == Outcome.REFUSED

    def test_refuses_more_than_the_threads_can_bear(self, ana: Actor) -> None:
        for _ in range(exporting.MOST_AT_ONCE):
            begin(ask(by=ana), by=ana)
        with pytest.raises(Conflict, match="2 exports are being downloaded"):
            begin(ask(by=ana), by=ana)


class TestFilters:
    def test_a_range_of_times_is_whole(self, ana: Actor) -> None:
        for minutes in range(4):
            make_event(events.WITHDRAWN, make_mitigation(), at=NOW + timedelta(minutes=minutes))
        wanted = Events(Filter(since=NOW + timedelta(minutes=1), until=NOW + timedelta(minutes=3)))
        package = taken(wanted, by=ana)
        [file] = manifest_of(package)["files"]
        lines = lines_of(package)
        assert [line["number"] for line in lines] == [2, 3]
        assert file["complete"] is True
        assert tied(file["after"]["hash"], lines[0]["body"]) == lines[0]["hash"]

    def test_a_selection_is_not(self, ana: Actor) -> None:
        happen()
        ask(by=ana)
        [file] = manifest_of(taken(Events(Filter(actor_name="ana")), by=ana))["files"]
        assert (file["complete"], file["after"], file["rows"]) == (False, None, 1)

    def test_words_and_person_are_those_of_the_page(self, ana: Actor) -> None:
        happen()
        package = taken(Events(Filter(words="withdrew", actor_name="worker")), by=ana)
        assert len(lines_of(package)) == 3

    def test_exchanges_by_what_they_were_for(self, ana: Actor) -> None:
        mitigation = make_mitigation(Status.ACTIVE)
        make_exchange(mitigation)
        make_exchange(purpose="read", outcome="read")
        package = taken(Exchanges(ExchangeFilter(purpose="start", mitigation=mitigation.pk)), by=ana)
        assert [line["number"] for line in lines_of(package, "exchanges.ndjson")] == [1]

    def test_exchanges_are_a_chain_of_their_own(self, ana: Actor) -> None:
        make_exchange()
        make_exchange()
        package = taken(Exchanges(ExchangeFilter()), by=ana)
        first, second = lines_of(package, "exchanges.ndjson")
        assert (tied(GENESIS, first["body"]), tied(first["hash"], second["body"])) == (first["hash"], second["hash"])
        assert manifest_of(package)["files"][0]["complete"] is True

    def test_mitigations_are_readable(self, ana: Actor) -> None:
        mitigation = make_mitigation(Status.ACTIVE, ticket="T-1")
        make_mitigation()
        wanted = Mitigations(mitigations.Filter(statuses=(Status.ACTIVE,)))
        [line] = lines_of(taken(wanted, by=ana), "mitigations.ndjson")
        assert (line["reference"], line["ticket"], line["asked_by"]) == (mitigation.reference, "T-1", "dana")
        assert [each["by"] for each in line["decisions"]] == ["lee"]

    def test_tells_when_there_are_too_many_to_count(self, ana: Actor, monkeypatch) -> None:
        monkeypatch.setattr("mitigations.selectors.exporting.chained.MOST_COUNTED", 2)
        happen()
        assert ask(Events(Filter(actor_name="worker")), by=ana).total is None
        assert ask(by=ana).total == 4


class TestTables:
    def test_no_cell_is_a_formula(self, ana: Actor) -> None:
        mitigation = make_mitigation(reason="=1+1", comment="@x", ticket="-1")
        [row] = table_of(taken(Mitigations(mitigations.Filter()), by=ana, format=Format.CSV), "mitigations.csv")
        assert (row["reason"], row["comment"], row["ticket"]) == ("'=1+1", "'@x", "'-1")
        assert row["reference"] == mitigation.reference

    def test_holds_what_happened_in_words(self, ana: Actor) -> None:
        happen(1)
        [row] = table_of(taken(by=ana, format=Format.CSV))
        event = Event.objects.get(number=1)
        assert (row["number"], row["who"], row["deed"]) == ("1", "worker", events.WITHDRAWN)
        assert (row["sentence"], row["hash"]) == (event.sentence, event.hash)

    def test_holds_whatever_kentik_answered(self, ana: Actor) -> None:
        make_exchange(error=NASTY)
        [row] = table_of(taken(Exchanges(ExchangeFilter()), by=ana, format=Format.CSV), "exchanges.csv")
        assert row["error"] == "'=cmd|' /C calc'!A0\r\n\\u0000 \\ud800 \\u005cu0041 „“ 🌊"
