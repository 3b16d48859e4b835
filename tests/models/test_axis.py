"""What overlaps what, asked of the database, against a look at every row."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mitigations.models import AddressSpace
from mitigations.models.axis import place
from mitigations.policies.network import Prefix, known
from tests.policies.strategies import prefixes

pytestmark = pytest.mark.django_db
ON_ROWS = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def store(rows: set[Prefix]) -> None:
    AddressSpace.objects.all().delete()
    AddressSpace.objects.bulk_create(AddressSpace(prefix=each.text, **place(each)) for each in rows)


def overlapping(*wanted: Prefix) -> set[str]:
    found = list(AddressSpace.objects.overlapping(*wanted).values_list("prefix", flat=True))
    assert len(found) == len(set(found))
    return set(found)


@given(st.sets(prefixes(), max_size=40), prefixes())
@ON_ROWS
def test_finds_what_shares_an_address_and_nothing_else(rows: set[Prefix], wanted: Prefix) -> None:
    store(rows)

    assert overlapping(wanted) == {each.text for each in rows if each.overlaps(wanted)}


@given(st.sets(prefixes(), max_size=40), st.lists(prefixes(), max_size=4))
@ON_ROWS
def test_finds_what_shares_an_address_with_any_of_several(rows: set[Prefix], wanted: list[Prefix]) -> None:
    store(rows)

    assert overlapping(*wanted) == {each.text for each in rows if any(each.overlaps(one) for one in wanted)}


@given(st.sets(prefixes(), max_size=40), prefixes())
@ON_ROWS
def test_finds_what_is_inside_and_what_covers_and_nothing_else(rows: set[Prefix], wanted: Prefix) -> None:
    store(rows)

    inside, covering = AddressSpace.objects.inside(wanted), AddressSpace.objects.covering(wanted)
    assert {each.prefix for each in inside} == {each.text for each in rows if wanted.contains(each)}
    assert {each.prefix for each in covering} == {each.text for each in rows if each.contains(wanted)}


@given(st.sets(prefixes(), max_size=40), prefixes(), st.integers(0, 128))
@ON_ROWS
def test_finds_no_less_for_a_wider_prefix(rows: set[Prefix], wanted: Prefix, length: int) -> None:
    store(rows)

    assert overlapping(wanted) <= overlapping(wanted.widened(length))


@pytest.mark.parametrize(
    ("wanted", "is_found"),
    [
        ("203.0.112.255/32", False),
        ("203.0.113.0/32", True),
        ("203.0.113.255/32", True),
        ("203.0.114.0/32", False),
        ("203.0.113.0/24", True),
        ("203.0.112.0/23", True),
    ],
)
def test_finds_a_row_from_its_first_address_to_its_last(wanted: str, is_found: bool) -> None:
    store({known("203.0.113.0/24")})

    assert overlapping(known(wanted)) == ({"203.0.113.0/24"} if is_found else set())


def test_finds_nothing_where_nothing_is_asked() -> None:
    store({known("0.0.0.0/0"), known("::/0")})

    assert overlapping() == set()


@pytest.mark.parametrize(("wanted", "found"), [("0.0.0.0/0", "0.0.0.0/0"), ("::/0", "::/0"), ("::/1", "::/0")])
def test_keeps_the_families_apart_where_they_share_the_axis(wanted: str, found: str) -> None:
    store({known("0.0.0.0/0"), known("::/0")})

    assert overlapping(known(wanted)) == {found}


@given(st.sets(prefixes(), max_size=40), prefixes())
@ON_ROWS
def test_parts_what_overlaps_into_narrower_wider_and_itself(rows: set[Prefix], wanted: Prefix) -> None:
    store(rows)

    narrower, wider = (
        set(found.values_list("prefix", flat=True))
        for found in (AddressSpace.objects.narrower(wanted), AddressSpace.objects.wider(wanted))
    )

    assert narrower == {each.text for each in rows if wanted.contains(each) and each != wanted}
    assert wider == {each.text for each in rows if each.contains(wanted) and each != wanted}
