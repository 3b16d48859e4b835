from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import events as account_events
from accounts.authority import Deed, may
from accounts.middleware import ActorRequest
from audit import selectors as log
from mitigations.forms.filtering import PeriodForm
from mitigations.policies.periods import Kind, Period, containing, parse
from mitigations.selectors import archivable, report_rows, reports, signoffs
from mitigations.services import events
from mitigations.views import report_figures
from mitigations.views.guard import needs

# What changed about who may do what to which addresses, for a report of the audit.
_CHANGES = (
    events.RULES_PUBLISHED,
    events.PLAN_SAVED,
    events.PLAN_DELETED,
    events.PLAN_IMPORTED,
    events.CATALOGUE_SAVED,
    events.CATALOGUE_RETIRED,
    events.CATALOGUE_RESTORED,
    events.CATALOGUE_IMPORTED,
    events.CATALOGUE_TIGHTENED,
    events.CATALOGUE_TAKEN_OVER,
    account_events.ENROLLED,
)


@needs(Deed.VIEW)
@require_safe
def index(request: ActorRequest) -> HttpResponse:
    form, at = PeriodForm(request.GET), timezone.now()
    period = form.chosen(at=at)
    context = {
        **_choice(form, period, at=at),
        **report_figures.context(period, reports.figures(period), at=at),
        "may_read_audit": not may(request.actor, Deed.READ_AUDIT),
    }
    return render(request, "reports/index.html", context, status=200 if form.is_valid() else 422)


@needs(Deed.READ_AUDIT)
@require_safe
def printable(request: ActorRequest) -> HttpResponse:
    """A report for the file: all of a period on paper."""
    form, at = PeriodForm(request.GET), timezone.now()
    period = form.chosen(at=at)
    found = reports.figures(period)
    context = {
        **_choice(form, period, at=at),
        "at": at,
        "figures": found,
        "tiles": report_figures.tiles(period, found, at=at),
        "outcomes": report_figures.outcomes(period, found.statuses),
        "timings": report_figures.timings(period, found),
        "rows": report_rows.of(period, found.asked),
        "archive": archivable.before(period.start),
        "changes": log.between(period.start, period.end, deeds=_CHANGES),
        "signoffs": signoffs.within(period),
    }
    return render(request, "audit/report.html", context, status=200 if form.is_valid() else 422)


def _choice(form: PeriodForm, period: Period, *, at: datetime) -> dict[str, Any]:
    """The period, and the ways to others."""
    earlier, later = period.earlier(), period.later()
    # Within the period that is shown, and as near to now as it goes.
    near = at if at in period else period.start
    return {
        "form": form,
        "period": period,
        "earlier": earlier if parse(str(earlier)) else None,
        "later": later if later.start <= at else None,
        "kinds": [(kind, containing(kind, near)) for kind in Kind],
    }
