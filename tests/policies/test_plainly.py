from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies.approval import MOST_APPROVALS, STANDARD
from mitigations.policies.network import Prefix, known
from mitigations.policies.plainly import MOST_NAMED, does, once
from tests.policies.strategies import prefixes

HOST = known("203.0.113.7/32")


@pytest.mark.parametrize(
    ("effect", "says"),
    [
        ("drops all traffic to the target at the edge", "drops all traffic to 203.0.113.7/32 (1 address) at the edge"),
        ("diverts the target's traffic", "diverts 203.0.113.7/32's traffic"),
        ("takes the prefix in through Cloudflare.", "takes 203.0.113.7/32 (1 address) in through Cloudflare"),
        ("discards UDP fragments", "discards UDP fragments, on 203.0.113.7/32 (1 address)"),
    ],
)
def test_puts_the_target_into_the_catalogues_words(effect: str, says: str) -> None:
    assert does(effect, HOST) == says


@given(effect=st.text(max_size=60), target=prefixes())
def test_always_names_the_target(effect: str, target: Prefix) -> None:
    assert target.text in does(effect, target)


@pytest.mark.parametrize(
    ("approvals", "approvers", "says"),
    [
        (0, [], "At once"),
        (1, ["lee"], "As soon as lee has approved"),
        (1, ["kim", "lee", "rob"], "As soon as kim, lee or rob has approved"),
        (2, ["kim", "lee"], "As soon as kim and lee have approved"),
        (2, ["kim", "lee", "rob"], "As soon as two of kim, lee and rob have approved"),
        (1, [], "As soon as it has 1 approval"),
        (2, ["lee"], "As soon as it has 2 approvals"),
        (2, list("abcde"), "As soon as it has 2 approvals"),
    ],
)
def test_says_who_must_have_approved(approvals: int, approvers: list[str], says: str) -> None:
    assert once(replace(STANDARD, approvals=approvals), approvers) == says


@given(approvals=st.integers(0, MOST_APPROVALS), approvers=st.lists(st.sampled_from("abcdefgh"), unique=True))
def test_names_everybody_or_nobody(approvals: int, approvers: list[str]) -> None:
    words = set(once(replace(STANDARD, approvals=approvals), approvers).replace(",", "").split())
    assert words & set(approvers) in (set(), set(approvers))
    assert words & set(approvers) == set() or len(approvers) <= MOST_NAMED
