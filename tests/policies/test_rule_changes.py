from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitigations.policies.rule_changes import Kind, changes, needed, told
from mitigations.policies.rules import ByMethod, LongerThan, Names, NoAutoStop, Rule
from tests.making import make_rule


def rules(letters: str) -> list[Rule]:
    """A rule for each letter; "a" and "A" look for the same and ask for other things."""
    return [make_rule(each, LongerThan(ord(each.lower())), approvals=2 if each.islower() else 3) for each in letters]


def found(before: str, after: str) -> list[tuple[str, int | None, int | None]]:
    return [(each.kind.value, each.was, each.becomes) for each in changes(rules(before), rules(after))]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", []),
        ("abc", "abc", []),
        ("", "ab", [("added", None, 1), ("added", None, 2)]),
        ("ab", "", [("removed", 1, None), ("removed", 2, None)]),
        ("ab", "xab", [("added", None, 1)]),
        ("abc", "bc", [("removed", 1, None)]),
        ("abc", "cab", [("moved", 3, 1)]),
        ("abc", "bca", [("moved", 1, 3)]),
        ("abc", "aBc", [("changed", 2, 2)]),
        ("abc", "axc", [("changed", 2, 2)]),
        ("abc", "yabc", [("added", None, 1)]),
        ("abc", "yaxc", [("added", None, 1), ("changed", 2, 3)]),
        ("abc", "caB", [("moved", 3, 1), ("changed", 2, 3)]),
        ("ab", "Ba", [("changed", 2, 1)]),
        ("abc", "ab", [("removed", 3, None)]),
        ("aa", "a", [("removed", 2, None)]),
        ("ab", "bx", [("changed", 1, 2)]),
    ],
)
def test_says_what_becomes_of_each_rule(
    before: str, after: str, expected: list[tuple[str, int | None, int | None]]
) -> None:
    assert found(before, after) == expected


letters = st.text("abcABC", max_size=8)


@given(letters)
def test_finds_nothing_where_nothing_differs(same: str) -> None:
    assert found(same, same) == []


@given(letters, letters)
def test_accounts_for_every_place_once(before: str, after: str) -> None:
    told_of = changes(rules(before), rules(after))
    was = [each.was for each in told_of if each.was is not None]
    becomes = [each.becomes for each in told_of if each.becomes is not None]
    assert len(was) == len(set(was))
    assert len(becomes) == len(set(becomes))
    assert len(before) - len(was) == len(after) - len(becomes)


@given(letters, letters)
def test_leaves_out_only_what_is_the_same_and_in_the_same_order(before: str, after: str) -> None:
    told_of = changes(rules(before), rules(after))
    was, becomes = {each.was for each in told_of}, {each.becomes for each in told_of}
    stayed = [each for place, each in enumerate(before, start=1) if place not in was]
    assert stayed == [each for place, each in enumerate(after, start=1) if place not in becomes]


@given(letters, letters)
def test_calls_moved_only_what_is_the_same(before: str, after: str) -> None:
    for each in changes(rules(before), rules(after)):
        if each.was is not None and each.becomes is not None:
            same = before[each.was - 1] == after[each.becomes - 1]
            assert each.kind is (Kind.MOVED if same else Kind.CHANGED)


NAMES = Names(methods={"775": "Drop everything"}, teams={4: "Security"})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "2 approvals"),
        ({"approvals": 1, "team": 4}, "1 approval by Security"),
        ({"approvals": 0, "team": 4}, "no approval"),
        ({"team": 5}, "2 approvals by a team that is gone"),
    ],
)
def test_says_what_a_rule_needs(values: dict[str, int], words: str) -> None:
    assert needed(make_rule(**values), NAMES) == words


def test_tells_a_rule_in_few_words() -> None:
    rule = make_rule("x", NoAutoStop(), ByMethod("775"))
    assert told(rule, NAMES) == "if it is without an auto-stop and by the method Drop everything: 2 approvals"
