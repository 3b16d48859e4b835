from __future__ import annotations

import re
from pathlib import Path

import pytest

from mitigations.policies import alarms
from mitigations.policies.alarms import ORDER, STOP_BY_HAND, Code

MITIGATIONS = Path(__file__).parents[2] / "mitigations"
RAISING = ("policies/matching.py", "policies/observing.py", "policies/stopping.py")


def test_nothing_is_louder_than_a_stop_that_was_not_delivered() -> None:
    assert ORDER[0] is Code.STOP_UNDELIVERED


def test_what_somebody_must_stop_by_hand_is_louder_than_the_rest() -> None:
    assert set(ORDER[: len(STOP_BY_HAND)]) == STOP_BY_HAND


@pytest.mark.parametrize("code", Code)
def test_each_has_a_heading_of_its_own(code: Code) -> None:
    others = {alarms.heading(other) for other in Code if other is not code}
    assert alarms.heading(code) not in {"needs a look", *others}


def test_one_of_an_unheard_of_kind_has_a_heading_all_the_same() -> None:
    assert alarms.heading("sunk") == "needs a look"


def test_every_kind_that_is_raised_is_known() -> None:
    text = "".join((MITIGATIONS / path).read_text() for path in RAISING)
    raised = set(re.findall(r'(?:code=|_alarm\()"([a-z-]+)"', text))
    assert raised == set(Code) - {Code.PROTECTED}
