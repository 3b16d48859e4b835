"""What must always be true of the lane, refused by the database itself."""

from __future__ import annotations

from typing import Any

import pytest

from mitigations.models import Lane
from tests.making import NOW
from tests.models.refusing import refused_by_the_database

pytestmark = pytest.mark.django_db


def test_is_a_single_row() -> None:
    with refused_by_the_database("there_is_one_lane"):
        Lane.objects.create(id=2)


@pytest.mark.parametrize("values", [{"holder": "a:1"}, {"lease_until": NOW}])
def test_is_held_by_somebody_until_some_time_or_by_nobody(values: dict[str, Any]) -> None:
    with refused_by_the_database("lane_held_by_whom_and_until_when"):
        Lane.objects.create(**values)


@pytest.mark.parametrize("values", [{"skew_ms": 0}, {"skew_measured_at": NOW}])
def test_says_when_the_clocks_were_compared(values: dict[str, Any]) -> None:
    with refused_by_the_database("lane_skew_and_when"):
        Lane.objects.create(**values)
