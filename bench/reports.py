"""The reports of a month, and the lists behind their bars, among a hundred and among a million mitigations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bench.lists import LARGE, START, median
from bench.report import Report

# Milliseconds, at the median.
_GOALS = {"report": 500.0, "asked": 50.0, "approved": 50.0, "rejected": 50.0, "with": 150.0, "in": 250.0}
# In the middle of the million: 31 days with one a minute.
_MONTH, _EMPTY_MONTH = "2020-12", "2019-12"


def measure(report: Report) -> None:
    """Needs the million mitigations of `lists`, and adds their decisions. The baseline: a month without any."""
    _decide()
    baseline = {name: median(page) for name, page in _pages(_EMPTY_MONTH).items()}
    for name, page in _pages(_MONTH).items():
        goal = _GOALS[name.split()[0]]
        report.add(f"{name}, {LARGE:,} rows", median(page), "ms", beside=baseline[name], below=goal)


def _pages(name: str) -> dict[str, Callable[[], Any]]:
    from mitigations.policies.durations import took
    from mitigations.policies.lifecycle import Status
    from mitigations.policies.periods import parse
    from mitigations.selectors import reports
    from mitigations.selectors.filtering import Filter
    from mitigations.selectors.listing import page

    month = parse(name)
    assert month is not None
    asked: dict[str, Any] = {"since": month.start, "until": month.end}
    return {
        "report of a month": lambda: reports.figures(month),
        "asked for in a month": lambda: page(Filter(**asked)),
        "asked for in a month, rare status": lambda: page(Filter(**asked, statuses=(Status.UNKNOWN,))),
        "asked for in a month, by a person": lambda: page(Filter(**asked, requester="dana")),
        "approved by a person": lambda: page(Filter(approved_by="kim")),
        "approved by a person in a month": lambda: page(Filter(**asked, approved_by="kim")),
        "rejected by a person in a month": lambda: page(Filter(**asked, rejected_by="kim")),
        "with a long step in a month": lambda: page(Filter(**asked, took=took("sent-24h"))),
        "in force at a moment": lambda: page(Filter(live_at=month.end)),
    }


def _decide() -> None:
    """Kim approved all of them."""
    from django.db import connection

    from accounts.models import User

    kim = User.objects.get(username="kim").pk
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mitigations_decision (mitigation_id, verdict, note, decided_by_id, decided_at)"
            " SELECT id, 'approve', '', %s, approved_at FROM mitigations_mitigation WHERE requested_at < %s",
            [kim, START + timedelta(minutes=LARGE)],
        )
        cursor.execute("ANALYZE")
