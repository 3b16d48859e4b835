"""A log that was changed in any way is found out by the machine of whoever reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import Result

from audit.ledger import recorded
from audit.lines import streamed
from audit.models import Event
from breakwater_cli.chain import Flaw, Walk
from breakwater_cli.exits import Exit
from tests.audit import logbook
from tests.audit.conftest import AT, DANA, _words  # noqa: F401 (a fixture: the deed of these logs)
from tests.making import make_checkpoint

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
By = Callable[..., Result]
Records = list[dict[str, Any]]


@pytest.fixture
def records() -> Records:
    logbook.write(5)
    return [json.loads(json.dumps(streamed(event))) for event in Event.objects.order_by("number")]


def walked(records: Records, *, marks: dict[int, str] | None = None) -> Walk:
    walk = Walk(marks=dict(marks or {}))
    for record in records:
        walk.take(record)
    walk.end()
    return walk


def test_is_sound_as_it_was_written(records: Records) -> None:
    walk = walked(records, marks={3: records[2]["hash"]})

    assert (walk.rows, walk.begins_at, walk.head.number, walk.head.hash, walk.marks) == (
        5,
        1,
        5,
        records[-1]["hash"],
        {},
    )


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
def test_is_found_out_when(records: Records, how: str) -> None:
    spoil, words = SPOILT[how]

    with pytest.raises(Flaw, match=words):
        walked(spoil(records))


def test_is_found_out_when_it_was_written_anew_or_cut_off_since_something_was_kept(records: Records) -> None:
    with pytest.raises(Flaw, match="Event 4 is not the one that was kept elsewhere"):
        walked(records, marks={4: "f" * 64})
    with pytest.raises(Flaw, match="Event 5, which was kept elsewhere, is not there"):
        walked(records[:4], marks={5: records[4]["hash"]})


class TestArchived:
    @pytest.fixture
    def behind(self, records: Records) -> Records:
        """Three are archived; the event that says so comes after."""
        beginnings = {"events": {"number": 3, "hash": records[2]["hash"]}, "exchanges": {"number": 0, "hash": "0" * 64}}
        with recorded("audit.archived", subject="the log", by=DANA, at=AT + timedelta(days=1)) as record:
            record.facts = {"beginnings": beginnings, "what": "3 events", "file": "first.zip"}
        return [streamed(event) for event in Event.objects.filter(number__gt=3).order_by("number")]  # type: ignore[misc]

    def test_follows_what_the_archive_ended_with(self, behind: Records) -> None:
        walk = walked(behind, marks={2: "f" * 64})

        assert (walk.begins_at, walk.head.number, walk.marks) == (4, 6, {2: "f" * 64})

    def test_is_found_out_when_more_is_gone_than_was_archived(self, behind: Records) -> None:
        with pytest.raises(Flaw, match="begins with event 5, and no archive says so"):
            walked(behind[1:])


class TestVerifying:
    def test_computes_it_here(self, by: By) -> None:
        logbook.write(3)
        result = by("ana", "verify", "--locally", "--json")
        head = Event.objects.first()

        assert head is not None
        assert result.exit_code == Exit.DONE
        assert json.loads(result.stdout)["head"] == {"number": head.number, "hash": head.hash}

    def test_prints_what_is_to_be_kept_and_takes_it_again(self, by: By) -> None:
        logbook.write(3)
        kept = by("ana", "verify", "--locally").stdout.splitlines()[-1].split()

        assert by("ana", "verify", "--locally", *kept).exit_code == Exit.DONE
        logbook.rewrite_from(2, subject="another box")
        result = by("ana", "verify", "--locally", *kept)
        assert result.exit_code == Exit.UNSOUND
        assert "the log was written anew" in result.stdout

    def test_finds_what_was_changed_behind_the_portals_back(self, by: By) -> None:
        logbook.write(3)
        logbook.behind_its_back("UPDATE audit_event SET body = replace(body, 'brass', 'steel') WHERE number = 2")

        assert by("ana", "verify", "--locally").exit_code == Exit.UNSOUND

    def test_finds_what_a_checkpoint_of_the_portal_contradicts(self, by: By, tmp_path: Any) -> None:
        logbook.write(3)
        made = make_checkpoint()
        (tmp_path / "note").write_text(f"breakwater/audit\n{made.number}\n{made.hash}\nat x\n\n— us abc\n")
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
