"""Moving the oldest of the log into a file: only what nobody needs here, with nothing lost and nothing hidden."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.authority import COMMAND_LINE
from audit import chaining, exported, keys, sinks
from audit.chain import Head
from audit.exported import verify_file
from audit.models import Archive, Event, Item, Outcome, SignOff, Sink, State, Verdict
from audit.refusal import Conflict, Forbidden
from audit.selectors import Filter, one, page
from audit.signing import new_key
from audit.verification import verify
from audit.walking import Kind
from mitigations.models import Exchange, Mitigation
from mitigations.services import events
from mitigations.services.auditing import archiving, boxing, proving, redacting
from mitigations.services.auditing.archiving import Archived, archive
from tests.audit.logbook import behind_its_back
from tests.databases import lifted_triggers
from tests.making import NOW, make_event, make_exchange, make_mitigation
from tests.people import Cast, acting

DAY = timedelta(days=1)
LATER = NOW + 40 * DAY


@pytest.fixture(autouse=True)
def _written(cast: Cast) -> None:
    """A day, an exchange and then an event: eight of each."""
    mitigation = make_mitigation()
    for day in range(8):
        make_exchange(at=NOW + day * DAY)
        make_event(events.WITHDRAWN, mitigation, at=NOW + day * DAY)


def sign_off(last: int, *, own_acts: int = 0) -> SignOff:
    """As if all up to this event were reviewed, in one period."""
    Item.objects.update(state=State.CLOSED, held_by="user:9", held_at=NOW, closed_at=NOW, verdict=Verdict.OK)
    first = (SignOff.objects.values_list("last", flat=True).first() or 0) + 1
    starts = NOW + first * timedelta(hours=1)
    return SignOff.objects.create(
        kind="day",
        starts_at=starts,
        ends_at=starts + timedelta(minutes=1),
        first=first,
        last=last,
        head="0" * 64,
        signed_by="user:9",
        signed_by_name="ana",
        signed_at=starts + DAY,
        own_acts=own_acts,
    )


def move(to: Path, *, days: int = 5, at: datetime = LATER, signed: bool = True, **values: Any) -> Archived:
    """What happened on the first days, once all of it is signed off."""
    if signed:
        sign_off(chaining.head(Event).number)
    plain = {"keys": keys.believed(), "by": COMMAND_LINE}
    return archive(before=NOW + days * DAY, to=to, at=at, **(plain | values))


def numbers(log: type[Event] | type[Exchange]) -> list[int]:
    return list(log.objects.order_by("number").values_list("number", flat=True))


class TestMoving:
    def test_takes_the_events_away_and_the_exchanges_that_they_cover(self, tmp_path: Path) -> None:
        done = move(tmp_path)
        assert numbers(Event) == [6, 7, 8, 9]
        assert numbers(Exchange) == [6, 7, 8]
        assert done.deleted == 10

    def test_leaves_a_file_that_is_sound_by_itself(self, tmp_path: Path) -> None:
        done = move(tmp_path)
        verdict = verify_file(done.path)
        assert verdict.flaw is None
        assert (verdict.heads["events"].number, verdict.heads["exchanges"].number) == (5, 5)
        assert [path.name for path in tmp_path.iterdir()] == ["breakwater-archive-1-5.zip"]

    def test_lets_the_log_begin_behind_it(self, tmp_path: Path) -> None:
        last = Event.objects.get(number=5)
        move(tmp_path)
        assert chaining.beginning(Event) == Head(number=5, hash=last.hash)
        verdict = verify()
        assert verdict.flaw is None
        assert verdict.sentence == "Events 6 to 9 are as they were written."

    def test_is_told_with_its_hashes_and_looked_at(self, tmp_path: Path) -> None:
        done = move(tmp_path)
        event = Event.objects.latest("number")
        assert (event.deed, event.review, event.actor_name) == (events.ARCHIVED, True, "manage.py")
        assert event.facts["sha256"] == boxing.sha256_of(done.path)
        assert event.facts["what"] == "events 1 to 5 and exchanges 1 to 5"
        assert event.sentence.endswith("archived events 1 to 5 and exchanges 1 to 5 into breakwater-archive-1-5.zip")

    def test_still_verifies_together_with_what_is_left(self, tmp_path: Path) -> None:
        first, second = move(tmp_path, days=3), move(tmp_path, days=6, at=LATER + DAY)
        verdict = verify(archives=exported.joined([second.path, first.path]))
        assert verdict.flaw is None
        assert verdict.sentence == "Events 1 to 10 are as they were written."
        assert verdict.walked == 10 + 8

    def test_finds_that_an_archive_is_missing(self, tmp_path: Path) -> None:
        move(tmp_path, days=3)
        second = move(tmp_path, days=6, at=LATER + DAY)
        flaw = verify(archives=exported.joined([second.path])).flaw
        assert flaw is not None
        assert (flaw.kind, flaw.number) == (Kind.MISSING, 1)

    def test_may_leave_exchanges_where_they_are(self, tmp_path: Path) -> None:
        """The newest of a log stays, for the next one follows it."""
        last = numbers(Event)[-1]
        make_event(events.WITHDRAWN, make_mitigation(), at=NOW + 8 * DAY)
        done = move(tmp_path, days=30)
        assert (done.ranges[0].end.number, done.ranges[1].end.number) == (last, 7)
        assert numbers(Exchange) == [8]
        assert (verify().flaw, verify_file(done.path).flaw) == (None, None)
        make_exchange()
        assert numbers(Exchange) == [8, 9]

    def test_what_was_redacted_stays_so(self, tmp_path: Path, cast: Cast) -> None:
        redaction = redacting.ask(log="exchanges", number=2, reason="A token.", by=acting(cast.ana), at=NOW + 8 * DAY)
        redacting.carry_out(id=redaction.pk, by=acting(cast.max), at=NOW + 8 * DAY)
        done = move(tmp_path)
        assert verify_file(done.path).flaw is None
        assert verify(archives=exported.joined([done.path])).flaw is None


class TestWhatStays:
    def test_what_is_not_signed_off(self, tmp_path: Path) -> None:
        sign_off(3)
        assert move(tmp_path, signed=False).ranges[0].end.number == 3

    def test_what_waits_for_a_countersign(self, tmp_path: Path) -> None:
        sign_off(3)
        sign_off(5, own_acts=1)
        assert move(tmp_path, signed=False).ranges[0].end.number == 3

    @pytest.mark.parametrize(
        "left",
        [
            {"state": State.TAKEN},
            {"state": State.CLOSED, "closed_at": NOW, "verdict": Verdict.CONCERN, "follow_up_on": LATER.date()},
        ],
    )
    def test_what_somebody_has_still_to_look_at(self, left: dict[str, Any], tmp_path: Path) -> None:
        sign_off(chaining.head(Event).number)
        Item.objects.create(number=4, kind="the-log", grave=False, held_by="user:9", held_at=NOW, **left)
        assert move(tmp_path, signed=False).ranges[0].end.number == 3

    def test_what_a_sink_has_not_got(self, tmp_path: Path) -> None:
        sinks.ensure("mail")
        Sink.objects.update(cursor=4)
        assert move(tmp_path).ranges[0].end.number == 4

    def test_what_no_checkpoint_covers_where_there_is_a_key(self, tmp_path: Path, settings) -> None:
        settings.AUDIT_SIGNING_KEY = new_key("portal")
        with pytest.raises(Conflict, match="the newest checkpoint covers event 0"):
            move(tmp_path)
        proving.checkpoint(by=COMMAND_LINE, at=NOW + 8 * DAY)
        done = move(tmp_path)
        assert done.ranges[0].end.number == 5
        assert verify(keys=keys.believed()).flaw is None

    def test_what_somebody_wants_redacted(self, tmp_path: Path, cast: Cast) -> None:
        for log, number in (("events", 5), ("exchanges", 3)):
            redacting.ask(log=log, number=number, reason="A name.", by=acting(cast.ana), at=NOW + 8 * DAY)
        assert [each.end.number for each in move(tmp_path).ranges] == [4, 2]

    def test_what_is_younger_than_a_day(self, tmp_path: Path) -> None:
        assert move(tmp_path, days=30, at=NOW + 3 * DAY).ranges[0].end.number == 2

    def test_everything_when_nothing_may_go(self, tmp_path: Path) -> None:
        with pytest.raises(Conflict, match="Nothing can be archived: the log is signed off up to event 0"):
            move(tmp_path, signed=False)
        event = Event.objects.latest("number")
        assert (event.deed, event.outcome, numbers(Event)[0]) == (events.ARCHIVED, Outcome.REFUSED, 1)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("who", ["eve", "dana", "lee", "ana"])
    def test_everything_for_others(self, who: str, tmp_path: Path, cast: Cast) -> None:
        with pytest.raises(Forbidden):
            move(tmp_path, by=acting(getattr(cast, who)))
        assert numbers(Event)[0] == 1


class TestTrouble:
    def test_a_file_that_cannot_be_read_back_archives_nothing(self, tmp_path: Path, monkeypatch) -> None:
        def damaged(*args: Any, **values: Any) -> Any:
            box = boxing.write(*args, **values)
            box.path.write_bytes(box.path.read_bytes()[:-40])
            return box

        monkeypatch.setattr(archiving, "write", damaged)
        with pytest.raises(Conflict, match="Nothing was archived"):
            move(tmp_path)
        assert (numbers(Event)[:5], Archive.objects.count()) == ([1, 2, 3, 4, 5], 0)

    def test_killed_before_it_was_written_down_it_begins_anew(self, tmp_path: Path, monkeypatch) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(archiving, "_facts", _killed)
            with pytest.raises(KeyboardInterrupt):
                move(tmp_path)
        (tmp_path / ".breakwater-archive-1-5.zip.part").write_bytes(b"half of it")
        assert (Archive.objects.count(), numbers(Event)[0]) == (0, 1)
        done = move(tmp_path, at=LATER + DAY, signed=False)
        assert numbers(Event)[0] == 6
        assert verify(archives=exported.joined([done.path])).flaw is None

    def test_killed_while_it_deletes_the_next_run_ends_it(self, tmp_path: Path, monkeypatch) -> None:
        monkeypatch.setattr(archiving, "_BATCH", 2)
        deleted = []

        def stop(log: Any, *, up_to: int) -> int:
            if deleted:
                raise KeyboardInterrupt
            deleted.append(up_to)
            return original(log, up_to=up_to)

        original = archiving._delete
        with monkeypatch.context() as patched:
            patched.setattr(archiving, "_delete", stop)
            with pytest.raises(KeyboardInterrupt):
                move(tmp_path)
        assert numbers(Event)[0] == 3
        assert verify().flaw is None
        assert archiving.finish() == 8
        assert (numbers(Event)[0], numbers(Exchange)[0], verify().flaw) == (6, 6, None)

    def test_another_file_of_that_name_is_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "breakwater-archive-1-5.zip"
        path.write_text("mine")
        with pytest.raises(Conflict, match="is another file"):
            move(tmp_path)
        assert (path.read_text(), Archive.objects.count()) == ("mine", 0)

    def test_a_directory_that_is_not_there_is_not_made(self, tmp_path: Path) -> None:
        with pytest.raises(Conflict, match="is no directory"):
            move(tmp_path / "nowhere")

    def test_a_redaction_meanwhile_stops_it(self, tmp_path: Path, monkeypatch, cast: Cast) -> None:
        def meanwhile(*args: Any, **values: Any) -> Any:
            box = boxing.write(*args, **values)
            redaction = redacting.ask(log="events", number=2, reason="A name.", by=acting(cast.ana), at=LATER)
            redacting.carry_out(id=redaction.pk, by=acting(cast.max), at=LATER)
            return box

        monkeypatch.setattr(archiving, "write", meanwhile)
        with pytest.raises(Conflict, match="was redacted meanwhile"):
            move(tmp_path)
        assert (numbers(Event)[0], Archive.objects.count()) == (1, 0)


class TestTheDatabase:
    @pytest.mark.parametrize("log", [Event, Exchange])
    def test_lets_nothing_go_that_no_archive_covers(self, log: type[Event], tmp_path: Path) -> None:
        move(tmp_path)
        with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
            log.objects.filter(number=6).delete()

    @pytest.mark.parametrize("log", [Event, Exchange])
    def test_never_lets_the_newest_go(self, log: type[Event]) -> None:
        newest = chaining.head(log)
        _claim(log.LOG, newest)
        with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
            log.objects.filter(number=newest.number).delete()

    @pytest.mark.parametrize("sql", ["UPDATE audit_archive SET last = 9", "DELETE FROM audit_archive"])
    def test_keeps_what_says_so(self, sql: str, tmp_path: Path) -> None:
        move(tmp_path)
        with pytest.raises(IntegrityError, match="audit_archive is append-only"), transaction.atomic():
            _run(sql)

    def test_refuses_a_gap_between_archives(self, tmp_path: Path) -> None:
        move(tmp_path)
        with pytest.raises(IntegrityError, match="without gaps"), transaction.atomic():
            _claim("events", Head(number=8, hash="0" * 64), first=8)


class TestVerifying:
    def test_finds_an_archive_that_no_event_tells_of(self) -> None:
        fifth = Event.objects.get(number=5)
        _claim("events", Head(number=5, hash=fifth.hash))
        Event.objects.filter(number__lte=5).delete()
        flaw = verify().flaw
        assert flaw is not None
        assert (flaw.kind, flaw.number) == (Kind.ARCHIVE, 5)
        assert flaw.sentence == "The events begin behind 5, and no event says that what was before is archived."

    def test_finds_an_archive_that_claims_another_end(self, tmp_path: Path) -> None:
        move(tmp_path)
        behind_its_back("UPDATE audit_archive SET hash = %s WHERE log = 'events'", "1" * 64)
        flaw = verify().flaw
        assert flaw is not None
        assert (flaw.kind, flaw.number) == (Kind.UNTIED, 6)

    def test_finds_what_went_besides(self, tmp_path: Path) -> None:
        move(tmp_path)
        with lifted_triggers():
            Event.objects.filter(number=6).delete()
        flaw = verify().flaw
        assert flaw is not None
        assert (flaw.kind, flaw.number) == (Kind.MISSING, 6)

    def test_a_checkpoint_of_what_is_archived_is_asked_of_the_archive(self, tmp_path: Path, settings) -> None:
        settings.AUDIT_SIGNING_KEY = new_key("portal")
        proving.checkpoint(by=COMMAND_LINE, at=NOW + 8 * DAY)
        kept = proving._since()
        assert kept is not None
        make_event(events.WITHDRAWN, make_mitigation(), at=NOW + 9 * DAY)
        make_event(events.WITHDRAWN, make_mitigation(), at=NOW + 10 * DAY)
        proving.checkpoint(by=COMMAND_LINE, at=NOW + 11 * DAY)
        done = move(tmp_path, days=10)
        assert done.ranges[0].end.number > kept.head.number
        alone = verify(kept=[kept], keys=keys.believed())
        assert (alone.flaw, alone.archived) == (None, 1)
        whole = verify(kept=[kept], keys=keys.believed(), archives=exported.joined([done.path]))
        assert (whole.flaw, whole.archived, whole.checkpoints) == (None, 0, 3)


class TestThePortal:
    def test_pages_say_what_is_archived(self, signed_in, tmp_path: Path) -> None:
        move(tmp_path)
        mitigation = Mitigation.objects.get()
        for place in ("/audit/", f"/mitigations/{mitigation.reference}/"):
            assert "breakwater-archive-1-5.zip" in signed_in("ana").get(place).content.decode()

    @pytest.mark.parametrize("place", ["periods/2026-11/", "report/?period=2026-11", "reviews/?show=closed"])
    def test_pages_of_that_time_still_open(self, place: str, signed_in, tmp_path: Path) -> None:
        make_event(events.LOST, make_mitigation(), at=NOW + DAY * 8, sentence="Nobody knows.")
        make_event(events.WITHDRAWN, make_mitigation(), at=NOW + DAY * 9)
        move(tmp_path, days=9)
        answer = signed_in("ana").get(f"/audit/{place}")
        assert answer.status_code == 200
        assert ("breakwater-archive-1-9.zip" in answer.content.decode()) == (not place.startswith("reviews"))

    def test_the_first_event_that_is_left_still_holds(self, tmp_path: Path) -> None:
        move(tmp_path)
        assert one(6).flaw is None

    def test_words_of_what_is_archived_find_nothing(self, tmp_path: Path) -> None:
        assert len(page(Filter(words="withdrew")).entries) == 8
        move(tmp_path)
        assert [entry.number for entry in page(Filter(words="withdrew")).entries] == [8, 7, 6]
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM audit_words")
            assert cursor.fetchone()[0] == 4


def _killed(*args: Any) -> Any:
    raise KeyboardInterrupt


def _claim(log: str, end: Head, *, first: int = 1) -> None:
    values = {"until": NOW, "file": "x.zip", "sha256": "0" * 64, "made_at": NOW}
    Archive.objects.create(log=log, first=first, last=end.number, hash=end.hash, **values)


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
