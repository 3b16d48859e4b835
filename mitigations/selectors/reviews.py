"""Reading the review: the items of the inbox, one with all that belongs to it, and questions to somebody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q, QuerySet

from accounts.authority import Actor
from accounts.models import User
from audit import chaining, vocabulary
from audit.models import Event, Item, Outcome, State
from audit.selectors import Entry, entries, story
from mitigations.models import Alarm, Mitigation
from mitigations.policies import reviewing
from mitigations.policies.reviewing import Standing
from mitigations.selectors import mitigations

PAGE = 50
# A badge needs no more, and nobody is asked more than this at once.
_MANY = 100
_SUBJECT = "event "


class Shown(StrEnum):
    """Which items the inbox shows."""

    OPEN = "open"
    MINE = "mine"
    ASKED = "asked"
    FOLLOW_UP = "follow-up"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One item, and the event that it is about, told."""

    item: Item
    entry: Entry
    heading: str


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """`older`: the number to go on from, None at the end."""

    rows: list[Row]
    older: int | None


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question to somebody, and where it is answered, what they said."""

    item: Item
    entry: Entry
    asked_by: str
    question: str
    answer: str

    @property
    def is_open(self) -> bool:
        return self.item.state == State.ASKED


def subject(number: int) -> str:
    """What the events of an item's review are about."""
    return f"{_SUBJECT}{number}"


def inbox(shown: Shown, *, kind: str, by: Actor, after: int | None, size: int = PAGE) -> Inbox:
    """A page of items: the gravest first, of those the oldest; what is closed newest first."""
    items = _shown(shown, by)
    if kind:
        items = items.filter(kind=kind)
    if after is not None:
        items = items.filter(_after(shown, after))
    found = list(items.order_by(*_ORDER.get(shown, ("-grave", "number")))[: size + 1])
    older = found[size - 1].number if len(found) > size else None
    return Inbox(rows=rows(found[:size]), older=older)


def count_open() -> int:
    """At most a hundred."""
    return _not_closed()[:_MANY].count()


def one(number: int) -> Row:
    """Raises Item.DoesNotExist."""
    found = rows([Item.objects.get(pk=number)])
    if not found:
        raise Item.DoesNotExist(f"Event {number} is archived.")
    return found[0]


def next_one(number: int) -> int | None:
    """The next item, in the order of the inbox, that nobody has: after this one, else from the beginning."""
    waiting = Item.objects.filter(state=State.OPEN).exclude(pk=number).order_by("-grave", "number")
    after = waiting.filter(_after(Shown.OPEN, number)).values_list("number", flat=True).first()
    return after or waiting.values_list("number", flat=True).first()


def conversation(number: int) -> list[Entry]:
    """What auditors and those whom they asked said about an event, and each step of its review."""
    return story(subject(number))


def about(entry: Entry) -> Mitigation | None:
    """The mitigation that an event is about, with everything that is known of it."""
    try:
        return mitigations.one(entry.subject)
    except Mitigation.DoesNotExist:
        return None


def alarms(mitigation: Mitigation) -> list[Alarm]:
    """All that were ever raised about it, with what was said of them."""
    return list(mitigation.alarms.select_related("settled_by"))


def standing(item: Item) -> Standing:
    return Standing(held_by=item.held_by, closed=item.is_closed, to_be_followed_up=item.is_to_be_followed_up)


def had_a_part(item: Item, key: str) -> bool:
    """Whether somebody did this, or anything else to the same subject, besides reviewing it."""
    event = Event.objects.only("actor", "subject").get(pk=item.number)
    theirs = Event.objects.filter(subject=event.subject, actor=key).exclude(deed__startswith=reviewing.DEEDS)
    return event.actor == key or theirs.exists()


def people_to_ask(by: Actor) -> list[User]:
    """Everybody with an account but the one who asks."""
    return list(User.objects.filter(is_active=True).exclude(pk=by.id or 0).order_by("username"))


def questions(actor: Actor) -> list[Question]:
    """Those that somebody has still to answer, the oldest first, and then what they answered last."""
    key = actor.author.key
    waiting = Item.objects.filter(asked_of=key, state=State.ASKED).order_by("number")[:_MANY]
    answered = Item.objects.filter(asked_of=key, answered_at__isnull=False).order_by("-answered_at")[:10]
    return _questions([*waiting, *answered])


def count_questions(actor: Actor) -> int:
    return Item.objects.filter(asked_of=actor.author.key, state=State.ASKED)[:_MANY].count()


def _shown(shown: Shown, by: Actor) -> QuerySet[Item]:
    match shown:
        case Shown.OPEN:
            return _not_closed()
        case Shown.MINE:
            return _not_closed().filter(held_by=by.author.key)
        case Shown.ASKED:
            return _not_closed().filter(state__in=[State.ASKED, State.ANSWERED])
        case Shown.FOLLOW_UP:
            return Item.objects.filter(follow_up_on__isnull=False, followed_up_at=None)
        case Shown.CLOSED:
            return Item.objects.filter(state=State.CLOSED, number__gt=chaining.beginning(Event).number)


_ORDER = {Shown.CLOSED: ("-number",), Shown.FOLLOW_UP: ("follow_up_on", "number")}


def _not_closed() -> QuerySet[Item]:
    return Item.objects.exclude(state=State.CLOSED)


def _after(shown: Shown, number: int) -> Q:
    """What comes after this item in the order of the list."""
    last = Item.objects.filter(pk=number).values("grave", "follow_up_on").first()
    if shown is Shown.CLOSED:
        return Q(number__lt=number)
    if shown is Shown.FOLLOW_UP:
        day = last["follow_up_on"] if last else None
        return Q(follow_up_on=day, number__gt=number) | Q(follow_up_on__gt=day) if day else Q()
    if last is not None and last["grave"]:
        return Q(grave=True, number__gt=number) | Q(grave=False)
    return Q(grave=False, number__gt=number)


def rows(items: Iterable[Item]) -> list[Row]:
    """These items in their order, each with its event; those whose event is archived are left out."""
    items = list(items)
    told = entries([item.number for item in items])
    return [
        Row(item=item, entry=told[item.number], heading=vocabulary.named(item.kind).words)
        for item in items
        if item.number in told
    ]


def _questions(items: list[Item]) -> list[Question]:
    told = entries([item.number for item in items])
    asked, answered = (_latest(deed, items) for deed in (reviewing.ASKED, reviewing.ANSWERED))
    return [
        Question(
            item=item,
            entry=told[item.number],
            asked_by=asked[item.number].actor_name,
            question=_note(asked[item.number]),
            answer="" if item.answered_at is None else _note(answered[item.number]),
        )
        for item in items
        if item.number in told and item.number in asked
    ]


def _latest(deed: str, items: Iterable[Item]) -> dict[int, Event]:
    """The newest such event of each item's review."""
    numbers = {subject(item.number): item.number for item in items}
    said = Event.objects.filter(subject__in=numbers, deed=deed, outcome=Outcome.DONE).order_by("number")
    return {numbers[event.subject]: event for event in said}


def _note(event: Event) -> str:
    return str(event.details.get("note", ""))
