"""Counting tries in the cache of the database, as several processes do at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection

from accounts import counting
from accounts.attempts import Bucket
from portal import settings as portal_settings

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _as_in_production(settings) -> None:
    settings.CACHES = portal_settings.CACHES
    caches["default"].clear()


def bucket(key: str = "dana", most: int = 5) -> Bucket:
    return Bucket(key=key, most=most, within=timedelta(minutes=15))


def test_takes_as_many_places_as_there_are() -> None:
    assert [counting.take([[bucket()]]) is not None for _ in range(7)] == [True] * 5 + [False] * 2


def test_takes_no_more_when_many_come_at_the_same_moment() -> None:
    def one(_: int) -> bool:
        try:
            return counting.take([[bucket()]]) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(24))) == 5


def test_gives_a_place_back() -> None:
    taken = counting.take([[bucket(most=1)]])
    assert taken is not None
    counting.give_back(taken)
    assert counting.take([[bucket(most=1)]]) is not None


def test_takes_nothing_of_a_way_that_has_no_room() -> None:
    """What was free in it stays free."""
    counting.take([[bucket("full", most=1)]])
    assert counting.take([[bucket("free", most=1), bucket("full", most=1)]]) is None
    assert counting.take([[bucket("free", most=1)]]) is not None


def test_goes_the_next_way_where_one_has_no_room() -> None:
    counting.take([[bucket("full", most=1)]])
    assert counting.take([[bucket("full", most=1)], [bucket("free")]]) is not None


def test_keeps_no_name_or_address_in_clear() -> None:
    counting.take([[bucket("account:dana:elsewhere")]])
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM breakwater_cache")
        assert "dana" not in "".join(row[0] for row in cursor.fetchall())
