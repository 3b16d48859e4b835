from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from audit.ledger import recorded
from audit.models import Event, Link, Outcome, Redaction
from audit.refusal import Conflict, Forbidden
from audit.selectors import Filter, page
from audit.verification import verify
from audit.walking import Kind
from mitigations.models import Exchange
from mitigations.services import events
from mitigations.services.auditing import redacting
from tests.audit.logbook import behind_its_back
from tests.making import NOW, make_exchange
from tests.people import Cast, acting

SECRET = "hunter2-canary"


@pytest.fixture
def leaked(cast: Cast) -> Event:
    """An event whose note holds what must go."""
    with recorded(events.REJECTED, subject="MIT-1", by=acting(cast.lee).author, at=NOW) as record:
        record.detail = {"note": f"the password is {SECRET}"}
    event = Event.objects.first()
    assert event is not None
    return event


def ask(number: int, cast: Cast, log: str = "events", by: str = "ana") -> Redaction:
    return redacting.ask(log=log, number=number, reason="A password.", by=acting(getattr(cast, by)), at=NOW)


def carry_out(asked: Redaction, cast: Cast, by: str = "max") -> Redaction:
    return redacting.carry_out(id=asked.pk, by=acting(getattr(cast, by)), at=NOW)


def test_takes_away_what_stands_beside_an_event_and_says_so(leaked: Event, cast: Cast) -> None:
    carry_out(ask(leaked.number, cast), cast)

    after = Event.objects.get(pk=leaked.pk)
    assert (after.detail, after.ip, after.body, after.hash) == (None, "", leaked.body, leaked.hash)
    told = Event.objects.first()
    assert told is not None
    assert (told.deed, told.actor_name, told.review) == (events.REDACTED, "max", True)
    assert told.facts == {"log": "events", "number": leaked.number, "asked_by": "ana"}
    assert not any(SECRET in str(row) for row in Event.objects.values_list())


def test_leaves_nothing_to_be_found_by_its_words(leaked: Event, cast: Cast) -> None:
    def found() -> list[int]:
        return [entry.number for entry in page(Filter(words="password")).entries]

    assert found() == [leaked.number]
    asked = redacting.ask(log="events", number=leaked.number, reason="A secret.", by=acting(cast.ana), at=NOW)
    carry_out(asked, cast)

    assert found() == []


def test_leaves_a_log_that_verifies(leaked: Event, cast: Cast) -> None:
    carry_out(ask(leaked.number, cast), cast)

    verdict = verify()
    assert (verdict.flaw, verdict.redacted) == (None, 1)
    assert "1 redacted, all announced" in verdict.sentence


def test_is_a_flaw_when_nobody_announced_it(leaked: Event, cast: Cast) -> None:
    carry_out(ask(leaked.number, cast), cast)
    behind_its_back("UPDATE audit_event SET detail = NULL, ip = '' WHERE number = 2")

    flaw = verify().flaw
    assert flaw is not None
    assert (flaw.kind, flaw.number) == (Kind.DETAIL_GONE, 2)


def test_takes_away_what_was_said_to_kentik(cast: Cast) -> None:
    exchange = make_exchange(error=SECRET)

    carry_out(ask(exchange.number, cast, "exchanges"), cast)

    after = Exchange.objects.get()
    assert (after.error, after.request_body, after.outcome) == ("", "", "accepted")
    assert verify().flaw is None


def test_can_be_declined_and_asked_for_again(leaked: Event, cast: Cast) -> None:
    redacting.decline(id=ask(leaked.number, cast).pk, by=acting(cast.max), at=NOW)

    assert Event.objects.get(pk=leaked.pk).detail == leaked.detail
    carry_out(ask(leaked.number, cast), cast)
    assert Event.objects.get(pk=leaked.pk).is_redacted


def test_is_asked_for_once(leaked: Event, cast: Cast) -> None:
    ask(leaked.number, cast)

    with pytest.raises(Conflict, match="asked for this already"):
        ask(leaked.number, cast)
    assert Redaction.objects.count() == 1


def test_is_decided_once(leaked: Event, cast: Cast) -> None:
    asked = ask(leaked.number, cast)
    carry_out(asked, cast)

    with pytest.raises(Conflict, match="max has decided"):
        redacting.decline(id=asked.pk, by=acting(cast.max), at=NOW)
    with pytest.raises(Conflict, match="redacted already"):
        ask(leaked.number, cast)


def test_needs_a_record_that_exists(cast: Cast) -> None:
    with pytest.raises(Event.DoesNotExist):
        ask(99, cast)


@pytest.mark.parametrize("who", ["dana", "lee", "max", "eve"])
def test_is_for_auditors_to_ask(who: str, leaked: Event, cast: Cast) -> None:
    with pytest.raises(Forbidden):
        ask(leaked.number, cast, by=who)

    assert not Redaction.objects.exists()
    assert Event.objects.filter(deed=events.REDACTION_ASKED, outcome=Outcome.REFUSED).count() == 1


@pytest.mark.parametrize("who", ["dana", "lee", "ana", "eve"])
def test_is_for_administrators_to_do(who: str, leaked: Event, cast: Cast) -> None:
    asked = ask(leaked.number, cast)

    with pytest.raises(Forbidden):
        carry_out(asked, cast, by=who)
    assert Event.objects.get(pk=leaked.pk).detail == leaked.detail


def test_is_never_done_by_whoever_asked(leaked: Event, cast: Cast) -> None:
    cast.ana.groups.set([*cast.ana.groups.all(), *cast.max.groups.all()])
    asked = ask(leaked.number, cast)

    with pytest.raises(Forbidden, match="somebody else"):
        carry_out(asked, cast, by="ana")
    with pytest.raises(IntegrityError), transaction.atomic():
        Redaction.objects.update(decided_by=asked.asked_by, decided_at=NOW)


@pytest.mark.parametrize("log", [Event, Exchange])
def test_the_database_lets_nothing_else_change(log: type[Link], leaked: Event) -> None:
    make_exchange()
    record = log._default_manager.first()
    assert record is not None

    for change in ({"detail": None, "body": "{}"}, {"detail": None, "hash": "x"}, {"detail": "{}"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            log._default_manager.filter(pk=record.pk).update(**change)
