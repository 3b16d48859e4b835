"""The log as sentences: a page of it, newest first, by whatever somebody looks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from audit import word_index, words
from audit.models import Event, Outcome
from audit.words import FACETS

PAGE = 50
_LARGEST = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Entry:
    number: int
    at: datetime
    deed: str
    actor: str
    subject: str
    sentence: str
    refused: bool
    needs_review: bool
    note: str


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which events are wanted; an empty filter wants all. All that is said must hold.

    `words` as somebody typed them (`audit.words`). `since` is the first moment wanted, `until` the first that is not.
    """

    words: str = ""
    actor_name: str = ""
    deed: str = ""
    subject: str = ""
    ip: str = ""
    request_id: str = ""
    outcome: str = ""
    review: bool = False
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_a_range(self) -> bool:
        """Whether it wants every event of some time, or all."""
        return self == Filter(since=self.since, until=self.until)

    @property
    def facets(self) -> dict[str, Any]:
        """What columns must hold."""
        return {name: value for name in FACETS if (value := getattr(self, name))}


@dataclass(frozen=True, kw_only=True)
class Page:
    """Entries newest first. `newer` and `older` are the numbers to go on from, None at the ends."""

    entries: list[Entry]
    newer: int | None = None
    older: int | None = None


def story(subject: str, *, limit: int = 200) -> list[Entry]:
    """The newest `limit` events of one subject, in the order in which they happened."""
    events = Event.objects.filter(subject=subject)[:limit]
    return _entries(events)[::-1]


def page(wanted: Filter, *, before: int | None = None, after: int | None = None, size: int = PAGE) -> Page:
    """The newest `size` events, those before a number, or those after one. A constant number of queries."""
    low, high = _numbers_between(wanted.since, wanted.until)
    if after is not None:
        found = _found(wanted, low=max(low, after + 1), high=high, count=size + 1, newest_first=False)
        return _page(found[:size][::-1], newer=len(found) > size, older=True)
    if before is not None:
        high = min(high, before - 1)
    found = _found(wanted, low=low, high=high, count=size + 1, newest_first=True)
    return _page(found[:size], newer=before is not None, older=len(found) > size)


def entries(numbers: Collection[int]) -> dict[int, Entry]:
    """These events by their numbers; one that does not exist is not among them."""
    return {entry.number: entry for entry in _entries(Event.objects.filter(number__in=numbers))}


def between(start: datetime, end: datetime, *, deeds: Collection[str], limit: int = 1000) -> list[Entry]:
    """The newest `limit` deeds of these kinds that were done from `start` up to `end`, in the order of the log."""
    events = Event.objects.filter(deed__in=deeds, outcome=Outcome.DONE, at__gte=start, at__lt=end)
    return _entries(events[:limit])[::-1]


def following(wanted: Filter, *, after: int, up_to: int, count: int) -> list[Event]:
    """The first `count` events after a number, oldest first, none beyond `up_to`."""
    low, high = _numbers_between(wanted.since, wanted.until)
    return _found(wanted, low=max(low, after + 1), high=min(high, up_to), count=count, newest_first=False)


def how_many(wanted: Filter, *, up_to: int, most: int) -> int:
    """How many there are; `most` + 1 when there are more."""
    low, high = _numbers_between(wanted.since, wanted.until)
    high = min(high, up_to)
    phrases = words.asked(wanted.words)
    if not phrases:
        events = Event.objects.filter(number__gte=low, number__lte=high, **wanted.facets).order_by()
        return events[: most + 1].count()
    return len(word_index.find(phrases, wanted.facets, low=low, high=high, count=most + 1, newest_first=True))


def head() -> int:
    """The number of the newest event: it changes whenever anything has happened."""
    newest = Event.objects.values_list("number", flat=True).first()
    return newest or 0


def newest_of(subject: str) -> int:
    newest = Event.objects.filter(subject=subject).values_list("number", flat=True).first()
    return newest or 0


def entry(event: Event) -> Entry:
    return Entry(
        number=event.number,
        at=event.at,
        deed=event.deed,
        actor=event.actor_name,
        subject=event.subject,
        sentence=event.sentence,
        refused=event.outcome == Outcome.REFUSED,
        needs_review=event.review,
        note=event.note,
    )


def _entries(events: Iterable[Event]) -> list[Entry]:
    return [entry(event) for event in events]


def _page(events: list[Event], *, newer: bool, older: bool) -> Page:
    return Page(
        entries=_entries(events),
        newer=events[0].number if events and newer else None,
        older=events[-1].number if events and older else None,
    )


def _found(wanted: Filter, *, low: int, high: int, count: int, newest_first: bool) -> list[Event]:
    """By words from their index, which knows the columns too, and in any case from the log itself."""
    events = Event.objects.filter(**wanted.facets)
    if wanted.words:
        phrases = words.asked(wanted.words)
        span = {"low": low, "high": high, "count": count}
        found = word_index.find(phrases, wanted.facets, newest_first=newest_first, **span) if phrases else []
        events = events.filter(number__in=found)
    else:
        events = events.filter(number__gte=low, number__lte=high)
    return list(events.order_by("-number" if newest_first else "number")[:count])


def _numbers_between(since: datetime | None, until: datetime | None) -> tuple[int, int]:
    """As numbers, for the log is in the order of its times: every other filter has an index by number."""
    low = 0 if since is None else _first_at(since)
    high = _LARGEST if until is None else _first_at(until) - 1
    return low, high


def _first_at(at: datetime) -> int:
    """The number of the first event at this time or later."""
    rows: QuerySet[Event, int] = (
        Event.objects.filter(at__gte=at).order_by("at", "number").values_list("number", flat=True)
    )
    first = rows.first()
    return _LARGEST if first is None else first
