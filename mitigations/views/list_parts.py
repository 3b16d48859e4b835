"""The parts of a list of mitigations that are links: to another order, to one heading's rows, to other lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.http import QueryDict
from django.utils import timezone

from accounts.authority import Actor, Deed, may
from mitigations.forms.listing import ListForm
from mitigations.forms.searching import Relation
from mitigations.policies import lifecycle
from mitigations.policies.columns import Column
from mitigations.policies.lifecycle import IN_FORCE, WAITING, Status
from mitigations.policies.ordering import Group, Order
from mitigations.selectors import observed, saved
from mitigations.selectors.listing import Section
from mitigations.views.places import changed, list_at
from mitigations.views.to_many import WORDS

if TYPE_CHECKING:
    from mitigations.models import Mitigation


@dataclass(frozen=True, kw_only=True)
class Head:
    """The heading of a column. `url`: the list ordered by it, where it can be; `sorted`: as `aria-sort` says it."""

    column: Column
    url: str = ""
    sorted: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """`deeds`: what this person could do to it together with others, as far as that can be told without asking."""

    mitigation: Mitigation
    deeds: tuple[Deed, ...]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Rows under a heading, which leads to the whole list of what it names."""

    section: Section
    rows: list[Row]
    url: str


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A list that one press shows. `is_here`: it is what is shown."""

    words: str
    url: str
    is_here: bool


def heads(form: ListForm) -> list[Head]:
    return [_head(form, each) for each in form.columns]


def _head(form: ListForm, column: Column) -> Head:
    """Pressing it takes the next of its orders, and after the last the usual one."""
    if not column.orders:
        return Head(column=column)
    now, orders = form.order, (*column.orders, Order.NEWEST)
    if now not in column.orders:
        return Head(column=column, url=_ordered(form, orders[0]))
    return Head(column=column, url=_ordered(form, orders[orders.index(now) + 1]), sorted=_SORTED[now])


def _ordered(form: ListForm, order: Order) -> str:
    return changed(form.text, sort=None if order is Order.NEWEST else order.value)


_SORTED = {
    Order.NEWEST: "descending",
    Order.OLDEST: "ascending",
    Order.TARGET: "ascending",
    Order.ENDS: "ascending",
}


def parts(form: ListForm, sections: Iterable[Section], *, actor: Actor) -> list[Part]:
    return [
        Part(
            section=each,
            rows=[Row(mitigation=row, deeds=_possible(actor, row)) for row in each.rows],
            url=_whole(form, each.key) if each.key else "",
        )
        for each in sections
    ]


def _possible(actor: Actor, mitigation: Mitigation) -> tuple[Deed, ...]:
    """What is being stopped already need not be stopped once more."""
    status, is_stopping = Status(mitigation.status), observed.is_being_stopped(mitigation, at=timezone.now())
    return tuple(
        deed
        for deed in WORDS
        if not (may(actor, deed, mitigation) or lifecycle.objections(status, deed))
        and not (deed is Deed.STOP and is_stopping)
    )


def _whole(form: ListForm, key: str) -> str:
    """The list of all that a heading names, no longer under headings."""
    match form.cleaned_data["group"]:
        case Group.TARGET:
            return changed(form.text, group=None, target=key, how=Relation.EXACTLY.value)
        case Group.DAY:
            since, until = _day(key, form)
            return changed(form.text, group=None, since=since, until=until)
        case group:
            return changed(form.text, group=None, **{str(group): key})


def _day(key: str, form: ListForm) -> tuple[str, str]:
    """The day, or as much of it as the list is about."""
    begin = datetime.combine(date.fromisoformat(key), time(), UTC)
    since, until = form.cleaned_data["since"], form.cleaned_data["until"]
    end = begin + timedelta(days=1)
    return _minute(max(begin, since or begin)), _minute(min(end, until or end))


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}"


def said(form: ListForm) -> list[tuple[str, str]]:
    """What the list is filtered by, in words, each with the list without it."""
    found = {} if form.errors else form.said
    return [(words, changed(form.text, **{name: None})) for name, words in found.items()]


def chips(actor: Actor, here: str) -> list[Chip]:
    """What everybody looks for all day, then what this person and everybody have saved."""
    usual = [
        ("All", ""),
        ("In force", _statuses(IN_FORCE)),
        ("Waiting", _statuses(WAITING)),
        ("Mine", f"by={actor.username}"),
    ]
    kept = [(each.name, each.query) for each in saved.offered(actor)]
    return [Chip(words=words, url=list_at(query), is_here=query == here) for words, query in (*usual, *kept)]


def _statuses(wanted: frozenset[Status]) -> str:
    said = QueryDict(mutable=True)
    said.setlist("status", [each.value for each in Status if each in wanted])
    return said.urlencode()
