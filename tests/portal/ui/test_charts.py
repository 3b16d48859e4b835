from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ui.charts import bars, ceiling, columns


@dataclass(frozen=True)
class Point:
    count: int
    label: str = "Monday"
    url: str = "/list/"
    mark: str = ""
    tone: str = ""


counts = st.lists(st.integers(0, 10**6), min_size=1, max_size=31)


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (1, 1), (2, 2), (3, 4), (10, 10), (11, 20), (41, 60), (100, 100), (101, 200)]
)
def test_the_top_of_the_scale_is_round(most: int, top: int) -> None:
    assert ceiling(most) == top


@given(st.integers(0, 10**9))
def test_the_top_of_the_scale_is_never_less(most: int) -> None:
    assert most <= ceiling(most) <= max(2 * most, 1)


@given(counts)
def test_a_column_stands_on_the_base_and_is_as_high_as_its_number(numbers: list[int]) -> None:
    chart = columns([Point(number) for number in numbers])
    top = ceiling(max(numbers))
    full = chart.base - chart.lines[-1].y
    for column, number in zip(chart.columns, numbers, strict=True):
        assert column.y + column.height == pytest.approx(chart.base, abs=0.1)
        assert column.height == pytest.approx(full * number / top, abs=0.2)


@given(counts)
def test_slots_fill_the_width_one_after_the_other(numbers: list[int]) -> None:
    chart = columns([Point(number) for number in numbers])
    places = [float(column.slot_x.rstrip("%")) for column in chart.columns]
    assert places == pytest.approx([100 * place / len(numbers) for place in range(len(numbers))], abs=0.01)


def test_the_greatest_is_told_unless_there_is_nothing() -> None:
    few, many = Point(1), Point(3)
    assert columns([few, many]).greatest is many
    assert columns([Point(0)]).greatest is None
    assert columns([few, many]).total == 4


def test_the_scale_tells_its_top_and_its_half() -> None:
    assert [line.label for line in columns([Point(3_500)]).lines] == ["2,000", "4,000"]
    assert [line.label for line in columns([Point(1)]).lines] == ["1"]


def test_bars_are_told_as_shares_of_the_longest() -> None:
    assert [bar.width for bar in bars([Point(4), Point(1), Point(0)])] == ["100.00%", "25.00%", "0.00%"]
    assert [bar.width for bar in bars([Point(0)])] == ["0.00%"]
