"""Places in lists: named, read back, and cut between."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies import ordering
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import known
from mitigations.policies.ordering import Group, Order, Place
from tests.policies.strategies import prefixes

HEADINGS = {
    Group.STATUS: st.sampled_from([status.value for status in Status]),
    Group.PLATFORM: st.integers(1, 10**9).map(str),
    Group.METHOD: st.integers(1, 10**9).map(str),
    Group.TARGET: prefixes().map(lambda prefix: prefix.text),
    Group.DAY: st.dates().map(lambda day: day.isoformat()),
}
times = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def places(draw: st.DrawFn, order: Order, group: Group | None = None) -> Place:
    return Place(
        id=draw(st.integers(1, 10**12)),
        target=draw(prefixes()) if order is Order.TARGET else None,
        ends_at=draw(st.none() | times) if order is Order.ENDS else None,
        group=draw(HEADINGS[group]) if group else "",
    )


@given(st.data(), st.sampled_from(Order), st.none() | st.sampled_from(Group))
def test_reads_back_what_it_has_written(data: st.DataObject, order: Order, group: Group | None) -> None:
    place = data.draw(places(order, group))

    assert ordering.read(str(place), order=order, group=group) == place


@given(st.text(alphabet="0123456789~./:aT-", max_size=30), st.sampled_from(Order), st.none() | st.sampled_from(Group))
def test_reads_whatever_stands_in_an_address(text: str, order: Order, group: Group | None) -> None:
    found = ordering.read(text, order=order, group=group)

    assert found is None or ordering.read(str(found), order=order, group=group) == found


@pytest.mark.parametrize(
    ("text", "order", "group"),
    [
        ("", Order.NEWEST, None),
        ("fish", Order.NEWEST, None),
        ("-1", Order.NEWEST, None),
        ("9" * 30, Order.NEWEST, None),
        ("active~1", Order.NEWEST, None),
        ("1", Order.NEWEST, Group.STATUS),
        ("sunk~1", Order.NEWEST, Group.STATUS),
        ("fish~1", Order.NEWEST, Group.DAY),
        ("fish~1", Order.NEWEST, Group.PLATFORM),
        ("fish~1", Order.NEWEST, Group.TARGET),
        ("1", Order.TARGET, None),
        ("203.0.113.7/24~1", Order.TARGET, None),
        ("203.0.113.7/32~203.0.113.7/32~1", Order.TARGET, None),
        ("soon~1", Order.ENDS, None),
        ("active~1~1", Order.NEWEST, Group.STATUS),
    ],
)
def test_finds_no_place_where_none_is_named(text: str, order: Order, group: Group | None) -> None:
    assert ordering.read(text, order=order, group=group) is None


@given(st.data(), st.sampled_from(Order), st.integers(1, 5))
def test_cuts_a_list_into_pages_without_gap_or_double(data: st.DataObject, order: Order, size: int) -> None:
    some = data.draw(st.lists(places(order), unique_by=lambda place: place.id, max_size=20))
    whole = sorted(some, key=lambda place: ordering.key(place, order))

    def by(place: Place) -> ordering.Key:
        return ordering.key(place, order)

    pages = [ordering.cut(some, by=by, size=size)]
    while pages[-1].below:
        pages.append(ordering.cut(some, by=by, size=size, below=pages[-1].places[-1]))

    assert [place for page in pages for place in page.places] == whole
    for former, latter in pairwise(pages):
        assert ordering.cut(some, by=by, size=size, above=latter.places[0]).places == former.places
    assert [page.above for page in pages] == [False, *[True] * (len(pages) - 1)]


def test_puts_what_holds_a_prefix_before_it_and_the_newest_of_one_target_first() -> None:
    rows = [("203.0.113.0/32", 3), ("203.0.113.0/24", 1), ("203.0.113.0/24", 2), ("203.0.112.255/32", 4)]
    found = sorted(
        (Place(id=number, target=known(text)) for text, number in rows),
        key=lambda place: ordering.key(place, Order.TARGET),
    )

    assert [place.id for place in found] == [4, 2, 1, 3]


def test_puts_what_ends_soonest_first_and_then_the_newest_of_the_rest() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    some = [Place(id=1), Place(id=2, ends_at=at), Place(id=3, ends_at=at.replace(hour=1)), Place(id=4)]

    assert [place.id for place in sorted(some, key=lambda place: ordering.key(place, Order.ENDS))] == [2, 3, 4, 1]
