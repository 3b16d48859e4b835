"""The overview: what is live, what waits and for whom, what is wrong. It may hang on a wall."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from audit.selectors import Late, head, late
from mitigations.policies.alarms import Code
from mitigations.policies.lifecycle import Status
from mitigations.selectors import catalogue, first_run, mitigations, observed, plan, reports
from mitigations.selectors.approvers import Awaited, awaited
from mitigations.selectors.observed import Seen
from mitigations.selectors.silence import silence
from mitigations.views import kentik, report_figures
from mitigations.views.guard import needs

if TYPE_CHECKING:
    from mitigations.models import Alarm, Mitigation

# The worker takes an approved one within milliseconds. This long without a taker, nobody is taking.
_STUCK_AFTER = timedelta(seconds=15)
# Some of what is wrong comes about by waiting alone, without an event. So old may a page be that does not show it.
_LOOKS_ANEW_AFTER = timedelta(seconds=30)
_DAYS = 30
_FIGURES = (
    ("active", "active", (Status.ACTIVE,)),
    ("pending", "to be approved", (Status.PENDING,)),
    ("sending", "on the way", (Status.APPROVED, Status.SENDING)),
    ("unknown", "unknown", (Status.UNKNOWN,)),
)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number with its words, and the address of the list that it counts."""

    name: str
    words: str
    count: int
    url: str


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A request with whom it waits for; None once it is agreed to and waits for the worker.

    `count`: how many wait for the same, having been asked for at once.
    """

    mitigation: Mitigation
    awaited: Awaited | None
    count: int


@needs(Deed.VIEW)
@require_safe
def overview(request: ActorRequest) -> HttpResponse:
    """The whole page; to HTMX, which asks for the board alone, 304 while there is nothing new on it."""
    at = timezone.now()
    seen = observed.seen_with_others(at=at)
    mark = _mark(request, seen, at)
    if (unchanged := get_conditional_response(request, etag=mark)) is not None:
        return unchanged
    wall, board = "wall" in request.GET, request.headers.get("HX-Request") == "true"
    administers = not may(request.actor, Deed.ADMINISTER)
    context = {
        **_board(request, at, wall=wall),
        "first_run": first_run.left_to_do() if administers and not board else None,
        "seen": seen,
        "at": at,
        "headers": json.dumps({"If-None-Match": mark}),
        "wall": wall,
        "is_alone": board,
    }
    answer = render(request, "overview/_board.html" if board else "overview/page.html", context)
    answer["ETag"] = mark
    return answer


def _mark(request: ActorRequest, seen: Seen, at: datetime) -> str:
    """What the board follows from: the log, what Kentik showed, who looks, and roughly what time it is."""
    parts = (
        head(),
        seen,
        seen.view.tried_at,
        request.actor.id,
        sorted(request.actor.roles),
        "wall" in request.GET,
        int(at.timestamp() / _LOOKS_ANEW_AFTER.total_seconds()),
    )
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:20]}"'


def _board(request: ActorRequest, at: datetime, *, wall: bool) -> dict[str, Any]:
    """On a wall nothing is done: whoever passes by is not whoever is signed in."""
    shown = mitigations.overview(stuck_since=at - _STUCK_AFTER)
    return {
        "overview": shown,
        "to_settle": {each.pk for each in shown.unknown if not wall and not may(request.actor, Deed.SETTLE, each)},
        "figures": _figures(shown),
        "waiting": _waiting(shown.waiting),
        "days": _days(at),
        "alarms": kentik.told(each for each in plan.alarms() if not _is_told(each)),
        "may_settle": not wall and not may(request.actor, Deed.SETTLE_ALARM),
        "may_stop": not wall and not may(request.actor, Deed.STOP),
        "me": "" if wall else request.user.username,
        "silence": silence(at=at),
        "late": _late(request, at),
        "may_edit_channels": not wall and not may(request.actor, Deed.EDIT_CHANNELS),
        "catalogue_waiting": 0 if may(request.actor, Deed.EDIT_CATALOGUE) else catalogue.count_waiting(),
    }


def _is_told(alarm: Alarm) -> bool:
    """Whether it says no more than that nobody knows what became of one, which the board says by itself."""
    return alarm.code == Code.NOT_FOUND and alarm.mitigation.status == Status.UNKNOWN


def _figures(shown: mitigations.Overview) -> list[Figure]:
    return [
        Figure(
            name=name,
            words=words,
            count=sum(shown.counts.get(status, 0) for status in statuses),
            url=f"{reverse('mitigations')}?{urlencode({'status': statuses}, doseq=True)}",
        )
        for name, words, statuses in _FIGURES
    ]


def _waiting(found: Sequence[Mitigation]) -> list[Waiting]:
    whom = awaited([each for each in found if each.status == Status.PENDING])
    return [
        Waiting(mitigation=each, awaited=whom.get(each.pk), count=each.waiting_together)  # type: ignore[attr-defined] # annotated
        for each in found
    ]


def _days(at: datetime) -> list[report_figures.Point]:
    return report_figures.days(reports.last_days(_DAYS, at=at))


def _late(request: ActorRequest, at: datetime) -> list[Late]:
    """Who does not keep up with the log: for those who can mend it, and those who rely on it."""
    concerned = any(not may(request.actor, deed) for deed in (Deed.EDIT_CHANNELS, Deed.READ_AUDIT))
    return late(at=at) if concerned else []
