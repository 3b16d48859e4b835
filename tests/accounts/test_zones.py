from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import zones


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/BERLIN", "Europe/Berlin"),
        ("Kolkata", "Asia/Kolkata"),
        ("new york", "America/New_York"),
        ("America/St Johns", "America/St_Johns"),
        ("utc", "UTC"),
    ],
)
def test_a_zone_is_meant_by_its_name_or_its_city(typed: str, name: str) -> None:
    assert zones.named(typed) == name


@pytest.mark.parametrize("typed", ["", "Atlantis", "Europe", "Etc/GMT+5", "localtime", "../UTC", "Eastern"])
def test_anything_else_means_none(typed: str) -> None:
    assert zones.named(typed) is None


def test_every_zone_that_is_offered_is_known() -> None:
    assert [zones.known(name) for name in zones.offered()] == [ZoneInfo(name) for name in zones.offered()]


@pytest.mark.parametrize("name", ["", "Europe/Atlantis", "Europe", "../etc/passwd", "\x00"])
def test_a_zone_that_this_machine_does_not_know_is_none(name: str) -> None:
    assert zones.known(name) is None


@given(st.text())
def test_whatever_is_typed_means_a_known_zone_or_none(typed: str) -> None:
    name = zones.named(typed)
    assert name is None or zones.known(name) is not None
