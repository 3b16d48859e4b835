from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from audit.selectors import Late, head, late
from mitigations.policies.lifecycle import Status
from mitigations.selectors import catalogue, first_run, mitigations, observed, plan
from mitigations.selectors.silence import silence
from mitigations.views import freshness, kentik
from mitigations.views.guard import needs

# The worker takes an approved one within milliseconds. This long without a taker, nobody is taking.
_STUCK_AFTER = timedelta(seconds=15)
_FIGURES = (
    ("active", "active", (Status.ACTIVE,)),
    ("pending", "to be approved", (Status.PENDING,)),
    ("sending", "on the way", (Status.APPROVED, Status.SENDING)),
    ("unknown", "unknown", (Status.UNKNOWN,)),
)


@needs(Deed.VIEW)
@require_safe
def overview(request: ActorRequest) -> HttpResponse:
    newest = head()
    if (answer := freshness.answer(request, newest=newest)) is not None:
        return answer
    at = timezone.now()
    shown = mitigations.overview(stuck_since=at - _STUCK_AFTER)
    figures = [
        (name, words, sum(shown.counts.get(status, 0) for status in statuses)) for name, words, statuses in _FIGURES
    ]
    context = {
        "overview": shown,
        "figures": figures,
        "newest": newest,
        "alarms": kentik.told(plan.alarms()),
        "seen": observed.seen_with_others(at=at),
        "may_settle": not may(request.actor, Deed.SETTLE_ALARM),
        "may_stop": not may(request.actor, Deed.STOP),
        "silence": silence(at=at),
        "first_run": None if may(request.actor, Deed.ADMINISTER) else first_run.left_to_do(),
        "late": _late(request, at),
        "may_edit_channels": not may(request.actor, Deed.EDIT_CHANNELS),
        "catalogue_waiting": 0 if may(request.actor, Deed.EDIT_CATALOGUE) else catalogue.count_waiting(),
    }
    return render(request, "overview.html", context)


def _late(request: ActorRequest, at: datetime) -> list[Late]:
    """Who does not keep up with the log: for those who can mend it, and those who rely on it."""
    concerned = any(not may(request.actor, deed) for deed in (Deed.EDIT_CHANNELS, Deed.READ_AUDIT))
    return late(at=at) if concerned else []
