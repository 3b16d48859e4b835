from __future__ import annotations

import json

import pytest

from audit.canonical import sha256
from audit.chain import GENESIS, tied
from audit.ledger import Record, append
from audit.lines import line, line_of
from audit.models import Event, Outcome
from tests.audit.conftest import AT, DANA, DEED

pytestmark = pytest.mark.django_db

NASTY = "box\r\n\u2028\x00\ud800 “42”"


def happen() -> Event:
    append(Record(deed=DEED, subject=NASTY, by=DANA, at=AT, detail={"note": NASTY}), outcome=Outcome.DONE)
    return Event.objects.get()


def test_a_line_is_one_line_of_ascii_whatever_stands_in_it() -> None:
    for text in (line_of(happen()), line(Event.objects.get())):
        assert text.isascii()
        assert text.isprintable()


def test_a_line_holds_what_the_chain_is_checked_with() -> None:
    read = json.loads(line_of(happen()))
    assert list(read) == ["log", "number", "hash", "body", "detail"]
    assert (read["log"], read["number"]) == ("events", 1)
    assert tied(GENESIS, read["body"]) == read["hash"]
    assert json.loads(read["body"])["detail_sha256"] == sha256(read["detail"])
    assert json.loads(read["detail"])["note"] == NASTY


def test_a_streamed_line_says_beside_it_what_happened() -> None:
    event = happen()
    read = json.loads(line(event))
    exported = json.loads(line_of(event))
    assert list(read)[:5] == list(exported)
    assert {name: read.pop(name) for name in exported} == exported
    assert read == {
        "at": "2026-11-23T03:00:00.000000+00:00",
        "deed": DEED,
        "outcome": "done",
        "actor_name": "dana",
        "subject": event.subject,
        "sentence": f"dana opened {event.subject}",
        "ip": "192.0.2.99",
        "review": False,
    }


def test_the_detail_of_a_redacted_record_is_null() -> None:
    event = happen()
    event.detail = None
    assert json.loads(line_of(event))["detail"] is None
