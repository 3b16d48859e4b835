from __future__ import annotations

import threading

import pytest

from audit.delivery import NotDelivered
from audit.ways.bounded import within


def test_makes_the_call() -> None:
    made: list[int] = []
    within(5, lambda: made.append(1))
    assert made == [1]


def test_raises_what_it_raises() -> None:
    def call() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        within(5, call)


def test_waits_no_longer_than_it_should() -> None:
    over = threading.Event()
    with pytest.raises(NotDelivered, match=r"It did not answer within 0\.05 s\."):
        within(0.05, lambda: over.wait(20) and None)
    over.set()
