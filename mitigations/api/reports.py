"""Figures of a period."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from ninja import Router

from accounts.authority import Deed
from mitigations.api import responses
from mitigations.api.calls import answered, reads, strange
from mitigations.api.door import ApiRequest
from mitigations.api.shapes.plain import Text
from mitigations.api.shapes.reports import BucketShown, Named, Report, Slice, Timing
from mitigations.policies.durations import Spread, Step
from mitigations.policies.periods import Period, parse
from mitigations.selectors import reports
from mitigations.selectors.reports import Figures

router = Router(tags=["Reports"])


@router.get("/{period}", response=responses.one(Report), summary="A report")
@reads(Deed.VIEW)
def report(request: ApiRequest, period: Text) -> HttpResponse:
    """Of a day (2026-11-25), a week (2026-W48) or a month (2026-11) of UTC."""
    found = parse(period)
    if found is None:
        raise strange("path:period", "A day reads 2026-11-25, a week 2026-W48, a month 2026-11.")
    return answered(request, _report(found, reports.figures(found)))


def _report(period: Period, figures: Figures) -> Report:
    return Report(
        period=str(period),
        start=period.start,
        end=period.end,
        asked=figures.asked,
        statuses=_plain(figures.statuses),
        glass=figures.glass,
        live_at_end=figures.live,
        requesters=_named(figures.requesters),
        teams=_named(figures.teams),
        approvers=_named(figures.approvers),
        rejecters=_named(figures.rejecters),
        platforms=_named(figures.platforms),
        methods=_named(figures.methods),
        timings=[_timing(step, spread) for step, spread in figures.steps.items() if spread is not None],
        slices=[
            Slice(start=start, end=end, statuses=_plain(each))
            for (start, end), each in zip(period.slices(), figures.slices, strict=True)
        ],
    )


def _plain(statuses: reports.Statuses) -> dict[str, int]:
    return {status.value: count for status, count in sorted(statuses.items())}


def _named(found: Sequence[reports.Named]) -> list[Named]:
    return [Named(name=each.name, count=each.count) for each in found]


def _timing(step: Step, spread: Spread) -> Timing:
    return Timing(
        step=step.value,
        words=step.words,
        count=spread.count,
        median=int(spread.median.total_seconds()),
        p90=int(spread.p90.total_seconds()),
        longest=int(spread.longest.total_seconds()),
        buckets=[BucketShown(words=bucket.words, count=count) for bucket, count in spread.buckets],
    )
