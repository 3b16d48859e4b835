"""The figures of a period as charts and rows, each with the address of the list that it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from mitigations.policies.durations import Spread, Step, Took
from mitigations.policies.lifecycle import Status
from mitigations.policies.periods import Kind, Period
from mitigations.selectors.reports import Figures, Named, Statuses

IN_FORCE = (Status.ACTIVE, Status.ENDED, Status.STOPPED)
TROUBLE = (Status.REFUSED, Status.UNKNOWN)
NOT_SENT = (Status.REJECTED, Status.WITHDRAWN, Status.EXPIRED)
UNDER_WAY = (Status.PENDING, Status.APPROVED, Status.SENDING)
# The columns of the table beside the one of all.
_GROUPS = (
    ("Came into force", IN_FORCE),
    ("Not sent", NOT_SENT),
    ("Refused", (Status.REFUSED,)),
    ("Unknown", (Status.UNKNOWN,)),
    ("Under way", UNDER_WAY),
)
_OUTCOMES = (
    (Status.ACTIVE, "active: in force now", "good"),
    (Status.ENDED, "ended: its auto-stop passed", "good"),
    (Status.STOPPED, "stopped before that", "good"),
    (Status.REFUSED, "refused", "bad"),
    (Status.UNKNOWN, "unknown", "bad"),
    (Status.REJECTED, "rejected by an approver", "quiet"),
    (Status.WITHDRAWN, "withdrawn", "quiet"),
    (Status.EXPIRED, "expired", "quiet"),
    (Status.PENDING, "waits for approval", "open"),
    (Status.APPROVED, "waits to be sent", "open"),
    (Status.SENDING, "is being sent", "open"),
)
# More rows than these are no chart any more; the rest is one line.
_ROWS = 12
_HOURS_MARKED, _WEEK = 6, 7


@dataclass(frozen=True, kw_only=True)
class Point:
    """One bar of a chart, as `portal.ui.charts` wants it."""

    label: str
    count: int
    url: str
    mark: str = ""
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Tile:
    words: str
    count: int
    url: str
    note: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Bars with a title; `others` are those that are left out, `other_count` how many theirs are."""

    title: str
    points: list[Point]
    others: int = 0
    other_count: int = 0


@dataclass(frozen=True, kw_only=True)
class Slice:
    """A row of the table under the columns: an hour or a day, and how many of each group."""

    label: str
    cells: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Timing:
    step: Step
    spread: Spread | None
    points: list[Point]


def context(period: Period, found: Figures, *, at: datetime) -> dict[str, Any]:
    """Everything that the page of the reports draws."""
    return {
        "tiles": tiles(period, found, at=at),
        "outcomes": outcomes(period, found.statuses),
        "columns": _columns(period, found),
        "slices": _slices(period, found),
        "rankings": _rankings(period, found),
        "timings": timings(period, found),
    }


def behind(since: datetime, until: datetime, **filters: Any) -> str:
    """The address of the list of those that were asked for in this time, and fit the filters."""
    times = {"since": f"{since:%Y-%m-%dT%H:%M}", "until": f"{until:%Y-%m-%dT%H:%M}"}
    return f"{reverse('mitigations')}?{urlencode({**times, **filters}, doseq=True)}"


def tiles(period: Period, found: Figures, *, at: datetime) -> list[Tile]:
    def tile(words: str, count: int, *, note: str = "", name: str = "", **filters: Any) -> Tile:
        return Tile(words=words, count=count, url=behind(period.start, period.end, **filters), note=note, name=name)

    forced, trouble = (_of(found.statuses, group) for group in (IN_FORCE, TROUBLE))
    live_at = f"{period.end:%Y-%m-%dT%H:%M}"
    return [
        tile("asked for", found.asked),
        tile("came into force", forced, status=IN_FORCE, note=_share(forced, found.asked, "of those")),
        tile(
            "refused or unknown",
            trouble,
            status=TROUBLE,
            note=_share(trouble, forced + trouble, "of those to be sent"),
            name="trouble",
        ),
        tile("with broken glass", found.glass, glass="on"),
        Tile(
            words="in force now" if at in period else "in force at the end",
            count=found.live,
            url=f"{reverse('mitigations')}?{urlencode({'live_at': live_at})}",
            note="whenever asked for",
        ),
    ]


def outcomes(period: Period, statuses: Statuses) -> list[Point]:
    return [
        Point(label=words, count=count, tone=tone, url=behind(period.start, period.end, status=status.value))
        for status, words, tone in _OUTCOMES
        if (count := statuses[status])
    ]


def timings(period: Period, found: Figures) -> list[Timing]:
    return [_timing(period, step, spread) for step, spread in found.steps.items()]


def _timing(period: Period, step: Step, spread: Spread | None) -> Timing:
    points = [
        Point(
            label=bucket.words,
            count=count,
            url=behind(period.start, period.end, took=str(Took(step=step, bucket=bucket))),
        )
        for bucket, count in (spread.buckets if spread else ())
    ]
    return Timing(step=step, spread=spread, points=points)


def days(counts: Sequence[tuple[datetime, int]]) -> list[Point]:
    """Days in a row, the last of which is today: every seventh from there is named."""
    last = len(counts) - 1
    return [
        Point(
            label=f"{day:%a} {day.day} {day:%B}",
            count=count,
            url=behind(day, day + timedelta(days=1)),
            mark=f"{day.day} {day:%b}" if (last - place) % _WEEK == 0 else "",
        )
        for place, (day, count) in enumerate(counts)
    ]


def _columns(period: Period, found: Figures) -> list[Point]:
    return [
        Point(label=_label(period, start), count=each.total(), url=behind(start, end), mark=_mark(period, start))
        for (start, end), each in zip(period.slices(), found.slices, strict=True)
    ]


def _slices(period: Period, found: Figures) -> list[Slice]:
    """Only those in which anything was asked for."""
    return [
        Slice(label=_label(period, start), cells=_cells(start, end, each))
        for (start, end), each in zip(period.slices(), found.slices, strict=True)
        if each.total()
    ]


def _cells(start: datetime, end: datetime, statuses: Statuses) -> tuple[Point, ...]:
    groups = [
        Point(label=words, count=_of(statuses, group), url=behind(start, end, status=group)) for words, group in _GROUPS
    ]
    return Point(label="Asked for", count=statuses.total(), url=behind(start, end)), *groups


def _rankings(period: Period, found: Figures) -> list[Ranking]:
    rows = (
        ("Asked for by", found.requesters, "by"),
        ("Asked for by somebody of", found.teams, "team"),
        ("Approved by", found.approvers, "approved_by"),
        ("Rejected by", found.rejecters, "rejected_by"),
        ("On platform", found.platforms, "platform"),
        ("With method", found.methods, "method"),
    )
    return [_ranking(period, title, named, key) for title, named, key in rows if named]


def _ranking(period: Period, title: str, named: Sequence[Named], key: str) -> Ranking:
    points = [
        Point(label=each.name, count=each.count, url=behind(period.start, period.end, **{key: each.key}))
        for each in named[:_ROWS]
    ]
    others = named[_ROWS:]
    return Ranking(title=title, points=points, others=len(others), other_count=sum(each.count for each in others))


def _label(period: Period, start: datetime) -> str:
    return f"{start:%H}:00" if period.kind is Kind.DAY else f"{start:%a} {start.day} {start:%B}"


def _mark(period: Period, start: datetime) -> str:
    """What stands under its column: as much as a phone has room for."""
    if period.kind is Kind.DAY:
        return f"{start:%H}:00" if start.hour % _HOURS_MARKED == 0 else ""
    if period.kind is Kind.WEEK:
        return f"{start:%a}"
    return str(start.day) if start.day % _WEEK == 1 else ""


def _of(statuses: Statuses, group: Sequence[Status]) -> int:
    return sum(statuses[status] for status in group)


def _share(part: int, whole: int, words: str) -> str:
    return f"{100 * part / whole:.0f} % {words}" if whole else ""
