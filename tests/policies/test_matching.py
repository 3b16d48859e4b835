"""Which at Kentik is ours, as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies.matching import LEEWAY, Shown, Sought, candidates, differences, is_among, marked, unmatched
from tests.making import NOW

SOUGHT = Sought(
    mark="[MIT-42]",
    target="203.0.113.7/32",
    platform="257",
    method="775",
    minutes=60,
    comment="[MIT-42] Flood",
    sent_at=NOW,
)
SHOWN = Shown(
    id="1",
    manual=True,
    target="203.0.113.7/32",
    platform="257",
    method="775",
    minutes=60,
    comment="[MIT-42] Flood",
    started_at=NOW,
)
MOMENT = timedelta(microseconds=1)
UNMARKED = {"comment": ""}


@pytest.mark.parametrize(
    ("shown", "fits"),
    [
        # What Kentik shows otherwise than ours, and whether it may be ours.
        ({}, True),
        (UNMARKED, True),
        ({"comment": "Flood"}, True),
        ({"comment": "typed by hand: [MIT-42]"}, True),
        ({"comment": "[MIT-421] Flood"}, False),
        ({"comment": "[MIT-4] Flood"}, False),
        ({"comment": "[MIT-7] instead of [MIT-42]"}, False),
        ({"minutes": None}, True),
        ({"minutes": 5}, True),
        ({"manual": False}, False),
        ({"target": "203.0.113.7"}, False),
        ({"target": "203.0.113.0/24"}, False),
        ({"platform": "258"}, False),
        ({"method": "776"}, False),
        ({"started_at": NOW - LEEWAY}, True),
        ({"started_at": NOW - LEEWAY - MOMENT}, False),
        ({"started_at": NOW - LEEWAY, **UNMARKED}, True),
        ({"started_at": NOW - LEEWAY - MOMENT, **UNMARKED}, False),
        ({"started_at": NOW + timedelta(hours=1)}, True),
        # Without a time, the mark alone tells.
        ({"started_at": None}, True),
        ({"started_at": None, **UNMARKED}, False),
    ],
)
def test_it_may_be_ours(shown: dict[str, object], fits: bool) -> None:
    assert bool(candidates(SOUGHT, [replace(SHOWN, **shown)])) is fits  # type: ignore[arg-type]


def test_those_with_its_mark_beat_those_without() -> None:
    others = [replace(SHOWN, id=each, comment="") for each in "23"]

    assert candidates(SOUGHT, [others[0], SHOWN, others[1]]) == [SHOWN]


def test_several_that_fit_are_all_named() -> None:
    several = [replace(SHOWN, id=each, comment="") for each in "23"]

    assert candidates(SOUGHT, several) == several
    assert "2, 3" in unmatched(several).sentence


def test_only_its_mark_is_beyond_doubt() -> None:
    assert is_among(SOUGHT, [SHOWN])
    assert not is_among(SOUGHT, [replace(SHOWN, comment="")])
    assert not is_among(SOUGHT, [replace(SHOWN, target="203.0.113.8/32")])


@pytest.mark.parametrize(
    ("comment", "number"),
    [
        ("[MIT-42] Flood", 42),
        ("x [MIT-7]", 7),
        ("[MIT-7] [MIT-42]", 7),
        ("[MIT-0]", None),
        ("MIT-42", None),
        ("", None),
    ],
)
def test_the_first_mark_counts(comment: str, number: int | None) -> None:
    assert marked(comment) == number


@given(st.text())
def test_any_text_has_a_mark_or_none(comment: str) -> None:
    assert marked(comment) is None or f"[MIT-{marked(comment)}]" in comment


@pytest.mark.parametrize(
    ("asked", "shown", "codes"),
    [
        (60, {}, []),
        (0, {"minutes": None}, []),
        (60, {"minutes": None}, ["lost-auto-stop"]),
        (60, {"minutes": 61}, ["other-minutes"]),
        (0, {"minutes": 60}, ["other-minutes"]),
        (60, {"comment": "[MIT-42] Flood "}, []),
        (60, {"comment": ""}, ["other-comment"]),
        (60, {"minutes": None, "comment": "x" * 5000}, ["lost-auto-stop", "other-comment"]),
    ],
)
def test_what_kentik_has_otherwise(asked: int, shown: dict[str, object], codes: list[str]) -> None:
    found = differences(replace(SOUGHT, minutes=asked), replace(SHOWN, **shown))  # type: ignore[arg-type]

    assert [each.code for each in found] == codes
    assert all(len(each.sentence) < 200 for each in found)
