"""Pages of lists in every order, against a look at every row; with few rows walked, so that both ways are gone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from mitigations.models import Mitigation
from mitigations.policies.lifecycle import IN_FORCE, WAITING, Status
from mitigations.policies.network import known
from mitigations.policies.ordering import Group, Order, Place
from mitigations.selectors import grouping, listing, ordered
from mitigations.selectors.filtering import Filter, filtered
from tests.making import NOW, make_mitigation, make_pairing
from tests.people import Cast, make_person

NET = known("203.0.113.0/24")
HOST = known("203.0.113.7/32")
TARGETS = ("203.0.113.0/24", "203.0.113.0/32", "203.0.113.7/32", "203.0.112.0/23", "198.51.100.1/32", "2001:db8::/48")
FILTERS: dict[str, Filter] = {
    "nothing": Filter(),
    "a status": Filter(statuses=(Status.ENDED,)),
    "several statuses": Filter(statuses=(Status.ENDED, Status.REJECTED, Status.ACTIVE)),
    "what is open": Filter(statuses=tuple(IN_FORCE | WAITING)),
    "a person": Filter(requester="rob"),
    "a platform": Filter(platform_id=-1),
    "whoever approved it": Filter(approved_by="lee"),
    "what is inside": Filter(inside=NET),
    "what overlaps": Filter(overlapping=NET),
    "what overlaps a host": Filter(overlapping=HOST),
    "what covers": Filter(covering=HOST),
    "the very prefix": Filter(exactly=NET),
    "a time": Filter(since=NOW - timedelta(hours=4), until=NOW),
    "since": Filter(since=NOW - timedelta(hours=4)),
    "until": Filter(until=NOW - timedelta(hours=4)),
    "what was in force": Filter(live_at=NOW - timedelta(hours=2)),
    "a prefix in a time": Filter(inside=NET, since=NOW - timedelta(hours=8), statuses=(Status.ENDED,)),
}


@pytest.fixture
def rows(cast: Cast) -> list[Mitigation]:
    """Forty of every kind; the times do not rise with the numbers."""
    dice, rob = random.Random(7), make_person("rob", ["requester"])
    pairings = [make_pairing(), make_pairing(platform_id="258", method_id="780")]
    taken: set[str] = set()
    for number in range(40):
        status, target = dice.choice(list(Status)), dice.choice(TARGETS)
        if (status in IN_FORCE | WAITING and target in taken) or status is Status.SENDING:
            status = Status.ENDED
        if status in IN_FORCE | WAITING:
            taken.add(target)
        at = NOW - timedelta(hours=dice.randrange(12), minutes=number % 3)
        facts: dict[str, Any] = (
            {"started_at": at, "closed_at": at + timedelta(hours=3)} if status is Status.ENDED else {}
        )
        by, pairing = dice.choice([cast.dana, rob]), dice.choice(pairings)
        make_mitigation(
            status, target=target, at=at, requested_by=by, pairing=pairing, minutes=dice.choice([30, 60]), **facts
        )
    return list(Mitigation.objects.order_by("pk"))


@pytest.fixture(params=[3, 5_000])
def _walked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many are walked before an index is asked."""
    monkeypatch.setattr(ordered, "_NEAR", request.param)


def key(row: Mitigation, order: Order) -> Any:
    match order:
        case Order.NEWEST:
            return -row.pk
        case Order.OLDEST:
            return row.pk
        case Order.TARGET:
            return row.prefix.first, row.prefix.length, -row.pk
        case Order.ENDS:
            runs = row.closed_at is None and row.ends_at is not None
            return (0, row.ends_at, -row.pk) if runs else (1, -row.pk)


def pages_down(wanted: Filter, **how: Any) -> Iterator[listing.Page]:
    place: Place | None = None
    while True:
        page = listing.page(wanted, below=place, **how)
        yield page
        if (place := page.onward) is None:
            return


def pages_up(wanted: Filter, place: Place | None, **how: Any) -> Iterator[listing.Page]:
    while place is not None:
        page = listing.page(wanted, above=place, **how)
        yield page
        place = page.back


def wanted_by(name: str, rows: list[Mitigation]) -> Filter:
    if name == "a platform":
        return Filter(
            platform_id=next(row.pairing.platform_id for row in rows if row.pairing.platform.kentik_id == "258")
        )
    return FILTERS[name]


@pytest.mark.usefixtures("_walked")
@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("name", FILTERS)
def test_shows_every_row_once_and_in_order_down_and_up(name: str, order: Order, rows: list[Mitigation]) -> None:
    wanted = wanted_by(name, rows)
    whole = sorted(filtered(wanted), key=lambda row: key(row, order))
    assert whole

    down = list(pages_down(wanted, order=order, size=4))
    up = list(pages_up(wanted, down[-1].back, order=order, size=4))

    assert [row.pk for page in down for row in page.rows] == [row.pk for row in whole]
    assert [[row.pk for row in page.rows] for page in up] == [[row.pk for row in page.rows] for page in down[-2::-1]]


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("group", Group)
def test_shows_every_row_once_under_headings_that_come_once(group: Group, order: Order, rows: list[Mitigation]) -> None:
    down = list(pages_down(Filter(), group=group, order=order, size=7))
    up = list(pages_up(Filter(), down[-1].back, group=group, order=order, size=7))

    shown = [(section.key, row.pk) for page in down for section in page.sections for row in section.rows]
    assert sorted(pk for _, pk in shown) == [row.pk for row in rows]
    headings = list(dict.fromkeys(key for key, _ in shown))
    assert [key for key, _ in shown] == sorted([key for key, _ in shown], key=headings.index)
    counts = {section.key: section.count for page in down for section in page.sections}
    assert counts == {heading: sum(key == heading for key, _ in shown) for heading in headings}
    assert [[row.pk for row in page.rows] for page in up] == [[row.pk for row in page.rows] for page in down[-2::-1]]


@pytest.mark.usefixtures("_walked")
def test_puts_under_headings_all_that_is_open_and_the_newest_of_the_rest(
    rows: list[Mitigation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "MOST", 6)
    still = [row.pk for row in rows if row.closed_at is None]
    over = [row.pk for row in rows if row.closed_at is not None]

    page = listing.page(Filter(), group=Group.STATUS)

    assert sorted(row.pk for row in page.rows) == sorted(still + over[-6:])
    assert not page.is_whole
    assert {section.key: section.is_all for section in page.sections} == {
        section.key: section.key in WAITING | IN_FORCE for section in page.sections
    }


def test_goes_on_behind_a_place_whose_row_has_moved(rows: list[Mitigation]) -> None:
    """Whatever ends while somebody reads the first page pushes nothing off the second one."""
    first = listing.page(Filter(), order=Order.ENDS, size=1)
    running = listing.page(Filter(), order=Order.ENDS).rows
    Mitigation.objects.filter(pk=first.rows[0].pk).update(status=Status.ENDED, closed_at=NOW)

    assert listing.page(Filter(), order=Order.ENDS, below=first.onward, size=1).rows == running[1:2]


@pytest.mark.parametrize("order", Order)
def test_asks_as_often_whatever_the_order(order: Order, rows: list[Mitigation], django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(9):
        listing.page(Filter(), order=order)
