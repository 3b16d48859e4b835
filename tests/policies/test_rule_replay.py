"""How a draft of the rules differs from what was really asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies.approval import MOST_APPROVALS, Requirement
from mitigations.policies.rule_replay import Difference, difference

NOC, WEB = 1, 2
MORE, FEWER, OTHERS = Difference.MORE, Difference.FEWER, Difference.OTHERS


def needs(approvals: int, team: int | None = None, hours: int = 24, rule: int | None = None) -> Requirement:
    sentence = f"Needs {approvals}, by rule {rule}."
    return Requirement(approvals=approvals, team=team, waits=timedelta(hours=hours), rule=rule, sentence=sentence)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (needs(1), needs(1), None),
        (needs(1), needs(2), MORE),
        (needs(0), needs(1, NOC), MORE),
        (needs(2), needs(1), FEWER),
        (needs(1, NOC), needs(0), FEWER),
        (needs(1), needs(1, NOC), OTHERS),
        (needs(1, NOC), needs(1), OTHERS),
        (needs(1, NOC), needs(1, WEB), OTHERS),
        (needs(1, NOC, hours=24, rule=1), needs(1, NOC, hours=4, rule=2), None),
    ],
)
def test_says_what_would_be_otherwise(before: Requirement, after: Requirement, expected: Difference | None) -> None:
    assert difference(before, after) is expected


@given(*[st.builds(needs, st.integers(0, MOST_APPROVALS), st.none() | st.sampled_from((NOC, WEB)))] * 2)
def test_says_the_reverse_in_reverse(before: Requirement, after: Requirement) -> None:
    reverse = {MORE: FEWER, FEWER: MORE, OTHERS: OTHERS, None: None}

    assert difference(after, before) is reverse[difference(before, after)]


def test_calls_each_difference_in_words() -> None:
    assert [each.words for each in Difference] == ["more approvals", "fewer approvals", "other approvers"]
