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

from mitigations.kentik.messages import ReadCall, ReadOutcome
from mitigations.kentik.v6.client import V6Client
from mitigations.kentik.v6.paging import BEGINNING, Place
from mitigations.kentik.v6.questions import MitigationFilter
from mitigations.kentik.v6.states import State
from mitigations.kentik.v6.values import Answer, Listing, Page, Row
from mitigations.policies.budget import Purpose
from mitigations.selectors import kentik as reading
from mitigations.services import exchanges, following, lane, standing, syncing

logger = logging.getLogger(__name__)

_LIVE = MitigationFilter(states=tuple(state for state in State if state.occupies_its_target))
# Of the missing ones, as many as one address can name; the others come with the next look.
_ASKED_BY_ID, _ASKED_BY_TARGET = 50, 20

Ask: TypeAlias = Callable[[], Answer[Any]]
Item = TypeVar("Item")
# Yields questions, is sent their answers, and returns what they came to.
Plan: TypeAlias = Generator[Ask, Answer[Any], Item]


@dataclass(frozen=True, kw_only=True)
class _Underway:
    plan: Plan[None]
    ask: Ask


class Lookout:
    """Belongs to one worker. `turn` makes at most one call."""

    def __init__(self, client: V6Client, *, lease: timedelta, now: Callable[[], datetime]) -> None:
        self._client = client
        self._lease = lease
        self._now = now
        self._underway: _Underway | None = None

    def turn(self) -> bool:
        """Ask the next question if one is due and the lane lets it through; whether a call was made."""
        underway = self._underway or self._begin()
        if underway is None:
            return False
        self._underway = underway
        gap = lane.gap(Purpose.READ, at=self._now())
        if gap is None:
            return False
        with transaction.atomic():
            held = lane.take(gap, lease=self._lease, at=self._now())
        if held is None:
            return False
        self._underway = None
        answer = underway.ask()
        self._record(answer.call, fence=held.fence)
        self._go_on(underway.plan, answer)
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

    def _record(self, call: ReadCall, *, fence: int) -> None:
        """The exchange, the lane, and whether V6 is open to us, in one transaction."""
        at = self._now()
        with transaction.atomic():
            exchanges.keep(call, purpose=Purpose.READ, attempt=uuid.uuid4())
            lane.give_back(fence=fence, call=call, at=at)
        standing.heed(call, at=at)

    def _go_on(self, plan: Plan[None], answer: Answer[Any]) -> None:
        try:
            self._underway = _Underway(plan=plan, ask=plan.send(answer))
        except StopIteration:
            self._underway = None

    def _look(self) -> Plan[None]:
        """All that is live, and what of ours was not among it."""
        standing.tried(at=self._now())
        live = yield from _whole(partial(self._client.list_mitigations, _LIVE))
        if live is None:
            return
        missing = following.missing(live, at=self._now())
        found = list(live.rows)
        for wanted in _questions(missing):
            rest = yield from _whole(partial(self._client.list_mitigations, wanted))
            if rest is None:
                return
            found += rest.rows
        seen = Listing(rows=tuple({row.id: row for row in found}.values()), complete=live.complete)
        at = self._now()
        changed = following.take_in(seen, at=at)
        standing.looked(complete=live.complete, changed=changed, at=at)

    def _read_catalogue(self) -> Plan[None]:
        standing.tried_catalogue(at=self._now())
        platforms = yield from _whole(self._client.list_platforms)
        if platforms is None:
            return
        methods = yield from _whole(self._client.list_methods)
        if methods is not None and platforms.complete and methods.complete:
            syncing.keep(platforms.rows, methods.rows, at=self._now())


def _whole(ask: Callable[[Place], Answer[Page[Row]]]) -> Plan[Listing[Row] | None]:
    """Every page of a list, or None when one of them could not be read."""
    pages: list[Page[Row]] = []
    place: Place | None = BEGINNING
    while place is not None:
        answer: Answer[Page[Row]] = yield partial(ask, place)
        if answer.call.outcome is not ReadOutcome.READ or answer.value is None:
            logger.warning("Kentik could not be read: %s", answer.call.sentence)
            return None
        pages.append(answer.value)
        place = answer.value.next
    return Listing.of(pages)


def _questions(missing: following.Missing) -> list[MitigationFilter]:
    questions = []
    if missing.ids:
        questions.append(MitigationFilter(ids=missing.ids[:_ASKED_BY_ID]))
    if missing.targets:
        questions.append(MitigationFilter(ip_cidrs=missing.targets[:_ASKED_BY_TARGET], created_from=missing.since))
    return questions
