"""What wants a look, and periods in which things happened, for tests: say only what the test is about."""

from __future__ import annotations

from datetime import datetime

from accounts.authority import Actor
from audit.models import Event, Item
from mitigations.models import Mitigation
from mitigations.policies.lifecycle import Status
from mitigations.policies.periods import Period, parse
from mitigations.selectors import periods
from mitigations.services import events, glass
from mitigations.services.auditing import reviewing
from tests.making import NOW, make_event, make_mitigation
from tests.people import Cast, acting

REASON = "The shop is down and nobody answers."


def make_item(cast: Cast, *, at: datetime = NOW) -> Item:
    """Dana broke the glass."""
    mitigation = make_mitigation(requested_by=cast.dana, at=at)
    glass.break_glass(reference=mitigation.reference, by=acting(cast.dana), note=REASON, at=at)
    return Item.objects.latest("number")


def make_taken(cast: Cast, by: Actor, *, at: datetime = NOW) -> Item:
    item = make_item(cast, at=at)
    reviewing.take(number=item.number, held_by="", by=by, at=at)
    return again(item)


def make_asked(cast: Cast, by: Actor, *, question: str = "Why did nobody answer?") -> Item:
    """Dana is asked."""
    item = make_taken(cast, by)
    reviewing.ask(number=item.number, of=cast.dana.pk, note=question, by=by, at=NOW)
    return again(item)


def again(item: Item) -> Item:
    return Item.objects.get(pk=item.pk)


def make_asked_for(*, at: datetime = NOW) -> Mitigation:
    """An ordinary one, as far as the log goes."""
    mitigation = make_mitigation(Status.ENDED, at=at)
    make_event(events.ASKED, mitigation, at=at)
    return mitigation


def named(text: str) -> Period:
    period = parse(text)
    assert period is not None
    return period


def head_of(period: Period) -> str:
    within = periods.extent(period)
    assert within is not None
    return within.head


def newest() -> Event:
    return Event.objects.latest("number")
