"""How Kentik stands to the portal right now, asked with reads only, for whoever sets it up or wonders."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from django.conf import settings
from django.db import transaction

from mitigations.kentik.account import Account
from mitigations.kentik.messages import ReadCall, ReadOutcome
from mitigations.kentik.v6.client import V6Client
from mitigations.kentik.v6.paging import BEGINNING, Place
from mitigations.kentik.v6.values import Answer, Listing, Method, Page, Platform
from mitigations.policies import catalogue_difference, catalogue_shown, clock
from mitigations.policies.budget import Purpose
from mitigations.selectors import catalogue
from mitigations.selectors.lane import limits
from mitigations.services import exchanges, lane, standing, syncing
from mitigations.services.kentik_account import account

_GLANCE = 0.2
_BUSY = "The lane to Kentik did not come free: another call is under way, or the budget is spent."
Item = TypeVar("Item", Platform, Method)


@dataclass(frozen=True, kw_only=True)
class Report:
    """`well`: nothing has to be mended. The sentences hold no credential."""

    well: bool
    sentences: tuple[str, ...]


class _Trouble(Exception):
    """Why there is no answer, in a sentence."""


def check(*, now: Callable[[], datetime], patience: timedelta = timedelta(minutes=1)) -> Report:
    """Ask, waiting no longer than `patience` for the lane. Kept is what was exchanged, and whether V6 is open; no more.

    Raises ValueError with one clear sentence when the settings are not fit to call with.
    """
    limits()
    known = account()
    said = [f"Mitigations are started at {known.base_url}, spelled as {known.spelling}."]
    if not known.v6_url:
        said.append("V6 is off (KENTIK_V6), so nothing can be read: the first start tells whether Kentik knows us.")
        return Report(well=True, sentences=tuple(said))
    said.append(f"Reads and stops go to {known.v6_url}.")
    reader = _Reader(known, now=now, patience=patience)
    well = True
    try:
        platforms, methods = reader.whole(reader.v6.list_platforms), reader.whole(reader.v6.list_methods)
    except _Trouble as trouble:
        well = False
        said.append(str(trouble))
    else:
        said += ["Kentik accepts the credentials, and its V6 is open to the portal.", *_compared(platforms, methods)]
        well = platforms.complete and methods.complete
    skew_is_fine, sentence = _skew(reader.newest)
    return Report(well=well and skew_is_fine, sentences=(*said, *sentence))


class _Reader:
    """Asks one question at a time, by the lane. `newest`: the last finished call."""

    def __init__(self, known: Account, *, now: Callable[[], datetime], patience: timedelta) -> None:
        self.v6 = V6Client(replace(known, total=min(known.total, settings.KENTIK_V6_CALL_SECONDS)), now=now)
        self.newest: ReadCall | None = None
        self._now = now
        self._patience = patience.total_seconds()

    def whole(self, ask: Callable[[Place], Answer[Page[Item]]]) -> Listing[Item]:
        """Every page of a list. Raises _Trouble."""
        pages: list[Page[Item]] = []
        place: Place | None = BEGINNING
        while place is not None:
            page = self._ask(partial(ask, place))
            pages.append(page)
            place = page.next
        return Listing.of(pages)

    def _ask(self, question: Callable[[], Answer[Page[Item]]]) -> Page[Item]:
        held = self._take()
        answer = question()
        self.newest = answer.call
        with transaction.atomic():
            exchanges.keep(answer.call, purpose=Purpose.READ, attempt=uuid.uuid4())
            lane.give_back(fence=held.fence, call=answer.call, at=self._now())
        standing.heed(answer.call, at=self._now())
        if answer.call.outcome is not ReadOutcome.READ or answer.value is None:
            raise _Trouble(_why(answer.call))
        return answer.value

    def _take(self) -> lane.Held:
        deadline = time.monotonic() + self._patience
        lease = timedelta(seconds=settings.WORKER_LEASE_SECONDS)
        while True:
            at = self._now()
            gap = lane.gap(Purpose.READ, at=at)
            if gap is not None:
                with transaction.atomic():
                    held = lane.take(gap, lease=lease, at=at)
                if held is not None:
                    return held
            if time.monotonic() >= deadline:
                raise _Trouble(_BUSY)
            time.sleep(_GLANCE)


def _why(call: ReadCall) -> str:
    status = call.received.status if call.received else None
    if status == 401:
        return f"Kentik does not accept the credentials, or this is the wrong region. {call.sentence}"
    if call.outcome is ReadOutcome.REFUSED:
        return f"V6 is closed to the portal: its user may not, or the account has none. {call.sentence}"
    return f"Kentik could not be read. {call.sentence}"


def _compared(platforms: Listing[Platform], methods: Listing[Method]) -> list[str]:
    shown = catalogue_shown.read(*syncing.plain(platforms.rows, methods.rows))
    difference = catalogue_difference.compare(shown, catalogue.ours())
    counts = ((shown.platforms, "platform"), (shown.methods, "method"), (shown.links, "link"))
    said = [f"Its catalogue has {', '.join(_count(len(things), word) for things, word in counts)}."]
    if not (platforms.complete and methods.complete):
        said.append("It is longer than can be read, or changed while it was read, so it proves nothing.")
    elif difference:
        said.append(f"It differs from ours in {_count(difference.count, 'point')}: Catalogue, Compare with Kentik.")
    elif not shown.is_doubtful:
        said.append("It is the same as ours.")
    return [*said, *(each.sentence for each in catalogue_difference.odd(shown))]


def _skew(call: ReadCall | None) -> tuple[bool, list[str]]:
    """Whether the clocks are near enough, and what to say of them."""
    if call is None or call.server_at is None:
        return True, ["Kentik does not tell its time, so nothing is known of the clocks."] if call else []
    took = timedelta(milliseconds=call.duration_ms)
    skew = clock.skew(server_at=call.server_at, started_at=call.started_at, took=took)
    if not clock.is_told(skew):
        return True, ["The clocks agree, as far as whole seconds tell."]
    direction = "ahead of" if skew > timedelta() else "behind"
    sentence = f"Kentik's clock is {round(abs(skew).total_seconds())} s {direction} ours."
    if not clock.matters(skew):
        return True, [sentence]
    return False, [f"{sentence} Set this machine's clock by NTP."]


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
