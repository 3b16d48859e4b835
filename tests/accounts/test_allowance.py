from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.allowance import spend, spend_of_stranger
from accounts.models import Tally
from tests.making import NOW

pytestmark = pytest.mark.django_db


def test_counts_down_and_begins_anew_with_the_minute() -> None:
    at = NOW + timedelta(seconds=40)
    found = [spend("token:1", most=2, at=at) for _ in range(3)]

    assert [(each.left, each.is_exceeded) for each in found] == [(1, False), (0, False), (0, True)]
    assert {each.resets_in for each in found} == {20}
    assert spend("token:1", most=2, at=at + timedelta(seconds=20)).left == 1


def test_counts_each_for_itself() -> None:
    spend("token:1", most=2, at=NOW)

    assert spend("token:2", most=2, at=NOW).left == 1


def test_is_one_row_each_however_often_and_clears_away_those_of_strangers() -> None:
    for minute in range(3):
        spend("token:1", most=2, at=NOW + timedelta(minutes=minute))
    assert Tally.objects.count() == 1

    spend_of_stranger("192.0.2.1", most=2, at=NOW + timedelta(hours=2))
    assert list(Tally.objects.values_list("key", flat=True)) == ["ip:192.0.2.1"]
