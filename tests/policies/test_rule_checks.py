"""What keeps a draft of the rules from being published."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mitigations.policies.network import known
from mitigations.policies.rule_checks import Flaw, Group, flaws
from mitigations.policies.rules import (
    Condition,
    Inside,
    LongerThan,
    Names,
    NeedsALook,
    NoAutoStop,
    OnPlatform,
    Rule,
    WiderThan,
    requirement,
)
from tests.policies.strategies import asked_under, looser, rulebooks, rules

NET_24 = Inside(known("203.0.113.0/24"))
NET_48 = Inside(known("2001:db8::/48"))
NOC = 1
NAMES = Names(platforms={"257": "Edge RTBH"}, teams={NOC: "NOC"})
PLENTY = Group(approvers=9, askers=0)


def rule(*when: Condition, approvals: int = 1, team: int | None = None) -> Rule:
    return Rule(when=when, approvals=approvals, team=team, waits=timedelta(hours=4), because="we say so")


def found(*rules: Rule, group: Group = PLENTY) -> tuple[Flaw, ...]:
    return flaws(rules, groups={None: group, NOC: group}, names=NAMES)


def places(code: str, *rules: Rule) -> list[int]:
    return [flaw.place for flaw in found(*rules) if flaw.code == code]


# --- Shadowed -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("draft", "shadowed"),
    [
        ([], []),
        ([rule()], []),
        ([rule(), rule(NoAutoStop())], [2]),
        ([rule(NoAutoStop()), rule()], []),
        ([rule(NoAutoStop()), rule(NoAutoStop())], [2]),
        ([rule(NoAutoStop()), rule(NeedsALook()), rule(NoAutoStop(), NeedsALook())], [3]),
        ([rule(NoAutoStop(), NeedsALook()), rule(NoAutoStop())], []),
        ([rule(LongerThan(60)), rule(LongerThan(120))], [2]),
        ([rule(LongerThan(120)), rule(LongerThan(60))], []),
        ([rule(LongerThan(60)), rule(NoAutoStop())], [2]),
        ([rule(NET_24), rule(Inside(known("203.0.113.7/32")))], [2]),
        ([rule(Inside(known("203.0.113.7/32"))), rule(NET_24)], []),
        ([rule(WiderThan(28, 64)), rule(WiderThan(24, 48))], [2]),
        ([rule(WiderThan(28, 48)), rule(WiderThan(24, 64))], []),
        ([rule(), rule(NET_24), rule(NET_48)], [2, 3]),
    ],
)
def test_finds_rules_that_never_decide(draft: list[Rule], shadowed: list[int]) -> None:
    assert places("shadowed", *draft) == shadowed


def test_says_which_earlier_rule_stands_before_it() -> None:
    [flaw] = found(rule(NET_48), rule(NET_24), rule(NET_24, NoAutoStop()))

    assert flaw.sentence == "Rule 3 never decides: rule 2 comes first and matches all that it would match."
    assert flaw.fatal


def test_names_only_the_first_of_several_that_stand_before_it() -> None:
    [second, third] = found(rule(), rule(NoAutoStop()), rule(NoAutoStop()))

    assert ("rule 1" in second.sentence, "rule 1" in third.sentence) == (True, True)


@given(st.data(), rulebooks, rules())
def test_is_right_that_a_shadowed_rule_never_decides(data: st.DataObject, before: list[Rule], late: Rule) -> None:
    early = replace(late, when=data.draw(looser(late)))
    request = data.draw(asked_under(late))
    book = [*before, early, late]

    assert len(book) in places("shadowed", *book)
    assert requirement(book, request, NAMES).rule != len(book)


@given(st.data(), st.lists(rules(), min_size=1, max_size=6))
def test_calls_no_rule_shadowed_that_decides_something(data: st.DataObject, book: list[Rule]) -> None:
    request = data.draw(asked_under(data.draw(st.sampled_from(book))))

    assert requirement(book, request, NAMES).rule not in places("shadowed", *book)


# --- Impossible -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "impossible"),
    [
        ((NET_24, WiderThan(23, 48)), True),
        ((NET_24, WiderThan(24, 48)), True),
        ((NET_24, WiderThan(25, 48)), False),
        ((NET_24, WiderThan(0, 128)), True),
        ((NET_48, WiderThan(32, 48)), True),
        ((NET_48, WiderThan(32, 49)), False),
        ((NET_48, WiderThan(0, 49)), False),
        ((WiderThan(0, 0),), True),
        ((WiderThan(0, 0), NoAutoStop()), True),
        ((WiderThan(1, 0),), False),
        ((WiderThan(0, 1),), False),
        ((NET_24,), False),
        ((LongerThan(60), NoAutoStop()), False),
        ((), False),
    ],
)
def test_finds_rules_that_never_match(when: tuple[Condition, ...], impossible: bool) -> None:
    assert places("impossible", rule(*when)) == [1] * impossible


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        (
            (NET_24, WiderThan(24, 0), OnPlatform("257")),
            "Rule 1 never matches: nothing is inside 203.0.113.0/24 and wider than an IPv4 /24 and on Edge RTBH.",
        ),
        ((WiderThan(0, 0),), "Rule 1 never matches: nothing is wider than everything."),
    ],
)
def test_says_what_cannot_be(when: tuple[Condition, ...], sentence: str) -> None:
    [flaw] = found(rule(*when))

    assert (flaw.sentence, flaw.fatal) == (sentence, True)


@given(st.data(), rules(most_conditions=8))
def test_is_right_about_what_never_matches_and_misses_nothing(data: st.DataObject, each: Rule) -> None:
    """A request drawn under a rule is matched by it, unless nothing is."""
    assert each.matches(data.draw(asked_under(each))) is (places("impossible", each) == [])


# --- Too few people -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("approvals", "approvers", "askers", "codes"),
    [
        (0, 0, 0, []),
        (1, 0, 0, ["group-too-small"]),
        (1, 1, 0, []),
        (1, 1, 1, ["group-tight"]),
        (2, 1, 1, ["group-too-small"]),
        (2, 2, 0, []),
        (2, 2, 1, ["group-tight"]),
        (2, 3, 3, []),
        (5, 4, 0, ["group-too-small"]),
    ],
)
@pytest.mark.parametrize("team", [None, NOC])
def test_finds_groups_that_are_too_small(
    approvals: int, approvers: int, askers: int, codes: list[str], team: int | None
) -> None:
    flawed = found(rule(approvals=approvals, team=team), group=Group(approvers=approvers, askers=askers))

    assert [flaw.code for flaw in flawed] == codes


@pytest.mark.parametrize(
    ("draft", "group", "sentence", "fatal"),
    [
        (
            rule(approvals=3, team=NOC),
            Group(approvers=2, askers=0),
            "Rule 1 needs 3 approvals, and there are 2 active approvers in NOC: it could never be met.",
            True,
        ),
        (
            rule(approvals=1),
            Group(approvers=0, askers=0),
            "Rule 1 needs 1 approval, and there are 0 active approvers: it could never be met.",
            True,
        ),
        (
            rule(approvals=1),
            Group(approvers=1, askers=1),
            "Rule 1 needs 1 approval, and there is 1 active approver: what an approver asks for could never be met.",
            False,
        ),
    ],
)
def test_says_how_many_there_are(draft: Rule, group: Group, sentence: str, fatal: bool) -> None:
    [flaw] = found(draft, group=group)

    assert (flaw.sentence, flaw.fatal) == (sentence, fatal)


def test_looks_at_the_team_that_must_approve_and_not_at_all_approvers() -> None:
    groups: dict[int | None, Group] = {None: PLENTY, NOC: Group(approvers=1, askers=0)}
    draft = [rule(NET_24, approvals=2, team=NOC), rule(approvals=2)]

    assert [(flaw.place, flaw.code) for flaw in flaws(draft, groups=groups, names=NAMES)] == [(1, "group-too-small")]


def test_counts_nobody_in_a_team_that_is_gone() -> None:
    [flaw] = flaws([rule(team=99)], groups={None: PLENTY}, names=NAMES)

    assert flaw.sentence == (
        "Rule 1 needs 1 approval, and there are 0 active approvers in a team that is gone: it could never be met."
    )


@given(rules(), st.integers(0, 6), st.data())
def test_lets_pass_only_groups_that_can_agree_on_what_any_outsider_asks(
    each: Rule, approvers: int, data: st.DataObject
) -> None:
    group = Group(approvers=approvers, askers=data.draw(st.integers(0, approvers)))
    fatal = any(flaw.fatal for flaw in _sizes(each, group))

    assert fatal is (approvers < each.approvals)


@given(rules(), st.integers(0, 6), st.data())
def test_lets_pass_in_silence_only_groups_that_can_agree_on_what_their_own_members_ask(
    each: Rule, approvers: int, data: st.DataObject
) -> None:
    group = Group(approvers=approvers, askers=data.draw(st.integers(0, approvers)))
    assume(not _sizes(each, group))

    assert each.approvals <= approvers - (1 if group.askers else 0) or each.approvals == 0


def _sizes(each: Rule, group: Group) -> list[Flaw]:
    groups: dict[int | None, Group] = {each.team: group}
    return [flaw for flaw in flaws([each], groups=groups, names=NAMES) if flaw.code.startswith("group-")]


# --- All at once ----------------------------------------------------------------------------------------------------


def test_says_every_flaw_of_every_rule_in_order() -> None:
    draft = [rule(), rule(NET_24, WiderThan(24, 0), approvals=5)]

    flawed = found(*draft, rule(approvals=4), group=Group(approvers=4, askers=2))

    assert [(flaw.place, flaw.code) for flaw in flawed] == [
        (2, "shadowed"),
        (2, "impossible"),
        (2, "group-too-small"),
        (3, "shadowed"),
        (3, "group-tight"),
    ]


def test_finds_nothing_wrong_with_good_rules() -> None:
    draft = [rule(NET_24, WiderThan(28, 0), approvals=2), rule(NoAutoStop(), approvals=2), rule(approvals=1)]

    assert found(*draft) == ()
