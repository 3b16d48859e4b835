"""Working through what wants a look: an auditor takes an item, asks, notes, and closes it. Each step is an event.

What people write stands in the event, where it can be redacted. Two auditors may press at once: every step changes the
item only as it was when it was read, and whoever comes second is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from accounts.authority import Actor, Deed, demand
from accounts.selectors import actor_for
from audit.author import Origin
from audit.ledger import Record, recorded
from audit.models import Item, State, Verdict
from audit.refusal import Conflict, Forbidden, Objection, Unacceptable
from mitigations.policies.reviewing import Step, objections
from mitigations.selectors import reviews
from mitigations.services import events


def take(*, number: int, held_by: str, by: Actor, at: datetime) -> None:
    """Take an item, from nobody or from whoever held it when this auditor looked: `held_by`, empty for nobody."""
    with _step(Step.TAKE, events.REVIEW_TAKEN, number, by, at) as (item, record):
        if item.held_by != held_by:
            raise Conflict([_ELSEWHERE])
        record.facts = {"from": item.held_by_name}
        state = State.TAKEN if item.state == State.OPEN else item.state
        _change(item, state=state, held_by=by.author.key, held_by_name=by.username, held_at=at)


def give_back(*, number: int, by: Actor, at: datetime) -> None:
    """Let go of it, for another auditor to take. A question that was asked about it is not waited for any more."""
    with _step(Step.GIVE_BACK, events.REVIEW_GIVEN_BACK, number, by, at) as (item, _):
        _change(item, state=State.OPEN, held_by="", held_by_name="", held_at=None)


def note(*, number: int, note: str, by: Actor, at: datetime) -> None:
    with _step(Step.NOTE, events.REVIEW_NOTED, number, by, at) as (item, record):
        record.detail = {"note": _written(note, "Write what is to be noted.")}
        _change(item)


def ask(*, number: int, of: int, note: str, by: Actor, at: datetime) -> None:
    """Ask somebody, by the number of their account, for an explanation. Another question before takes its place."""
    with _step(Step.ASK, events.REVIEW_ASKED, number, by, at) as (item, record):
        person = next((each for each in reviews.people_to_ask(by) if each.pk == of), None)
        if person is None:
            raise Unacceptable([Objection(code="of", sentence="Say whom you ask: somebody else, with an account.")])
        record.detail = {"note": _written(note, "Write what you want to know.")}
        asked = actor_for(person, origin=Origin()).author
        record.facts = {"of": asked.name, "of_key": asked.key}
        _change(item, state=State.ASKED, asked_of=asked.key, asked_of_name=asked.name, asked_at=at, answered_at=None)


def answer(*, number: int, note: str, by: Actor, at: datetime) -> None:
    """What whoever was asked says. Raises Forbidden for everybody else, and Conflict when nobody waits for it."""
    with recorded(events.REVIEW_ANSWERED, subject=reviews.subject(number), by=by.author, at=at) as record:
        demand(by, Deed.ANSWER_QUESTION)
        item = _locked(number)
        if item.asked_of != by.author.key:
            raise Forbidden([Objection(code="not-asked", sentence="Only whoever was asked may answer.")])
        if item.state != State.ASKED:
            raise Conflict([Objection(code="not-now", sentence="Nobody waits for an answer to this any more.")])
        record.detail = {"note": _written(note, "Write your answer.")}
        _change(item, state=State.ANSWERED, answered_at=at)


def close(*, number: int, concern: bool, note: str, follow_up_on: date | None = None, by: Actor, at: datetime) -> None:
    """Say what came of the look. A concern may name a day by which somebody looks again."""
    with _step(Step.CLOSE, events.REVIEW_CLOSED, number, by, at) as (item, record):
        day = follow_up_on.isoformat() if follow_up_on else None
        record.facts = {"verdict": "a concern" if concern else "in order", "follow_up_on": day}
        record.detail = {"note": _written(note, "Write what you looked at, and what you found.")}
        if follow_up_on is not None and (not concern or follow_up_on <= at.date()):
            sentence = "Only a concern is looked at again, and on a day to come."
            raise Unacceptable([Objection(code="follow_up_on", sentence=sentence)])
        verdict = Verdict.CONCERN if concern else Verdict.OK
        _change(item, state=State.CLOSED, closed_at=at, verdict=verdict, follow_up_on=follow_up_on)


def follow_up(*, number: int, note: str, by: Actor, at: datetime) -> None:
    """Say that a concern was looked at again, and what has become of it."""
    with _step(Step.FOLLOW_UP, events.REVIEW_FOLLOWED_UP, number, by, at) as (item, record):
        record.detail = {"note": _written(note, "Write what has become of it.")}
        _change(item, followed_up_at=at)


@contextmanager
def _step(step: Step, deed: str, number: int, by: Actor, at: datetime) -> Iterator[tuple[Item, Record]]:
    """One step of an auditor: the item, locked, once it is sure that they may."""
    with recorded(deed, subject=reviews.subject(number), by=by.author, at=at) as record:
        demand(by, Deed.REVIEW)
        item = _locked(number)
        involved = reviews.had_a_part(item, by.author.key)
        found = objections(step, reviews.standing(item), by=by.author.key, had_a_part=involved)
        if found:
            raise Forbidden(found) if involved else Conflict(found)
        yield item, record


def _locked(number: int) -> Item:
    return Item.objects.select_for_update().get(pk=number)


def _change(item: Item, **values: object) -> None:
    """Only as it was when it was read: the row count says whether somebody else was faster."""
    same = Item.objects.filter(pk=item.pk, state=item.state, held_by=item.held_by, followed_up_at=item.followed_up_at)
    if not same.update(**{"state": item.state, **values}):
        raise Conflict([_ELSEWHERE])


def _written(note: str, sentence: str) -> str:
    if not note:
        raise Unacceptable([Objection(code="note", sentence=sentence)])
    return note


_ELSEWHERE = Objection(code="elsewhere", sentence="Somebody else was faster with this one. Look at it as it is now.")
