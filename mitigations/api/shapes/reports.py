"""Figures of a period."""

from __future__ import annotations

from datetime import datetime

from mitigations.api.shapes.plain import Shape


class Named(Shape):
    name: str
    count: int


class BucketShown(Shape):
    words: str
    count: int


class Timing(Shape):
    """How long a step took, in seconds."""

    step: str
    words: str
    count: int
    median: int
    p90: int
    longest: int
    buckets: list[BucketShown]


class Slice(Shape):
    start: datetime
    end: datetime
    statuses: dict[str, int]


class Report(Shape):
    """What became of the mitigations that were asked for in a period, as they stand now."""

    period: str
    start: datetime
    end: datetime
    asked: int
    statuses: dict[str, int]
    glass: int
    live_at_end: int
    requesters: list[Named]
    teams: list[Named]
    approvers: list[Named]
    rejecters: list[Named]
    platforms: list[Named]
    methods: list[Named]
    timings: list[Timing]
    slices: list[Slice]
