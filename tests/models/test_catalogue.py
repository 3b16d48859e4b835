"""What must always be true of the catalogue, refused by the database itself."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import ProtectedError
from django.utils import timezone

from mitigations.models import Method, Pairing, Platform
from tests.making import make_mitigation, make_pairing
from tests.models.refusing import refused_by_the_database

pytestmark = pytest.mark.django_db

things = pytest.mark.parametrize("thing", [Platform, Method])


@things
@pytest.mark.parametrize("kentik_id", ["", "x", "25x", " 257", "257 ", "257\n", "-1", "1.5", "٢٥٧"])
def test_takes_digits_only_for_kentik_s_id(thing: type[Platform | Method], kentik_id: str) -> None:
    with refused_by_the_database(f"{thing._meta.model_name}_kentik_id_is_digits"):
        thing.objects.create(kentik_id=kentik_id, name="x", kind="rtbh")


@things
def test_takes_no_type_that_kentik_does_not_have(thing: type[Platform | Method]) -> None:
    with refused_by_the_database(f"{thing._meta.model_name}_kind_known"):
        thing.objects.create(kentik_id="1", name="x", kind="teapot")


@things
def test_takes_each_of_kentik_s_ids_once(thing: type[Platform | Method]) -> None:
    thing.objects.create(kentik_id="1", name="x", kind="rtbh")

    with refused_by_the_database(unique="kentik_id"):
        thing.objects.create(kentik_id="1", name="y", kind="rtbh")


@things
def test_never_changes_kentik_s_id(thing: type[Platform | Method]) -> None:
    made = thing.objects.create(kentik_id="1", name="x", kind="rtbh")

    with refused_by_the_database(f"the identity of a {thing._meta.model_name} never changes"):
        thing.objects.filter(pk=made.pk).update(kentik_id="2")


@things
def test_may_be_renamed_and_retired(thing: type[Platform | Method]) -> None:
    made = thing.objects.create(kentik_id="1", name="x", kind="rtbh")

    assert thing.objects.filter(pk=made.pk).update(name="y", description="z", retired_at=timezone.now()) == 1


@pytest.mark.parametrize("half", ["platform", "method"])
def test_never_changes_what_a_pairing_pairs(half: str) -> None:
    pairing = make_pairing()
    other = getattr(make_pairing(**{f"{half}_id": "999"}), half)

    with refused_by_the_database("the identity of a pairing never changes"):
        Pairing.objects.filter(pk=pairing.pk).update(**{half: other})


def test_takes_each_pair_once() -> None:
    pairing = make_pairing()

    with refused_by_the_database(unique="pairing_once"):
        Pairing.objects.create(platform=pairing.platform, method=pairing.method, effect="x")


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"widest_ipv4": 33}, "pairing_widest_ipv4"),
        ({"widest_ipv6": 129}, "pairing_widest_ipv6"),
        ({"widest_ipv4": -1}, ""),
        ({"longest_minutes": 0}, "pairing_longest|pairing_default_within_longest"),
        ({"longest_minutes": 59, "default_minutes": 60}, "pairing_default_within_longest"),
        ({"longest_minutes": 60, "default_minutes": 0}, "pairing_default_within_longest"),
        ({"default_minutes": -1}, ""),
    ],
)
def test_takes_no_pairing_that_makes_no_sense(values: dict[str, Any], constraint: str) -> None:
    pairing = make_pairing()

    with refused_by_the_database(constraint):
        Pairing.objects.filter(pk=pairing.pk).update(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"widest_ipv4": 0, "widest_ipv6": 0},
        {"widest_ipv4": 32, "widest_ipv6": 128},
        {"longest_minutes": 60, "default_minutes": 60},
        {"longest_minutes": None, "default_minutes": 0},
    ],
)
def test_takes_a_pairing_at_the_edge_of_sense(values: dict[str, Any]) -> None:
    assert make_pairing(**values)


def test_keeps_what_mitigations_name() -> None:
    pairing = make_mitigation().pairing

    for named in (pairing, pairing.platform, pairing.method):
        with pytest.raises(ProtectedError):
            named.delete()


@pytest.mark.parametrize("retired", ["pairing", "platform", "method"])
def test_is_retired_with_either_half(retired: str) -> None:
    pairing = make_pairing()
    part = pairing if retired == "pairing" else getattr(pairing, retired)
    part.retired_at = timezone.now()

    assert pairing.facts().retired
