"""Working through what wants a look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.authority import COMMAND_LINE, WORKER, Actor
from accounts.models import User
from audit.ledger import recorded
from audit.models import Event, Item, Outcome, State
from audit.refusal import Conflict, Forbidden, Unacceptable
from mitigations.services import events
from mitigations.services.auditing import reviewing
from tests.making import NOW
from tests.people import Cast, acting
from tests.reviewing import again, make_asked, make_item, make_taken, newest
from tests.views.facts import everything_but_the_log

LATER = NOW + timedelta(minutes=5)
DAY = date(2026, 12, 24)


def key(user: User) -> str:
    return acting(user).author.key


def close(item: Item, by: Actor, **values: Any) -> None:
    given = {"concern": False, "note": "Looked at it.", **values}
    reviewing.close(number=item.number, by=by, at=LATER, **given)


class TestTaking:
    def test_puts_it_into_somebodys_hands(self, cast: Cast, ana: Actor) -> None:
        item = make_taken(cast, ana)
        assert (item.state, item.held_by, item.held_by_name, item.held_at) == ("taken", ana.author.key, "ana", NOW)
        assert (newest().deed, newest().subject) == (events.REVIEW_TAKEN, f"event {item.number}")

    def test_goes_to_one_of_two_who_press_at_once(self, cast: Cast, ana: Actor, ben: Actor) -> None:
        item = make_taken(cast, ana)
        with pytest.raises(Conflict, match="Somebody else was faster"):
            reviewing.take(number=item.number, held_by="", by=ben, at=LATER)
        assert again(item).held_by == ana.author.key

    def test_from_another_leaves_a_question_as_it_is(self, cast: Cast, ana: Actor, ben: Actor) -> None:
        item = make_asked(cast, ana)
        reviewing.take(number=item.number, held_by=ana.author.key, by=ben, at=LATER)
        assert (again(item).state, again(item).held_by_name) == (State.ASKED, "ben")

    def test_can_be_undone(self, cast: Cast, ana: Actor, ben: Actor) -> None:
        item = make_asked(cast, ana)
        reviewing.give_back(number=item.number, by=ana, at=LATER)
        assert (again(item).state, again(item).held_by) == (State.OPEN, "")
        reviewing.take(number=item.number, held_by="", by=ben, at=LATER)
        assert again(item).held_by_name == "ben"


class TestAsking:
    def test_is_of_a_person_with_a_question(self, cast: Cast, ana: Actor) -> None:
        item = make_asked(cast, ana, question="Why?")
        assert (item.state, item.asked_of, item.asked_of_name) == ("asked", key(cast.dana), "dana")
        assert newest().facts == {"of": "dana", "of_key": key(cast.dana)}
        assert newest().details["note"] == "Why?"

    @pytest.mark.parametrize("whom", ["ana", "max"])
    def test_is_not_of_oneself_nor_of_who_has_left(self, whom: str, cast: Cast, ana: Actor) -> None:
        User.objects.filter(username="max").update(is_active=False)
        item = make_taken(cast, ana)
        with pytest.raises(Unacceptable, match="Say whom you ask"):
            reviewing.ask(number=item.number, of=User.objects.get(username=whom).pk, note="Why?", by=ana, at=NOW)

    def test_another_takes_the_place_of_the_first(self, cast: Cast, ana: Actor) -> None:
        item = make_asked(cast, ana)
        reviewing.ask(number=item.number, of=cast.lee.pk, note="And you?", by=ana, at=LATER)
        assert again(item).asked_of_name == "lee"


class TestAnswering:
    def test_brings_it_back_to_the_auditor(self, cast: Cast, ana: Actor) -> None:
        item = make_asked(cast, ana)
        reviewing.answer(number=item.number, note="Lee was asleep.", by=acting(cast.dana), at=LATER)
        assert (again(item).state, again(item).answered_at) == (State.ANSWERED, LATER)
        assert newest().details["note"] == "Lee was asleep."

    def test_needs_no_role(self, cast: Cast, ana: Actor) -> None:
        item = make_taken(cast, ana)
        reviewing.ask(number=item.number, of=cast.eve.pk, note="Why?", by=ana, at=NOW)
        reviewing.answer(number=item.number, note="I do not know.", by=acting(cast.eve), at=LATER)
        assert again(item).state == State.ANSWERED

    @pytest.mark.parametrize("who", ["lee", "eve", "ana", "max"])
    def test_is_for_nobody_but_whoever_was_asked(self, who: str, cast: Cast, ana: Actor) -> None:
        item = make_asked(cast, ana)
        with pytest.raises(Forbidden, match="Only whoever was asked"):
            reviewing.answer(number=item.number, note="I say.", by=acting(getattr(cast, who)), at=LATER)
        assert again(item).state == State.ASKED

    def test_comes_once(self, cast: Cast, ana: Actor) -> None:
        item = make_asked(cast, ana)
        reviewing.answer(number=item.number, note="So.", by=acting(cast.dana), at=LATER)
        with pytest.raises(Conflict, match="Nobody waits"):
            reviewing.answer(number=item.number, note="Or so.", by=acting(cast.dana), at=LATER)


class TestClosing:
    def test_says_what_came_of_the_look(self, cast: Cast, ana: Actor) -> None:
        item = make_taken(cast, ana)
        close(item, ana, note="The shop was down, see INC-7.")
        assert (again(item).state, again(item).verdict, again(item).closed_at) == ("closed", "ok", LATER)
        assert newest().facts == {"verdict": "in order", "follow_up_on": None}
        assert newest().details["note"] == "The shop was down, see INC-7."

    def test_may_name_a_day_to_look_again(self, cast: Cast, ana: Actor, ben: Actor) -> None:
        item = make_taken(cast, ana)
        close(item, ana, concern=True, follow_up_on=DAY)
        assert (again(item).verdict, again(item).follow_up_on) == ("concern", DAY)
        reviewing.follow_up(number=item.number, note="Mended.", by=ben, at=LATER)
        assert again(item).followed_up_at == LATER
        with pytest.raises(Conflict, match="nothing here to look at again"):
            reviewing.follow_up(number=item.number, note="Mended.", by=ben, at=LATER)

    @pytest.mark.parametrize(
        "values", [{"concern": False, "follow_up_on": DAY}, {"concern": True, "follow_up_on": NOW.date()}]
    )
    def test_looks_again_only_at_a_concern_and_later(self, values: dict[str, Any], cast: Cast, ana: Actor) -> None:
        item = make_taken(cast, ana)
        with pytest.raises(Unacceptable, match="on a day to come"):
            close(item, ana, **values)
        assert again(item).state == State.TAKEN

    def test_does_not_wait_for_who_never_answers(self, cast: Cast, ana: Actor) -> None:
        item = make_asked(cast, ana)
        close(item, ana, concern=True)
        assert again(item).state == State.CLOSED

    def test_is_for_whoever_has_it(self, cast: Cast, ana: Actor, ben: Actor) -> None:
        item = make_taken(cast, ana)
        with pytest.raises(Conflict, match="take it first"):
            close(item, ben)

    def test_happens_once(self, cast: Cast, ana: Actor) -> None:
        item = make_taken(cast, ana)
        close(item, ana)
        with pytest.raises(Conflict, match="It is closed"):
            close(item, ana, concern=True)
        assert again(item).verdict == "ok"


def test_keeps_what_people_write_out_of_what_cannot_be_redacted(cast: Cast, ana: Actor) -> None:
    item = make_asked(cast, ana, question="canary-1")
    reviewing.answer(number=item.number, note="canary-2", by=acting(cast.dana), at=LATER)
    reviewing.note(number=item.number, note="canary-3", by=ana, at=LATER)
    close(item, ana, note="canary-4")

    assert not any("canary" in event.body for event in Event.objects.all())
    assert "canary" not in str(Item.objects.values().get())
    assert [
        event.details["note"]
        for event in Event.objects.filter(deed__startswith="review.")
        .exclude(deed=events.REVIEW_TAKEN)
        .order_by("number")
    ] == ["canary-1", "canary-2", "canary-3", "canary-4"]


# --- Who may ----------------------------------------------------------------------------------------------------------

STEPS: dict[str, Callable[..., None]] = {
    "take": lambda number, by: reviewing.take(number=number, held_by="", by=by, at=LATER),
    "give back": lambda number, by: reviewing.give_back(number=number, by=by, at=LATER),
    "note": lambda number, by: reviewing.note(number=number, note="x", by=by, at=LATER),
    "ask": lambda number, by: reviewing.ask(number=number, of=1, note="x", by=by, at=LATER),
    "close": lambda number, by: reviewing.close(number=number, concern=False, note="x", by=by, at=LATER),
    "follow up": lambda number, by: reviewing.follow_up(number=number, note="x", by=by, at=LATER),
}


@pytest.mark.parametrize("who", ["dana", "lee", "max", "eve", "worker", "manage.py"])
@pytest.mark.parametrize("step", STEPS)
def test_is_for_auditors_alone(step: str, who: str, cast: Cast) -> None:
    item = make_item(cast)
    actors = {"worker": WORKER, "manage.py": COMMAND_LINE}
    before = everything_but_the_log()

    with pytest.raises(Forbidden, match="Only auditors may review the log"):
        STEPS[step](item.number, actors.get(who) or acting(getattr(cast, who)))

    assert everything_but_the_log() == before
    assert again(item).state == State.OPEN
    assert (newest().outcome, newest().review) == (Outcome.REFUSED, True)


def do(deed: str, subject: str, by: Actor) -> None:
    with recorded(deed, subject=subject, by=by.author, at=NOW) as record:
        record.facts = {"roles": "auditor", "address": "set", "kinds": "all"}


@pytest.mark.parametrize("step", ["take", "close"])
def test_is_not_for_whoever_did_it(step: str, cast: Cast, ana: Actor) -> None:
    do("account.enrolled", "rob", ana)
    item = Item.objects.get()

    with pytest.raises(Forbidden, match="You had a part in this"):
        STEPS[step](item.number, ana)


def test_is_not_for_whoever_did_something_else_to_the_same(cast: Cast, ana: Actor, ben: Actor) -> None:
    do("channel.saved", "NOC room", acting(cast.max))
    item = Item.objects.get()
    reviewing.take(number=item.number, held_by="", by=ana, at=NOW)
    do("channel.deleted", "NOC room", ana)

    with pytest.raises(Forbidden, match="another auditor has to review it"):
        close(item, ana)
    reviewing.take(number=item.number, held_by=ana.author.key, by=ben, at=NOW)
    close(item, ben)
    assert again(item).held_by_name == "ben"


@pytest.mark.parametrize("step", ["note", "ask", "close"])
def test_wants_words(step: str, cast: Cast, ana: Actor) -> None:
    item = make_taken(cast, ana)
    steps: dict[str, Callable[[], None]] = {
        "note": lambda: reviewing.note(number=item.number, note="", by=ana, at=LATER),
        "ask": lambda: reviewing.ask(number=item.number, of=cast.dana.pk, note="", by=ana, at=LATER),
        "close": lambda: reviewing.close(number=item.number, concern=False, note="", by=ana, at=LATER),
    }
    with pytest.raises(Unacceptable, match="Write what"):
        steps[step]()
