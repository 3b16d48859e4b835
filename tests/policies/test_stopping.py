from __future__ import annotations

from datetime import timedelta

import pytest

from mitigations.policies.stopping import OPEN_ORDERS, PATIENCE, OrderStatus, may_be_repeated, pause
from tests.making import NOW

MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize("status", OrderStatus)
def test_an_order_may_be_repeated_when_kentik_was_told_and_nothing_came_of_it(status: OrderStatus) -> None:
    told = status in {OrderStatus.DELIVERED, OrderStatus.UNCLEAR}

    assert may_be_repeated(status, ordered_at=NOW, at=NOW + PATIENCE) is told
    assert not may_be_repeated(status, ordered_at=NOW, at=NOW + PATIENCE - MOMENT)


def test_an_order_is_open_until_it_is_refused_or_done() -> None:
    assert set(OrderStatus) - OPEN_ORDERS == {OrderStatus.REFUSED, OrderStatus.DONE}


def test_the_pauses_grow_and_end() -> None:
    assert [pause(attempts).total_seconds() for attempts in (1, 2, 3, 4, 5, 6, 99)] == [2, 4, 8, 16, 30, 30, 30]
