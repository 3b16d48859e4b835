"""Signing off periods of the log."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from accounts.authority import Actor
from accounts.signing_in import record_sign_in
from audit.models import Event, Item, SignOff
from audit.refusal import Conflict, Forbidden, Objection, Unacceptable
from mitigations.policies.periods import Kind, containing
from mitigations.policies.signing import next_ones, tiling_flaws
from mitigations.selectors import periods
from mitigations.services import events
from mitigations.services.auditing import proving
from mitigations.services.auditing.periods import countersign, sign_off
from tests.audit.logbook import behind_its_back
from tests.making import NOW
from tests.people import Cast, acting
from tests.reviewing import head_of, make_asked_for, make_item, named, newest
from tests.views.facts import everything_but_the_log

NOVEMBER = named("2026-11")
DECEMBER = NOVEMBER.end + timedelta(days=2)


def sound(_first: int, _last: int) -> None:
    """Nothing speaks against the chain."""


def sign(by: Actor, text: str = "2026-11", *, name_open: bool = False, head: str = "", **values) -> SignOff:
    period = named(text)
    given = {"statement": "I looked through it.", "at": DECEMBER, "proof": sound, **values}
    return sign_off(period=period, head=head or head_of(period), name_open=name_open, by=by, **given)


def test_covers_the_log_from_its_first_event_to_the_last_of_the_period(cast: Cast, ana: Actor) -> None:
    for day in range(3):
        make_asked_for(at=NOW + timedelta(days=day))
    make_asked_for(at=DECEMBER)

    signed = sign(ana)

    assert (signed.first, signed.last, signed.head) == (1, 3, Event.objects.get(number=3).hash)
    assert (signed.signed_by_name, signed.signed_at, signed.own_acts) == ("ana", DECEMBER, 0)


def test_needs_a_log_that_was_verified_so_far(cast: Cast, ana: Actor) -> None:
    make_asked_for()
    proving.check(whole=True, by=ana, at=NOW)
    make_asked_for()
    with pytest.raises(Conflict, match="only up to event 1"):
        sign(ana, proof=proving.unproven)

    proving.check(whole=True, by=ana, at=DECEMBER)
    assert sign(ana, proof=proving.unproven).last == 3


def test_needs_a_log_that_was_ever_verified(cast: Cast, ana: Actor) -> None:
    make_asked_for()
    with pytest.raises(Conflict, match="verified never yet"):
        sign(ana, proof=proving.unproven)


def test_needs_a_log_that_is_as_it_was_written(cast: Cast, ana: Actor) -> None:
    make_asked_for()
    behind_its_back("UPDATE audit_event SET actor = 'user:9' WHERE number = 1")
    proving.check(whole=True, by=ana, at=DECEMBER)

    with pytest.raises(Conflict, match="labelled with another actor"):
        sign(ana, proof=proving.unproven)
    assert not SignOff.objects.exists()


def test_is_an_event_that_says_all_of_it(cast: Cast, ana: Actor) -> None:
    mitigation = make_asked_for()
    signed = sign(ana)

    assert (newest().deed, newest().subject) == (events.PERIOD_SIGNED_OFF, "period 2026-11")
    assert newest().details["note"] == "I looked through it."
    assert newest().facts == {
        "first": 1,
        "last": 1,
        "head": signed.head,
        "own_acts": 0,
        "open": 0,
        "unreviewed": [],
        "sample": [mitigation.reference],
    }


def test_begins_where_the_last_one_ended(cast: Cast, ana: Actor) -> None:
    make_asked_for()
    sign(ana)
    make_asked_for(at=DECEMBER + timedelta(hours=1))

    signed = sign(ana, "2026-12-03", at=DECEMBER + timedelta(days=1))

    # The sign-off itself is of that day.
    assert (signed.first, signed.last) == (2, 3)


@pytest.mark.parametrize(
    ("text", "at", "sentence"),
    [
        ("2026-11", NOVEMBER.end - timedelta(seconds=1), "not over yet"),
        ("2026-11-24", DECEMBER, "that comes first"),
        ("2026-11-22", DECEMBER, "Nothing happened"),
    ],
)
def test_is_refused_where_it_would_leave_a_gap(text: str, at, sentence: str, cast: Cast, ana: Actor) -> None:
    make_asked_for()
    make_asked_for(at=NOW + timedelta(days=1))
    with pytest.raises(Conflict, match=sentence):
        sign(ana, text, head="x", at=at)
    assert not SignOff.objects.exists()


def test_is_refused_twice(cast: Cast, ana: Actor, ben: Actor) -> None:
    make_asked_for()
    sign(ana)
    with pytest.raises(Conflict, match="signed off already"):
        sign(ben)


def test_is_of_what_the_signer_saw(cast: Cast, ana: Actor) -> None:
    make_asked_for()
    seen = head_of(NOVEMBER)
    make_asked_for()
    with pytest.raises(Conflict, match="not what you saw"):
        sign(ana, head=seen)


def test_asks_whether_the_chain_verifies_up_to_the_last_event(cast: Cast, ana: Actor) -> None:
    make_asked_for()
    make_asked_for()
    asked: list[tuple[int, int]] = []

    def proof(first: int, last: int) -> Objection:
        asked.append((first, last))
        return Objection(code="broken", sentence="The chain is broken at 2.")

    with pytest.raises(Conflict, match="broken at 2"):
        sign(ana, proof=proof)
    assert asked == [(1, 2)]
    assert not SignOff.objects.exists()


def test_wants_words(cast: Cast, ana: Actor) -> None:
    make_asked_for()
    with pytest.raises(Unacceptable, match="Say in words"):
        sign(ana, statement="")


class TestWhatIsStillToBeReviewed:
    def test_is_in_the_way(self, cast: Cast, ana: Actor) -> None:
        make_item(cast)
        with pytest.raises(Conflict, match="1 is still to be reviewed"):
            sign(ana)
        assert not SignOff.objects.exists()

    def test_is_named_when_the_auditor_says_so(self, cast: Cast, ana: Actor) -> None:
        item = make_item(cast)
        assert sign(ana, name_open=True).unreviewed == [item.number]
        assert newest().facts["unreviewed"] == [item.number]

    def test_of_later_is_in_nobodys_way(self, cast: Cast, ana: Actor) -> None:
        make_asked_for()
        make_item(cast, at=DECEMBER)
        assert sign(ana).unreviewed == []


class TestTheSample:
    def test_is_of_the_ordinary_ones_of_the_period(self, cast: Cast, ana: Actor) -> None:
        ordinary = {make_asked_for().reference for _ in range(3)}
        marked = make_item(cast)
        make_asked_for(at=DECEMBER)

        signed = sign(ana, name_open=True)

        assert set(signed.sample) == ordinary
        assert Event.objects.get(number=marked.number).subject not in signed.sample

    def test_is_twenty_five_of_many_and_drawn_the_same_again(self, cast: Cast, ana: Actor) -> None:
        for _ in range(30):
            make_asked_for()
        within = periods.extent(NOVEMBER)
        assert within is not None

        signed = sign(ana)

        assert len(signed.sample) == 25
        assert periods.sample(within) == signed.sample


class TestOwnActs:
    def test_are_counted_and_wait_for_another_auditor(self, cast: Cast, ana: Actor, ben: Actor) -> None:
        record_sign_in(by=ana, at=NOW)
        signed = sign(ana)
        assert (signed.own_acts, signed.awaits_countersign) == (1, True)

        countersign(period=NOVEMBER, by=ben, note="Only a sign-in.", at=DECEMBER)

        signed.refresh_from_db()
        assert (signed.countersigned_by_name, signed.awaits_countersign) == ("ben", False)
        assert newest().facts == {"own_acts": 1, "signer": "ana"}

    def test_are_not_countersigned_by_the_signer(self, cast: Cast, ana: Actor) -> None:
        record_sign_in(by=ana, at=NOW)
        sign(ana)
        with pytest.raises(Forbidden, match="Nobody countersigns their own acts"):
            countersign(period=NOVEMBER, by=ana, note="Fine.", at=DECEMBER)

    def test_are_countersigned_once_and_only_where_there_are_any(self, cast: Cast, ana: Actor, ben: Actor) -> None:
        make_asked_for()
        sign(ana)
        with pytest.raises(Conflict, match="Nothing of this period waits"):
            countersign(period=NOVEMBER, by=ben, note="Fine.", at=DECEMBER)

    def test_want_words(self, cast: Cast, ana: Actor, ben: Actor) -> None:
        record_sign_in(by=ana, at=NOW)
        sign(ana)
        with pytest.raises(Unacceptable, match="Say what you looked at"):
            countersign(period=NOVEMBER, by=ben, note="", at=DECEMBER)


@pytest.mark.parametrize("who", ["dana", "lee", "max", "eve"])
def test_is_for_auditors_alone(who: str, cast: Cast, ana: Actor) -> None:
    record_sign_in(by=ana, at=NOW)
    person = acting(getattr(cast, who))
    before = everything_but_the_log()
    with pytest.raises(Forbidden, match="Only auditors may sign off a period"):
        sign(person)
    with pytest.raises(Forbidden, match="Only auditors may sign off a period"):
        countersign(period=NOVEMBER, by=person, note="Fine.", at=DECEMBER)
    assert everything_but_the_log() == before
    assert Item.objects.count() == 2


@pytest.mark.parametrize("seed", range(4))
def test_tiles_the_log_whatever_auditors_try(seed: int, cast: Cast, ana: Actor, ben: Actor) -> None:
    """Days, weeks and months at random, and things that happen in between, the signing among them."""
    chance, at = random.Random(seed), NOW
    for _ in range(40):
        at += timedelta(hours=chance.choice([1, 5, 30, 200]))
        record_sign_in(by=acting(cast.dana), at=at)
        tried = containing(chance.choice(list(Kind)), at - timedelta(days=chance.randint(0, 60)))
        previous = periods.last_signed()
        fitting = next_ones(previous=previous, unsigned_at=periods.unsigned_at(previous))
        for period in (tried, *chance.sample(fitting, len(fitting))):
            within = periods.extent(period)
            try:
                sign_off(
                    period=period,
                    head=within.head if within else "",
                    statement="Seen.",
                    name_open=True,
                    by=chance.choice([ana, ben]),
                    at=at,
                    proof=sound,
                )
            except Conflict:
                continue

    rows = [periods.as_signed(row) for row in SignOff.objects.all()]
    assert len(rows) > 5
    assert list(tiling_flaws(rows)) == []
