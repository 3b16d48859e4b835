from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mitigations.models import Mitigation
from mitigations.models.epoch import Epoch
from tests.making import make_mitigation
from tests.people import Cast


@pytest.mark.parametrize(
    ("at", "seconds"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(2026, 11, 25, 23, 59, 59, 999_999, tzinfo=UTC), 1_795_651_199),
        (datetime(2026, 11, 26, tzinfo=UTC), 1_795_651_200),
        (datetime(2999, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC), 32_503_679_999),
    ],
)
def test_drops_what_is_left_of_a_second(at: datetime, seconds: int, cast: Cast) -> None:
    make_mitigation(requested_at=at)
    assert Mitigation.objects.annotate(seconds=Epoch("requested_at")).get().seconds == seconds == int(at.timestamp())
