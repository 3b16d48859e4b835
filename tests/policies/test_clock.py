from __future__ import annotations

from datetime import timedelta

import pytest

from mitigations.policies.clock import is_told, matters, skew
from tests.making import NOW


@pytest.mark.parametrize("ahead", [-45, 0, 45])
def test_compares_kentiks_date_with_the_middle_of_the_call(ahead: int) -> None:
    server_at = NOW + timedelta(seconds=2 + ahead)

    found = skew(server_at=server_at, started_at=NOW, took=timedelta(seconds=4))

    assert found == timedelta(seconds=ahead)


@pytest.mark.parametrize(("ms", "told"), [(0, False), (1999, False), (-1999, False), (2000, True), (-2000, True)])
def test_tells_only_what_whole_seconds_cannot_hide(ms: int, told: bool) -> None:
    assert is_told(timedelta(milliseconds=ms)) is told


@pytest.mark.parametrize(("seconds", "grave"), [(30, False), (-30, False), (31, True), (-31, True)])
def test_matters_beyond_half_a_minute(seconds: int, grave: bool) -> None:
    assert matters(timedelta(seconds=seconds)) is grave
