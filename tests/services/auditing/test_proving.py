"""Verifying, signing, and what the worker does of both."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.authority import COMMAND_LINE, WORKER
from audit import proofs
from audit.models import Checkpoint, Event, Outcome
from audit.notes import digest, statement
from audit.refusal import Conflict, Forbidden, Unacceptable
from audit.signing import new_key, signing_key, verified
from mitigations.services import events
from mitigations.services.auditing import keeping, proving
from tests.audit.logbook import behind_its_back, rewrite_from
from tests.making import NOW, make_event, make_exchange, make_mitigation
from tests.people import Cast, acting

DAY = timedelta(days=1)


@pytest.fixture
def key(settings):
    settings.AUDIT_SIGNING_KEY = new_key("portal")
    return signing_key(settings.AUDIT_SIGNING_KEY)


@pytest.fixture(autouse=True)
def _written(cast: Cast) -> None:
    """Something has happened before."""
    for _ in range(3):
        make_event(events.WITHDRAWN, make_mitigation())


def newest() -> Event:
    event = Event.objects.first()
    assert event is not None
    return event


def count(deed: str) -> int:
    return Event.objects.filter(deed=deed).count()


class TestVerifying:
    def test_tells_the_log_what_it_found(self, cast: Cast) -> None:
        verdict = proving.check(whole=True, by=acting(cast.ana), at=NOW)

        assert (newest().deed, newest().actor_name) == (events.VERIFIED, "ana")
        assert newest().facts["sentence"] == verdict.sentence
        found = proving.found()
        assert found is not None
        assert (found.number, found.start, found.is_flaw) == (newest().number - 1, 0, False)

    def test_tells_of_a_flaw_and_has_it_looked_at(self, cast: Cast) -> None:
        rewrite_from(2, subject="somebody")
        behind_its_back("UPDATE audit_event SET subject = 'eve' WHERE number = 2")

        proving.check(whole=True, by=WORKER, at=NOW)

        assert (newest().deed, newest().review) == (events.FLAW_FOUND, True)
        assert newest().facts["number"] == 2
        found = proving.found()
        assert found is not None
        assert found.is_flaw

    @pytest.mark.parametrize("who", ["dana", "lee", "eve"])
    def test_is_not_for_everybody(self, who: str, cast: Cast) -> None:
        with pytest.raises(Forbidden):
            proving.want_verification(whole=True, by=acting(getattr(cast, who)), at=NOW)

        assert (newest().deed, newest().outcome) == (events.VERIFICATION_WANTED, Outcome.REFUSED)
        with pytest.raises(Forbidden):
            proving.check(whole=True, by=acting(getattr(cast, who)), at=NOW)


class TestSigning:
    def test_signs_the_head_and_names_what_came_before(self, cast: Cast, key) -> None:
        make_exchange()
        head = newest()
        first = proving.checkpoint(by=WORKER, at=NOW)
        make_mitigation()
        second = proving.checkpoint(by=WORKER, at=NOW + DAY)

        text, signer = verified(first.note, [key.public])
        stated = statement(text)
        assert signer == key.public
        assert (stated.head.number, stated.head.hash, stated.at) == (head.number, head.hash, NOW)
        assert stated.beside["exchanges"].number == 1
        assert statement(second.text).before == (first.number, digest(first.note))

    def test_is_an_event_after_what_it_covers(self, cast: Cast, key) -> None:
        made = proving.checkpoint(by=WORKER, at=NOW)

        assert (newest().number, newest().deed) == (made.number + 1, events.CHECKPOINTED)
        assert newest().facts["hash"] == made.hash

    def test_signs_nothing_when_the_log_was_changed(self, cast: Cast, key) -> None:
        behind_its_back("UPDATE audit_event SET subject = 'eve' WHERE number = 2")

        with pytest.raises(Conflict, match="Nothing is signed"):
            proving.checkpoint(by=WORKER, at=NOW)

        assert not Checkpoint.objects.exists()
        assert count(events.FLAW_FOUND) == 1

    def test_walks_all_of_it_again_after_a_flaw(self, cast: Cast, key) -> None:
        """What was wrong lies behind the newest checkpoint; what came since says nothing of it."""
        proving.checkpoint(by=WORKER, at=NOW)
        subject = Event.objects.get(number=2).subject
        behind_its_back("UPDATE audit_event SET subject = 'eve' WHERE number = 2")
        proving.check(whole=True, by=WORKER, at=NOW)

        with pytest.raises(Conflict):
            proving.checkpoint(by=WORKER, at=NOW + DAY)
        behind_its_back("UPDATE audit_event SET subject = %s WHERE number = 2", subject)

        assert proving.checkpoint(by=WORKER, at=NOW + DAY).number > 2
        found = proving.found()
        assert found is not None
        assert not found.is_flaw

    def test_needs_a_key_and_says_how_to_get_one(self, cast: Cast) -> None:
        with pytest.raises(Unacceptable, match="audit_key"):
            proving.checkpoint(by=COMMAND_LINE, at=NOW)

        trouble = proving.trouble()
        assert trouble is not None
        assert "audit_key" in trouble.sentence

    def test_goes_on_with_another_key_while_the_former_one_is_believed(self, cast: Cast, key, settings) -> None:
        proving.checkpoint(by=WORKER, at=NOW)
        settings.AUDIT_SIGNING_KEY = new_key("portal")
        settings.AUDIT_VERIFIER_KEYS = [str(key.public)]

        proving.checkpoint(by=WORKER, at=NOW + DAY)

        verdict = proving.check(whole=True, by=WORKER, at=NOW + DAY)
        assert (verdict.flaw, verdict.checkpoints) == (None, 2)

    def test_shows_the_key_to_nobody(self, cast: Cast, key, settings, caplog) -> None:
        proving.checkpoint(by=WORKER, at=NOW)

        secret = settings.AUDIT_SIGNING_KEY.split("+", 4)[4]
        kept = [*Event.objects.values_list(), *Checkpoint.objects.values_list()]
        assert not any(secret in str(value) for row in kept for value in row)
        assert secret not in caplog.text


class TestTheWorker:
    def test_makes_a_checkpoint_a_day_even_when_nothing_happens(self, cast: Cast, key) -> None:
        for hours in (0, 1, 23, 24, 25, 47, 48):
            keeping.turn(at=NOW + timedelta(hours=hours))

        assert [made.made_at - NOW for made in Checkpoint.objects.order_by("number")] == [0 * DAY, DAY, 2 * DAY]

    def test_makes_none_without_a_key(self, cast: Cast) -> None:
        keeping.turn(at=NOW)

        assert count(events.CHECKPOINTED) == 0

    def test_does_once_what_somebody_wants(self, cast: Cast, key) -> None:
        proving.want_verification(whole=True, by=acting(cast.ana), at=NOW)
        proving.want_checkpoint(by=acting(cast.max), at=NOW)

        for _ in range(3):
            keeping.turn(at=NOW)

        assert (count(events.VERIFIED), count(events.CHECKPOINTED)) == (1, 1)

    def test_says_why_it_could_not_sign_and_does_not_try_for_ever(self, cast: Cast) -> None:
        proving.want_checkpoint(by=acting(cast.ana), at=NOW)

        for _ in range(3):
            keeping.turn(at=NOW)

        assert count(events.CHECKPOINTED) == 1
        assert proving.trouble() is not None

    def test_tries_again_an_hour_after_a_flaw(self, cast: Cast, key) -> None:
        behind_its_back("UPDATE audit_event SET subject = 'eve' WHERE number = 2")

        for minutes in (0, 1, 59, 60):
            keeping.turn(at=NOW + timedelta(minutes=minutes))

        assert count(events.FLAW_FOUND) == 2


def test_a_checkpoint_that_cannot_be_read_states_nothing(cast: Cast, key) -> None:
    made = proving.checkpoint(by=WORKER, at=NOW)
    behind_its_back("UPDATE audit_checkpoint SET note = 'x' WHERE number = %s", made.number)

    assert proofs.newest_statement() is None
    assert f"The checkpoint of event {made.number}" in proving.check(whole=True, by=WORKER, at=NOW).sentence
