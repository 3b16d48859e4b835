"""Events are found by their words, alike on both databases."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from audit import selectors, word_index
from audit.ledger import recorded
from audit.models import Event
from audit.refusal import Forbidden, Objection
from audit.selectors import Filter
from tests.audit.conftest import AT, DANA, DEED
from tests.databases import lifted_triggers

pytestmark = pytest.mark.django_db

SHOP = "UDP flood since 02:50, the shop is down."


def write(subject: str = "box 7", note: str = "", **facts: Any) -> int:
    with recorded(DEED, subject=subject, by=DANA, at=AT) as record:
        record.facts, record.detail = facts, {"note": note}
    return selectors.head()


def found(text: str, **filters: Any) -> list[int]:
    return [entry.number for entry in selectors.page(Filter(words=text, **filters)).entries]


def rows() -> dict[int, str]:
    with connection.cursor() as cursor:
        number = "rowid" if connection.vendor == "sqlite" else "number"
        cursor.execute(f"SELECT {number}, words FROM audit_words")
        return dict(cursor.fetchall())


@pytest.mark.parametrize(
    "text",
    [
        "MIT-42",
        "mit-42",
        "203.0.113.7/32",
        "203.0.113",
        "203.0.113.7",
        "2001:db8::/32",
        "2001:DB8",
        "dana opened MIT-42",
    ],
)
def test_finds_references_and_prefixes_as_they_are_typed(text: str) -> None:
    write("MIT-4", target="203.0.11.7/32")
    wanted = write("MIT-42", targets=["203.0.113.7/32", "2001:db8::/32"])
    write("MIT-421", target="20.30.113.7/32")

    assert found(text) == [wanted]


def test_wants_every_word_wherever_it_stands() -> None:
    both = write("box 7", note=SHOP)
    write("box 8", note="the shop is up")

    assert found("down box flood 7") == [both]


def test_wants_a_phrase_as_it_stands_and_within_one_text() -> None:
    write("box 7", note=SHOP)

    assert found('"shop is down"')
    assert not found('"down is shop"')
    assert not found('"7 udp"')


def test_takes_the_last_word_for_a_beginning_and_no_other() -> None:
    write("box 7", note=SHOP)

    assert found("shop flo")
    assert not found("flo shop")


def test_finds_a_refusal_by_its_reasons() -> None:
    with pytest.raises(Forbidden), recorded(DEED, subject="box 7", by=DANA, at=AT):
        raise Forbidden([Objection(code="x", sentence="The lid is jammed.")])

    assert found("could not open jammed") == [1]


@pytest.mark.parametrize("text", ["salt", "192.0.2.99", "pytest"])
def test_finds_nobody_by_their_address_or_browser(text: str) -> None:
    write()

    assert not found(text)


def test_puts_the_newest_first_and_goes_on_from_page_to_page() -> None:
    for number in range(7):
        write(f"box {number}", note="odd" if number % 2 else "even")

    wanted = Filter(words="even")
    first = selectors.page(wanted, size=2)
    second = selectors.page(wanted, size=2, before=first.older)
    back = selectors.page(wanted, size=2, after=second.newer)
    assert [[entry.number for entry in page.entries] for page in (first, second, back)] == [[7, 5], [3, 1], [7, 5]]
    assert (first.newer, second.older) == (None, None)


def test_finds_what_lies_far_behind_what_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL the two are looked for in different ways."""
    monkeypatch.setattr(word_index, "_NEAR", 3)
    for number in range(1, 11):
        write(f"box {number}", note="even" if number % 2 == 0 else "")

    wanted = Filter(words="even")
    assert [entry.number for entry in selectors.page(wanted, size=4).entries] == [10, 8, 6, 4]
    assert [entry.number for entry in selectors.page(wanted, after=1, size=4).entries] == [8, 6, 4, 2]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"actor_name": "dana"}, True),
        ({"actor_name": "Dana"}, False),
        ({"deed": DEED}, True),
        ({"subject": "box 7", "ip": "192.0.2.99", "request_id": "r-1", "outcome": "done"}, True),
        ({"outcome": "refused"}, False),
        ({"review": True}, False),
        ({"since": AT, "until": AT}, False),
        ({"since": AT}, True),
    ],
)
def test_finds_by_words_and_filters_together(filters: dict[str, Any], expected: bool) -> None:
    write("box 7", note=SHOP)

    assert bool(found("shop", **filters)) is expected
    assert bool(selectors.page(Filter(**filters)).entries) is expected


anything = st.text(st.characters(codec=None, exclude_categories=()))
operators = st.lists(
    st.sampled_from(
        ["AND", "OR", "NOT", "NEAR(", '"', "*", "^", ":", "'", "\\", "&", "|", "!", "<->", ":*", "(", ")", "-"]
    )
).map(" ".join)


@given(st.one_of(anything, operators, st.builds("shop {} down".format, operators)))
@example('words : "shop"')
@example("x" * 5000 + " " + "y z" * 500)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_answers_whatever_is_typed(text: str) -> None:
    if not Event.objects.exists():
        write(note=SHOP)

    assert found(text) in ([], [1])


@given(anything)
@example("\x00\ud800 shop")
@example("word " * 20_000)
@example(" ".join(map(str, range(20_000))))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_takes_whatever_is_written(note: str) -> None:
    number = write(f"box {selectors.head()}", note=note)

    assert number in found("dana opened")


def test_writes_nothing_of_a_deed_that_broke() -> None:
    with pytest.raises(ZeroDivisionError), recorded(DEED, subject="box 7", by=DANA, at=AT):
        raise ZeroDivisionError

    assert rows() == {}


def test_is_in_nobodys_way_when_a_row_is_there_already() -> None:
    write("box 7")
    with connection.cursor() as cursor, lifted_triggers():
        cursor.execute("DELETE FROM audit_event")

    write("box 8")

    assert (found("box 7"), found("box 8")) == ([], [1])


def test_forgets_what_stands_beside_the_text() -> None:
    number = write("box 7", note=SHOP)

    word_index.forget(number)

    assert not found("shop")
    assert not found("box", ip="192.0.2.99")
    assert found("box 7") == [number]


def test_is_made_anew_from_the_log(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(word_index, "_BATCH", 2)
    for number in range(5):
        write(f"box {number}", note=SHOP)
    before = rows()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_words")

    call_command("rebuild_audit_words")

    assert rows() == before
    assert "5 events" in capsys.readouterr().out


def test_is_made_anew_past_an_event_that_nobody_can_read() -> None:
    write("box 7")
    write("box 8")
    with lifted_triggers():
        Event.objects.filter(number=1).update(body="no longer what it was é")

    word_index.rebuild()

    assert found("box") == [2]
    assert "text was changed" in selectors.page(Filter()).entries[-1].sentence


def test_tells_an_event_of_another_version_by_its_code() -> None:
    write("box 7")
    event = Event.objects.get()
    body = json.dumps({**json.loads(event.body), "deed": "box.vanished"})
    with lifted_triggers():
        Event.objects.update(body=body)

    assert Event.objects.get().sentence == "dana: box.vanished box 7 (done)"


def test_looks_for_words_in_a_constant_number_of_queries(django_assert_num_queries) -> None:
    write(note=SHOP)

    with django_assert_num_queries(2 if connection.vendor == "sqlite" else 3):
        found("shop")
