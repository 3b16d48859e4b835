from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies.reasons import EXAMPLE, thin

reasons = st.text(max_size=60)


@pytest.mark.parametrize(
    "reason",
    ["test", "ddos", "DDoS!!", "x", "please block this", "Under attack, urgent!", "UDP flood.", "ddos ddos ddos"],
)
def test_finds_thin_what_says_little(reason: str) -> None:
    assert thin(reason)


@pytest.mark.parametrize(
    "reason",
    [
        EXAMPLE,
        "The shop is down since 02:50.",
        "8 Gbps UDP on edge-2",
        "Laden seit 02:50 nicht erreichbar",
        "自二时五十分起商店无法访问网站",
    ],
)
def test_is_content_with_what_tells_something(reason: str) -> None:
    assert not thin(reason)


@pytest.mark.parametrize("reason", ["", "  \n", "…", "?!"])
def test_leaves_alone_what_is_missing(reason: str) -> None:
    assert not thin(reason)


@given(reason=reasons.filter(lambda text: any(map(str.isalnum, text))), more=reasons)
def test_never_minds_a_word_more(reason: str, more: str) -> None:
    assert thin(reason) or not thin(f"{reason} {more}")


@given(reason=reasons)
def test_does_not_count_a_word_twice(reason: str) -> None:
    assert thin(f"{reason} {reason}") == thin(reason)


@given(reason=st.text(st.sampled_from("abc 019.,;!-/:\n")))
def test_does_not_look_at_spaces_or_capitals(reason: str) -> None:
    assert thin(f"\n {reason.upper().replace(' ', '   ')} ") == thin(reason)
