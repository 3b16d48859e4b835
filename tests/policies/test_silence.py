from __future__ import annotations

from datetime import timedelta

import pytest

from mitigations.policies.silence import Tries, is_silent
from tests.making import NOW


@pytest.mark.parametrize(
    ("count", "first", "last", "silent"),
    [
        (0, None, None, False),
        (1, 40, 40, False),
        (2, 40, 1, True),
        (2, 30, 1, False),
        (9, 29, 1, False),
        (9, 3600, 899, True),
        (9, 3600, 900, False),
    ],
    ids=["nobody asked", "one", "two", "just now", "many just now", "for an hour", "nobody asks any more"],
)
def test_kentik_is_silent_when_several_calls_for_a_while_had_no_answer(
    count: int, first: int | None, last: int | None, silent: bool
) -> None:
    first_at, last_at = (None if ago is None else NOW - timedelta(seconds=ago) for ago in (first, last))
    assert is_silent(Tries(count=count, first_at=first_at, last_at=last_at), at=NOW) is silent
