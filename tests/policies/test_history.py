from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from mitigations.policies.history import Hit, Reach, Summary, reach
from mitigations.policies.network import Prefix, known
from tests.making import NOW
from tests.policies.strategies import prefixes

HOST, NET = "203.0.113.7/32", "203.0.113.0/24"


def hit(days_ago: float = 0, **values: Any) -> Hit:
    """Asked for by dana for the host, in force for an hour, over since, unless the test says otherwise."""
    at = NOW - timedelta(days=days_ago)
    row = {"target": HOST, "by": "dana", "reason": "Flood.", "requested_at": at, "started_at": at}
    return Hit(**{**row, "closed_at": at + timedelta(hours=1), **values})


def of(*hits: Hit, target: str = HOST) -> Summary:
    return Summary(prefix=known(target), hits=hits, more=False)


def never(**values: Any) -> Hit:
    return hit(started_at=None, **values)


class TestReach:
    @pytest.mark.parametrize(("target", "told"), [(HOST, "same"), (NET, "wider")])
    def test_is_told_beside_the_host(self, target: str, told: str) -> None:
        assert reach(known(target), known(HOST)) == told

    def test_of_a_host_beside_its_network_is_narrower(self) -> None:
        assert reach(known(HOST), known(NET)) is Reach.NARROWER

    @given(prefixes(), prefixes())
    def test_turns_around_with_the_two(self, one: Prefix, other: Prefix) -> None:
        if one.overlaps(other):
            around = {Reach.SAME: Reach.SAME, Reach.WIDER: Reach.NARROWER, Reach.NARROWER: Reach.WIDER}
            assert reach(one, other) == around[reach(other, one)]


class TestASummary:
    def test_counts_what_is_open_and_what_came_to_nothing(self) -> None:
        found = of(hit(closed_at=None), never(closed_at=None), never(), hit())
        assert (found.count, found.open, found.never_ran) == (4, 2, 1)

    def test_reaches_back_to_the_first(self) -> None:
        assert of(hit(1), hit(9), hit(5)).since == NOW - timedelta(days=9)

    @pytest.mark.parametrize(
        ("people", "mostly", "count"), [("dd", "d", 1), ("ddl", "d", 2), ("dl", "", 2), ("ddlk", "", 3)]
    )
    def test_names_whoever_asked_for_more_than_half(self, people: str, mostly: str, count: int) -> None:
        found = of(*(hit(by=each) for each in people))
        assert (found.mostly_by, found.people) == (mostly, count)

    @pytest.mark.parametrize(
        ("hits", "ended_at"),
        [
            ((hit(2), hit(5)), NOW - timedelta(days=2) + timedelta(hours=1)),
            ((hit(5), hit(2)), NOW - timedelta(days=2) + timedelta(hours=1)),
            ((never(), hit(5)), NOW - timedelta(days=5) + timedelta(hours=1)),
            ((hit(closed_at=None), never()), None),
        ],
    )
    def test_knows_when_the_last_that_ran_ended(self, hits: tuple[Hit, ...], ended_at: datetime | None) -> None:
        assert of(*hits).last_ended_at == ended_at

    def test_tells_the_latest_that_ran_rather_than_one_that_never_did(self) -> None:
        ran = hit(3, reason="The real one.")
        assert of(never(), ran).latest == ran

    def test_tells_the_latest_of_all_where_none_ever_ran(self) -> None:
        newest = never(reason="Newest.")
        assert of(newest, never()).latest == newest

    def test_counts_those_of_this_very_prefix_among_what_it_tells(self) -> None:
        assert of(hit(), hit(target=NET), never()).same == 1
