"""Whatever is done to the log behind the portal's back is found, and named."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from audit import chaining
from audit.canonical import canonical, read
from audit.chain import Head, tied
from audit.models import Checkpoint, Event
from audit.notes import Statement
from audit.signing import new_key, signing_key
from audit.trails import Verdict
from audit.verification import verify
from audit.walking import Kind
from mitigations.models import Exchange
from tests.audit.conftest import AT
from tests.audit.logbook import behind_its_back, rewrite_from, write
from tests.making import make_exchange

pytestmark = pytest.mark.django_db
KEY = signing_key(new_key("test"))


def flaw(verdict: Verdict) -> tuple[str, Kind, int]:
    assert verdict.flaw is not None
    return verdict.flaw.log, verdict.flaw.kind, verdict.flaw.number


def head() -> Statement:
    """What a checkpoint of this moment would state."""
    return Statement(head=chaining.head(Event), beside={"exchanges": chaining.head(Exchange)}, at=AT)


def test_finds_nothing_in_an_empty_log() -> None:
    verdict = verify()

    assert (verdict.flaw, verdict.walked) == (None, 0)
    assert verdict.sentence == "No new events are as they were written."


def test_finds_nothing_in_a_log_that_is_as_it_was_written() -> None:
    write(2)
    make_exchange()
    write(2)
    make_exchange()

    verdict = verify()

    assert verdict.flaw is None
    assert verdict.walked == 6
    assert {name: each.number for name, each in verdict.heads.items()} == {"events": 4, "exchanges": 2}
    assert verdict.sentence == "Events 1 to 4 are as they were written."


# What is done to event 3 of 5, or to exchange 2 of 3; what is said of it, and where.
TAMPERED = {
    "a word of the body": (
        "UPDATE audit_event SET body = replace(body, 'brass', 'gold') WHERE number = 3",
        Kind.UNTIED,
    ),
    "white space in the body": ("UPDATE audit_event SET body = body || ' ' WHERE number = 3", Kind.GARBLED),
    "a body that is no text of facts": ("UPDATE audit_event SET body = 'x' WHERE number = 3", Kind.GARBLED),
    "its hash": ("UPDATE audit_event SET hash = 'x' || substr(hash, 2) WHERE number = 3", Kind.UNTIED),
    "its deed": ("UPDATE audit_event SET deed = 'box.shut' WHERE number = 3", Kind.RELABELLED),
    "its actor": ("UPDATE audit_event SET actor = 'user:2' WHERE number = 3", Kind.RELABELLED),
    "the actor's name": ("UPDATE audit_event SET actor_name = 'lee' WHERE number = 3", Kind.RELABELLED),
    "its subject": ("UPDATE audit_event SET subject = 'box 9' WHERE number = 3", Kind.RELABELLED),
    "its outcome": ("UPDATE audit_event SET outcome = 'refused' WHERE number = 3", Kind.RELABELLED),
    "its time": ("UPDATE audit_event SET at = '2020-01-01 00:00:00+00:00' WHERE number = 3", Kind.RELABELLED),
    "its request": ("UPDATE audit_event SET request_id = 'r-2' WHERE number = 3", Kind.RELABELLED),
    "its address": ("UPDATE audit_event SET ip = '192.0.2.1' WHERE number = 3", Kind.RELABELLED),
    "whether it needs a look": ("UPDATE audit_event SET review = true WHERE number = 3", Kind.RELABELLED),
    "its note": (
        "UPDATE audit_event SET detail = replace(detail, 'why', 'lies') WHERE number = 3",
        Kind.DETAIL_CHANGED,
    ),
    "its detail": ("UPDATE audit_event SET detail = NULL, ip = '' WHERE number = 3", Kind.DETAIL_GONE),
    "all of it": ("DELETE FROM audit_event WHERE number = 3", Kind.MISSING),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_finds_an_event_that_was_changed(what: str) -> None:
    write(5)
    sql, kind = TAMPERED[what]

    behind_its_back(sql)

    assert flaw(verify()) == ("events", kind, 3)


COLUMNS = ("body", "detail", "hash", "deed", "actor", "actor_name", "subject", "request_id", "ip")


@given(st.integers(1, 4), st.sampled_from(COLUMNS), st.integers(0, 10_000), st.characters(codec="ascii"))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_finds_any_single_letter_that_was_changed(number: int, column: str, place: int, letter: str) -> None:
    """At or before the head that somebody kept, nothing can be changed unseen."""
    assume(letter != "\x00")
    if not Event.objects.exists():
        write(4)
    kept = head()
    with transaction.atomic():
        text: str = Event.objects.values_list(column, flat=True).get(number=number)
        at = place % len(text)
        changed = f"{text[:at]}{letter}{text[at + 1 :]}"
        assume(changed != text)

        behind_its_back(f"UPDATE audit_event SET {column} = %s WHERE number = %s", changed, number)

        found = verify(kept=[kept]).flaw
        transaction.set_rollback(True)
    assert found is not None
    assert found.number in {number, number + 1}


TAMPERED_EXCHANGES = {
    "its status": ("UPDATE mitigations_exchange SET status = 500 WHERE number = 2", Kind.RELABELLED),
    "its outcome": ("UPDATE mitigations_exchange SET outcome = 'refused' WHERE number = 2", Kind.RELABELLED),
    "when it began": (
        "UPDATE mitigations_exchange SET started_at = '2020-01-01 00:00:00+00:00' WHERE number = 2",
        Kind.RELABELLED,
    ),
    "what was sent": (
        "UPDATE mitigations_exchange SET detail = replace(detail, '{}', '[]') WHERE number = 2",
        Kind.DETAIL_CHANGED,
    ),
    "its texts": ("UPDATE mitigations_exchange SET detail = NULL WHERE number = 2", Kind.DETAIL_GONE),
    "all of it": ("DELETE FROM mitigations_exchange WHERE number = 2", Kind.MISSING),
}


@pytest.mark.parametrize("what", TAMPERED_EXCHANGES)
def test_finds_an_exchange_that_was_changed(what: str) -> None:
    for _ in range(3):
        make_exchange()
        write()
    sql, kind = TAMPERED_EXCHANGES[what]

    behind_its_back(sql)

    assert flaw(verify()) == ("exchanges", kind, 2)


def test_finds_the_newest_exchange_gone_because_an_event_has_seen_it() -> None:
    make_exchange()
    write()

    behind_its_back("DELETE FROM mitigations_exchange WHERE number = 1")

    assert flaw(verify()) == ("exchanges", Kind.MISSING, 1)


def test_finds_an_exchange_that_was_forged_with_a_fitting_hash() -> None:
    make_exchange()
    write()
    behind_its_back("DELETE FROM mitigations_exchange WHERE number = 1")
    make_exchange(status=500)

    assert flaw(verify()) == ("exchanges", Kind.BESIDE, 1)


def test_finds_two_events_swapped() -> None:
    write(5)

    behind_its_back("UPDATE audit_event SET number = 99 WHERE number = 2")
    behind_its_back("UPDATE audit_event SET number = 2 WHERE number = 3")
    behind_its_back("UPDATE audit_event SET number = 3 WHERE number = 99")

    assert flaw(verify()) == ("events", Kind.MISPLACED, 2)


def test_finds_an_event_put_in_between() -> None:
    write(5)
    for number in (5, 4, 3):
        behind_its_back("UPDATE audit_event SET number = %s WHERE number = %s", number + 1, number)
    Event.objects.bulk_create([Event(**{**Event.objects.filter(number=2).values()[0], "number": 3})])

    assert flaw(verify()) == ("events", Kind.MISPLACED, 3)


def test_finds_an_event_added_by_hand() -> None:
    write(3)
    Event.objects.bulk_create([Event(**{**Event.objects.filter(number=3).values()[0], "number": 4})])

    assert flaw(verify()) == ("events", Kind.MISPLACED, 4)


def test_finds_the_first_of_several() -> None:
    write(5)
    for number in (4, 2):
        behind_its_back("UPDATE audit_event SET hash = 'x' WHERE number = %s", number)

    assert flaw(verify()) == ("events", Kind.UNTIED, 2)


FORGED = {
    "without a time": lambda body: {name: body[name] for name in body if name != "at"},
    "at no time": lambda body: {**body, "at": "yesterday"},
    "beside nothing": lambda body: {**body, "beside": 7},
    "beside a log that there is not": lambda body: {**body, "beside": {"rumours": {"number": 1, "hash": "x"}}},
    "with facts that are none": lambda body: {**body, "deed": "audit.redacted", "facts": []},
}


@pytest.mark.parametrize("how", FORGED)
def test_names_an_event_that_was_forged_with_a_fitting_hash_and_makes_no_sense(how: str) -> None:
    write(3)
    last = Event.objects.get(number=3)
    body = canonical(FORGED[how](read(last.body)))
    hash_ = tied(Event.objects.get(number=2).hash, body)
    deed = read(body)["deed"]
    behind_its_back("UPDATE audit_event SET body = %s, hash = %s, deed = %s WHERE number = 3", body, hash_, deed)

    found = verify().flaw
    assert found is not None
    assert found.kind in {Kind.GARBLED, Kind.BESIDE}


def test_names_an_event_that_claims_to_be_older_than_the_one_before_it() -> None:
    write(3)
    early = "2020-01-01T00:00:00.000000+00:00"
    body = canonical({**read(Event.objects.get(number=3).body), "at": early})
    hash_ = tied(Event.objects.get(number=2).hash, body)
    behind_its_back("UPDATE audit_event SET body = %s, hash = %s, at = %s WHERE number = 3", body, hash_, early[:19])

    assert flaw(verify()) == ("events", Kind.BACK_IN_TIME, 3)


class TestWhatOnlyACheckpointFinds:
    def test_a_log_without_its_tail(self) -> None:
        write(5)
        kept = head()
        behind_its_back("DELETE FROM audit_event WHERE number > 3")

        assert verify().flaw is None
        assert flaw(verify(kept=[kept])) == ("events", Kind.CHECKPOINT, 5)

    def test_a_log_rewritten_from_somewhere(self) -> None:
        write(5)
        kept = head()
        rewrite_from(3, subject="a box that never was")

        assert verify().flaw is None
        assert flaw(verify(kept=[kept])) == ("events", Kind.CHECKPOINT, 5)

    def test_a_log_rewritten_wholly_and_longer(self) -> None:
        write(3)
        kept = head()
        rewrite_from(1, subject="another beginning")
        write(3)

        assert verify().flaw is None
        assert flaw(verify(kept=[kept])) == ("events", Kind.CHECKPOINT, 3)

    def test_one_behind_the_beginning_of_the_walk(self) -> None:
        write(3)
        early = head()
        write(2)
        late = head()
        rewrite_from(2, subject="a box that never was")

        assert flaw(verify(since=late, kept=[early]))[1] is Kind.CHECKPOINT


class TestFromACheckpoint:
    def test_walks_only_what_came_since(self) -> None:
        write(3)
        make_exchange()
        write()
        since = head()
        write(2)
        make_exchange()

        verdict = verify(since=since)

        assert (verdict.flaw, verdict.start, verdict.walked) == (None, 4, 3)
        assert verdict.sentence == "Events 5 to 6 are as they were written."

    def test_finds_that_the_log_does_not_go_on_from_it(self) -> None:
        write(3)
        since = head()
        rewrite_from(3, subject="a box that never was")
        write(2)

        assert flaw(verify(since=since)) == ("events", Kind.CHECKPOINT, 3)


class TestItsOwnCheckpoints:
    def sign(self, stated: Statement, **changed: object) -> None:
        values = {"number": stated.head.number, "hash": stated.head.hash, "made_at": AT, "key": KEY.public.id}
        Checkpoint.objects.create(**{**values, "note": KEY.sign(stated.text), **changed})

    def test_agree_with_a_log_that_is_as_it_was_written(self) -> None:
        write(2)
        self.sign(head())
        write(2)

        verdict = verify(keys=[KEY.public])

        assert (verdict.flaw, verdict.checkpoints) == (None, 1)

    def test_find_a_rewritten_log(self) -> None:
        write(3)
        self.sign(head())
        rewrite_from(2, subject="a box that never was")

        assert flaw(verify(keys=[KEY.public])) == ("events", Kind.CHECKPOINT, 3)

    def test_count_for_nothing_when_nobody_known_signed_them(self) -> None:
        write(2)
        self.sign(head())

        assert flaw(verify(keys=[signing_key(new_key("test")).public]))[1] is Kind.CHECKPOINT

    def test_count_for_nothing_when_they_are_labelled_otherwise(self) -> None:
        write(2)
        self.sign(head(), number=1)

        assert "labelled" in verify(keys=[KEY.public]).sentence


def test_walks_as_many_queries_for_a_batch_of_many_as_of_few() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            verify()
        return len(captured)

    write(2)
    few = queries()
    write(40)

    assert queries() == few


anything = st.text(st.characters(codec=None, exclude_categories=()))


@given(anything, anything)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_finds_nothing_whatever_was_written(fact: str, note: str) -> None:
    write(said=fact, **{note: [fact]})

    assert verify().flaw is None


def test_begins_where_the_head_is_when_nothing_came_since() -> None:
    write(2)

    verdict = verify(since=head())

    assert (verdict.flaw, verdict.walked) == (None, 0)
    assert verify(since=Statement(head=Head(), at=AT)).walked == 2
