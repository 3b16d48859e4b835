"""One deed, one transaction, one event, written last."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import ledger, vocabulary
from audit.author import Origin
from audit.canonical import sha256
from audit.chain import GENESIS
from audit.ledger import append, recorded
from audit.models import Event, Item, Outcome
from audit.refusal import Conflict, Forbidden, Objection, Refused, Unacceptable
from audit.vocabulary import Concern, Phrase, Review
from tests.audit.conftest import AT, DANA, DEED

pytestmark = pytest.mark.django_db

LOCKED = Objection(code="locked", sentence="It is locked.")


def opened(subject: str = "box 7", deed: str = DEED):
    return recorded(deed, subject=subject, by=DANA, at=AT)


def changed() -> bool:
    return Group.objects.filter(name="changed").exists()


def change() -> None:
    Group.objects.create(name="changed")


def do(ending: Exception | None = None, **facts: Any) -> None:
    """Change something in a deed, which may come to a bad end."""
    with opened() as record:
        record.facts = facts
        change()
        if ending:
            raise ending


def numbers() -> list[int]:
    return list(Event.objects.order_by("number").values_list("number", flat=True))


def test_keeps_the_change_and_one_event() -> None:
    do(key="brass")

    event = Event.objects.get()
    assert changed()
    assert (event.number, event.deed, event.outcome, event.subject) == (1, DEED, Outcome.DONE, "box 7")
    assert (event.actor, event.actor_name, event.request_id, event.at) == ("user:1", "dana", "r-1", AT)
    assert event.facts == {"key": "brass"}


def test_keeps_neither_change_nor_event_when_something_breaks() -> None:
    with pytest.raises(ZeroDivisionError):
        do(ZeroDivisionError())

    assert not changed()
    assert not Event.objects.exists()


@pytest.mark.parametrize("kind", [Refused, Forbidden, Conflict, Unacceptable])
def test_rolls_a_refused_deed_back_records_it_and_passes_it_on(kind: type[Refused]) -> None:
    refusal = kind([LOCKED, Objection(code="late", sentence="It is late.")])

    with pytest.raises(kind) as passed_on:
        do(refusal, key="brass")

    event = Event.objects.get()
    assert passed_on.value is refusal
    assert not changed()
    assert event.outcome == Outcome.REFUSED
    assert event.facts == {
        "key": "brass",
        "objections": [{"code": "locked", "sentence": "It is locked."}, {"code": "late", "sentence": "It is late."}],
    }


def _broken(*args: object, **kwargs: object) -> None:
    raise OSError("the disk is full")


def test_fails_the_change_when_the_event_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "append", _broken)

    with pytest.raises(OSError, match="disk is full"):
        do()

    assert not changed()


def test_leaves_no_change_when_a_refusal_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "append", _broken)

    with pytest.raises(OSError, match="disk is full"):
        do(Forbidden([LOCKED]))

    assert not changed()


def test_refuses_a_deed_that_has_no_words() -> None:
    with pytest.raises(LookupError, match="No words are registered"), opened(deed="box.burnt"):
        change()

    assert not changed()
    assert not Event.objects.exists()


def test_refuses_facts_that_are_none() -> None:
    with pytest.raises(TypeError):
        do(weight=1.5)

    assert not changed()


def test_refuses_to_stand_inside_another_deed() -> None:
    with pytest.raises(RuntimeError, match="durable"), opened(), opened("box 8"):
        pass  # pragma: no cover

    assert not Event.objects.exists()


def test_takes_the_subject_and_the_deed_that_the_record_has_in_the_end() -> None:
    with opened() as record:
        record.subject = "box 8"

    assert Event.objects.get().subject == "box 8"


def test_numbers_without_gaps_whatever_was_rolled_back() -> None:
    for outcome in (None, Forbidden([LOCKED]), ZeroDivisionError(), None, ZeroDivisionError(), Forbidden([LOCKED])):
        try:
            with opened():
                if outcome:
                    raise outcome
        except (Refused, ZeroDivisionError):
            continue

    assert numbers() == [1, 2, 3, 4]


def test_writes_all_columns_into_the_body_too() -> None:
    with opened() as record:
        record.detail = {"note": "why"}

    event = Event.objects.get()
    assert event.detail is not None
    assert json.loads(event.body) == {
        "number": 1,
        "at": "2026-11-23T03:00:00.000000+00:00",
        "deed": DEED,
        "outcome": "done",
        "actor": "user:1",
        "actor_name": "dana",
        "subject": "box 7",
        "request_id": "r-1",
        "facts": {},
        "review": False,
        "log": "events",
        "beside": {"exchanges": {"number": 0, "hash": GENESIS}},
        "detail_sha256": sha256(event.detail),
    }


def test_keeps_what_may_be_redacted_beside_the_body_with_a_salt() -> None:
    for _ in range(2):
        with opened() as record:
            record.detail = {"note": "why"}

    one, other = (event.details for event in Event.objects.all())
    assert (one["note"], one["ip"], one["user_agent"]) == ("why", "192.0.2.99", "pytest")
    assert one["salt"] != other["salt"]
    assert not any(word in event.body for event in Event.objects.all() for word in ("why", "192.0.2.99", "pytest"))


def test_writes_every_time_in_utc() -> None:
    at = datetime(2026, 11, 23, 5, 0, 0, 1, tzinfo=timezone(timedelta(hours=2)))

    with recorded(DEED, subject="box 7", by=DANA, at=at):
        pass

    assert json.loads(Event.objects.get().body)["at"] == "2026-11-23T03:00:00.000001+00:00"


anything = st.text(st.characters(codec=None, exclude_categories=()))


@given(anything, anything)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_stores_any_text_that_exists_and_gives_it_back(fact: str, note: str) -> None:
    with opened() as record:
        record.facts, record.detail = {"said": fact, fact: None}, {"note": note}

    event = Event.objects.latest("number")
    assert event.facts == {"said": fact, fact: None}
    assert event.details["note"] == note


@pytest.mark.parametrize("agent", ["\x00", "\ud800", "🛡"])
def test_stores_any_user_agent(agent: str) -> None:
    by = replace(DANA, origin=Origin(request_id="r", ip="::1", user_agent=agent))

    with recorded(DEED, subject="box 7", by=by, at=AT):
        pass

    assert Event.objects.get().details["user_agent"] == agent


def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening the box wants a look."""
    box = Concern(code="box", words="A box", grave=True)
    monkeypatch.setitem(vocabulary._phrases, DEED, Phrase(done="opened {subject}", tried="open {subject}", review=box))


def items() -> list[tuple[int, str, bool, str]]:
    return list(Item.objects.values_list("number", "kind", "grave", "state"))


def test_makes_an_item_of_the_review_of_each_event_that_wants_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    do()
    marked(monkeypatch)
    with opened("box 8"):
        pass

    assert items() == [(2, "box", True, "open")]
    assert [event.review for event in Event.objects.order_by("number")] == [False, True]


def test_makes_no_item_when_the_deed_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    marked(monkeypatch)
    with pytest.raises(ZeroDivisionError):
        do(ZeroDivisionError())

    assert items() == []


@pytest.mark.parametrize(
    ("refusal", "found"),
    [(Forbidden([LOCKED]), [(1, "forbidden", True, "open")]), (Conflict([LOCKED]), []), (Unacceptable([LOCKED]), [])],
)
def test_makes_an_item_of_what_somebody_tried_who_may_not(
    refusal: Refused, found: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    marked(monkeypatch)
    with pytest.raises(Refused):
        do(refusal)

    assert items() == found


@pytest.mark.parametrize(("said", "kind"), [(True, "other"), (Concern(code="lid", words="A lid"), "lid")])
def test_makes_an_item_of_what_its_service_says_wants_a_look(said: Review, kind: str) -> None:
    with opened() as record:
        record.review = said

    assert items() == [(1, kind, False, "open")]


def test_appends_in_a_constant_number_of_queries(django_assert_num_queries) -> None:
    for _ in range(3):
        with opened():
            pass
    expected = 5 if connection.vendor == "postgresql" else 4

    with django_assert_num_queries(expected):
        append(ledger.Record(deed=DEED, subject="box 7", by=DANA, at=AT), outcome=Outcome.DONE)
