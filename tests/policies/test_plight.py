"""What is said of one in force in place of the time it has left."""

from __future__ import annotations

import pytest

from mitigations.policies.observing import Appearance
from mitigations.policies.plight import Plight, plight


@pytest.mark.parametrize(
    ("appearance", "lost", "ordered", "said"),
    [
        (None, False, False, None),
        (Appearance.LIVE, False, False, None),
        (Appearance.PENDING, False, False, None),
        (Appearance.UNKNOWN, False, False, None),
        (Appearance.LIVE, True, False, Plight.ENDLESS),
        (Appearance.START_FAILED, False, False, Plight.DEAD),
        (Appearance.START_FAILED, True, False, Plight.DEAD),
        (Appearance.STOPPING, True, False, Plight.STOPPING),
        (Appearance.CLEAR_FAILED, False, False, Plight.STUCK),
        # Who ordered a stop of what cannot be removed has not got it off the network by that.
        (Appearance.CLEAR_FAILED, False, True, Plight.STUCK),
        (Appearance.START_FAILED, False, True, Plight.ORDERED),
        (Appearance.LIVE, True, True, Plight.ORDERED),
        (None, False, True, Plight.ORDERED),
    ],
)
def test_is_told_by_what_kentik_shows_and_what_was_ordered(
    appearance: Appearance | None, lost: bool, ordered: bool, said: Plight | None
) -> None:
    assert plight(appearance, has_lost_its_end=lost, is_ordered_to_stop=ordered) is said


def test_is_grave_unless_somebody_wanted_it() -> None:
    assert {each for each in Plight if not each.is_grave} == {Plight.ORDERED, Plight.STOPPING}
