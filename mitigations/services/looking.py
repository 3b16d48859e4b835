"""Looking at Kentik: what is live, and what the catalogue is, on a schedule, one call at a time.

Questions use what the lane has left over. A look may take several calls, and what it brought is taken in when it has
all of them: from half a list nothing may be concluded.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias, TypeVar

from django.db import transaction

from mitigations.kentik.messages import ReadCall
from mitigations.kentik.v6.client import V6Client
from mitigations.kentik.v6.paging import BEGINNING, Place
from mitigations.kentik.v6.questions import MitigationFilter
from mitigations.kentik.v6.states import MitigationType, State
from mitigations.kentik.v6.values import Answer, KentikMitigation, Listing, Page, Row
from mitigations.policies.budget import Purpose
from mitigations.selectors import kentik as reading
from mitigations.services import exchanges, following, lane, standing, syncing
from mitigations.services.mirror import Look

logger = logging.getLogger(__name__)

# Without UNSPECIFIED: a server may take the zero of an enum for no filter at all. What is in a state that nobody knows
# and is ours, is asked for by its ID.
_LIVE = MitigationFilter(
    states=tuple(each for each in State if each.occupies_its_target and each is not State.UNSPECIFIED)
)
# As many as one address can name.
_IDS_AT_ONCE = 50

Ask: TypeAlias = Callable[[], Answer[Any]]
Insist: TypeAlias = Callable[[Callable[[], object]], None]
Item = TypeVar("Item")
# Yields questions, is sent their answers, and returns what they came to.
Plan: TypeAlias = Generator[Ask, Answer[Any], Item]


@dataclass(frozen=True, kw_only=True)
class _Underway:
    plan: Plan[None]
    ask: Ask


class _Unread(Exception):
    """A page could not be read; the message says why."""


class Lookout:
    """Belongs to one worker. `turn` makes at most one call. `insist` records what exists once, until it is recorded."""

    def __init__(self, client: V6Client, *, lease: timedelta, now: Callable[[], datetime], insist: Insist) -> None:
        self._client = client
        self._lease = lease
        self._now = now
        self._insist = insist
        self._underway: _Underway | None = None

    def turn(self) -> bool:
        """Ask the next question if one is due and the lane lets it through; whether a call was made."""
        underway = self._underway = self._underway or self._begin()
        if underway is None or (held := self._take_the_lane()) is None:
            return False
        # Should anything fail from here on, the look is given up, and the next one begins anew.
        self._underway = None
        answer, attempt = underway.ask(), uuid.uuid4()
        self._insist(lambda: self._record(answer.call, attempt=attempt, fence=held.fence))
        self._underway = _next(underway.plan, answer)
        return True

    def _begin(self) -> _Underway | None:
        """Whatever is due, as a plan with its first question."""
        at = self._now()
        if reading.is_look_due(at=at):
            plan = self._look()
        elif reading.is_catalogue_due(at=at):
            plan = self._read_catalogue()
        else:
            return None
        return _Underway(plan=plan, ask=next(plan))

    def _take_the_lane(self) -> lane.Held | None:
        gap = lane.gap(Purpose.READ, at=self._now())
        if gap is None:
            return None
        with transaction.atomic():
            return lane.take(gap, lease=self._lease, at=self._now())

    def _record(self, call: ReadCall, *, attempt: uuid.UUID, fence: int) -> None:
        with transaction.atomic():
            if not exchanges.is_kept(call, attempt=attempt):
                exchanges.keep(call, purpose=Purpose.READ, attempt=attempt)
                lane.give_back(fence=fence, call=call, at=self._now())

    def _look(self) -> Plan[None]:
        """All that is live, and what of ours was not among it."""
        began_at = self._now()
        standing.tried(at=began_at)
        try:
            live = yield from self._whole(_LIVE)
            lists = [live]
            for wanted in _questions(following.missing(live, at=began_at)):
                lists += [(yield from self._whole(wanted))]
        except _Unread as trouble:
            standing.failed(trouble=str(trouble))
            return
        following.take_in(Look.of(lists, began_at=began_at))

    def _read_catalogue(self) -> Plan[None]:
        standing.tried_catalogue(at=self._now())
        try:
            platforms = yield from _pages(self._client.list_platforms)
            methods = yield from _pages(self._client.list_methods)
        except _Unread:
            return
        if platforms.complete and methods.complete:
            syncing.keep(platforms.rows, methods.rows, at=self._now())

    def _whole(self, wanted: MitigationFilter) -> Plan[Listing[KentikMitigation]]:
        """All pages of a list of mitigations: the answers that tell whether V6 is open to the portal."""
        return _pages(
            partial(self._client.list_mitigations, wanted), heed=lambda call: standing.heed(call, at=self._now())
        )


def _pages(
    ask: Callable[[Place], Answer[Page[Row]]], *, heed: Callable[[ReadCall], None] | None = None
) -> Plan[Listing[Row]]:
    """Every page of a list. Raises _Unread."""
    pages: list[Page[Row]] = []
    place: Place | None = BEGINNING
    while place is not None:
        answer: Answer[Page[Row]] = yield partial(ask, place)
        if heed is not None:
            heed(answer.call)
        if answer.value is None:
            logger.warning("Kentik could not be read: %s", answer.call.sentence)
            raise _Unread(answer.call.sentence)
        pages.append(answer.value)
        place = answer.value.next
    return Listing.of(pages)


def _next(plan: Plan[None], answer: Answer[Any]) -> _Underway | None:
    try:
        return _Underway(plan=plan, ask=plan.send(answer))
    except StopIteration:
        return None


def _questions(missing: following.Missing) -> list[MitigationFilter]:
    parts = range(0, len(missing.ids), _IDS_AT_ONCE)
    questions = [MitigationFilter(ids=missing.ids[start : start + _IDS_AT_ONCE]) for start in parts]
    if missing.since is not None:
        # Not by target: whether Kentik finds what Flowspec does by its prefix is not known.
        questions.append(MitigationFilter(types=(MitigationType.MANUAL,), created_from=missing.since))
    return questions
