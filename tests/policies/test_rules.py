"""The rules of approval as a rulebook: one table a condition, then what is always true of all of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mitigations.policies.approval import STANDARD, Requirement
from mitigations.policies.network import known
from mitigations.policies.rules import (
    Asked,
    AskedByTeam,
    ByMethod,
    Condition,
    Inside,
    LongerThan,
    Names,
    NeedsALook,
    NoAutoStop,
    OnPlatform,
    Rule,
    WiderThan,
    count,
    listed,
    requirement,
)

HOST, NET_24, HOST_6, NET_48 = "203.0.113.7/32", "203.0.113.0/24", "2001:db8::7/128", "2001:db8::/48"
DAY = timedelta(hours=24)
NOC, WEB = 1, 2
NAMES = Names(platforms={"257": "Edge RTBH"}, methods={"775": "Drop everything"}, teams={NOC: "NOC", WEB: "Web"})


def asked(target: str = HOST, minutes: int = 60, **facts: Any) -> Asked:
    return Asked(target=known(target), minutes=minutes, **{"platform": "257", "method": "775", **facts})


def rule(*when: Condition, approvals: int = 2, team: int | None = None, because: str = "we say so") -> Rule:
    return Rule(when=when, approvals=approvals, team=team, waits=timedelta(hours=4), because=because)


def needed(request: Asked, *rules: Rule) -> Requirement:
    return requirement(rules, request, NAMES)


# --- Each condition -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "target", "holds"),
    [
        (NET_24, HOST, True),
        (NET_24, NET_24, True),
        (NET_24, "203.0.113.0/32", True),
        (NET_24, "203.0.113.255/32", True),
        (NET_24, "203.0.112.255/32", False),
        (NET_24, "203.0.114.0/32", False),
        (NET_24, "203.0.112.0/23", False),
        (NET_24, HOST_6, False),
        ("0.0.0.0/0", HOST, True),
        ("0.0.0.0/0", HOST_6, False),
        (NET_48, HOST_6, True),
        (NET_48, "2001:db8::/47", False),
        # IPv4 lies at ::ffff:0:0/96 on the axis, and is still no part of IPv6.
        ("::/0", HOST_6, True),
        ("::/0", HOST, False),
    ],
)
def test_inside_wants_the_whole_target(inside: str, target: str, holds: bool) -> None:
    assert Inside(known(inside)).holds(asked(target)) is holds


@pytest.mark.parametrize(
    ("ipv4", "ipv6", "target", "holds"),
    [
        (28, 64, "203.0.113.0/27", True),
        (28, 64, "203.0.113.0/28", False),
        (28, 64, "203.0.113.0/29", False),
        (28, 64, "0.0.0.0/0", True),
        (28, 64, "2001:db8::/63", True),
        (28, 64, "2001:db8::/64", False),
        # Each family has a length of its own, and without one is not looked at.
        (28, 0, "::/0", False),
        (0, 64, "0.0.0.0/0", False),
        (0, 64, "2001:db8::/48", True),
        (32, 128, HOST, False),
        (32, 128, "203.0.113.6/31", True),
        (32, 128, HOST_6, False),
    ],
)
def test_wider_than_looks_at_the_length_of_the_family(ipv4: int, ipv6: int, target: str, holds: bool) -> None:
    assert WiderThan(ipv4, ipv6).holds(asked(target)) is holds


@pytest.mark.parametrize(
    ("limit", "minutes", "holds"),
    [(60, 59, False), (60, 60, False), (60, 61, True), (60, 0, True), (1, 1, False), (525_600, 0, True)],
)
def test_longer_than_counts_no_auto_stop_as_longer_than_anything(limit: int, minutes: int, holds: bool) -> None:
    assert LongerThan(limit).holds(asked(minutes=minutes)) is holds


@pytest.mark.parametrize(("minutes", "holds"), [(0, True), (1, False), (525_600, False)])
def test_no_auto_stop_means_0_minutes(minutes: int, holds: bool) -> None:
    assert NoAutoStop().holds(asked(minutes=minutes)) is holds


@pytest.mark.parametrize(
    ("condition", "facts", "holds"),
    [
        (OnPlatform("257"), {"platform": "257"}, True),
        (OnPlatform("257"), {"platform": "258"}, False),
        (OnPlatform("257"), {"platform": "258", "method": "257"}, False),
        (ByMethod("775"), {"method": "775"}, True),
        (ByMethod("775"), {"method": "776"}, False),
        (ByMethod("775"), {"method": "776", "platform": "775"}, False),
        (AskedByTeam(NOC), {"teams": frozenset({NOC})}, True),
        (AskedByTeam(NOC), {"teams": frozenset({NOC, WEB})}, True),
        (AskedByTeam(NOC), {"teams": frozenset({WEB})}, False),
        (AskedByTeam(NOC), {}, False),
        (NeedsALook(), {"needs_a_look": True}, True),
        (NeedsALook(), {}, False),
    ],
)
def test_looks_at_what_it_names(condition: Condition, facts: dict[str, Any], holds: bool) -> None:
    assert condition.holds(asked(**facts)) is holds


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Inside(known(NET_24)), "inside 203.0.113.0/24"),
        (WiderThan(28, 64), "wider than an IPv4 /28 or an IPv6 /64"),
        (WiderThan(28, 0), "wider than an IPv4 /28"),
        (WiderThan(0, 64), "wider than an IPv6 /64"),
        (WiderThan(0, 0), "wider than everything"),
        (LongerThan(60), "longer than 1 h"),
        (LongerThan(1), "longer than 1 min"),
        (NoAutoStop(), "without an auto-stop"),
        (OnPlatform("257"), "on Edge RTBH"),
        (OnPlatform("999"), "on platform 999"),
        (ByMethod("775"), "by the method Drop everything"),
        (ByMethod("999"), "by the method 999"),
        (AskedByTeam(NOC), "asked for by NOC"),
        (AskedByTeam(99), "asked for by a team that is gone"),
        (NeedsALook(), "to be looked at closely"),
    ],
)
def test_says_what_it_looks_for(condition: Condition, words: str) -> None:
    assert condition.words(NAMES) == words


def test_lists_what_a_rule_looks_for() -> None:
    assert listed((Inside(known(NET_24)), NoAutoStop()), NAMES) == "inside 203.0.113.0/24 and without an auto-stop"


def test_says_that_a_rule_without_conditions_looks_for_anything() -> None:
    assert listed((), NAMES) == "anything"


# --- A rule ---------------------------------------------------------------------------------------------------------

WIDE_AND_LONG = rule(WiderThan(28, 64), LongerThan(60))


@pytest.mark.parametrize(
    ("target", "minutes", "unmet"),
    [
        ("203.0.113.0/24", 61, ()),
        ("203.0.113.0/24", 60, (LongerThan(60),)),
        (HOST, 61, (WiderThan(28, 64),)),
        (HOST, 60, (WiderThan(28, 64), LongerThan(60))),
    ],
)
def test_matches_when_all_its_conditions_hold(target: str, minutes: int, unmet: tuple[Condition, ...]) -> None:
    request = asked(target, minutes)

    assert WIDE_AND_LONG.unmet(request) == unmet
    assert WIDE_AND_LONG.matches(request) is (unmet == ())


def test_matches_anything_without_conditions() -> None:
    assert rule().matches(asked("::/0", 0))


def test_holds_no_two_conditions_of_one_kind_for_only_one_could_be_stored() -> None:
    with pytest.raises(ValueError, match="one condition of each kind"):
        rule(Inside(known(NET_24)), Inside(known("203.0.112.0/23")))


# --- What a request needs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("approvals", "team", "sentence"),
    [
        (0, None, "Needs no approval, because it is small (rule 1)."),
        (1, None, "Needs 1 approval, because it is small (rule 1)."),
        (2, None, "Needs 2 approvals, because it is small (rule 1)."),
        (2, NOC, "Needs 2 approvals by NOC, because it is small (rule 1)."),
        (1, 99, "Needs 1 approval by a team that is gone, because it is small (rule 1)."),
        (0, NOC, "Needs no approval, because it is small (rule 1)."),
    ],
)
def test_says_what_a_request_needs_and_why(approvals: int, team: int | None, sentence: str) -> None:
    assert needed(asked(), rule(approvals=approvals, team=team, because="it is small")).sentence == sentence


def test_keeps_all_that_the_rule_says() -> None:
    sentence = "Needs 2 approvals by NOC, because we say so (rule 1)."
    expected = Requirement(approvals=2, team=NOC, waits=timedelta(hours=4), rule=1, sentence=sentence)

    assert needed(asked(), rule(team=NOC)) == expected


def test_names_no_team_where_nobody_need_approve() -> None:
    assert needed(asked(), rule(approvals=0, team=NOC)).team is None


def test_takes_the_first_rule_that_matches_and_says_its_place() -> None:
    found = needed(asked(minutes=0), rule(OnPlatform("258")), rule(NoAutoStop(), approvals=3), rule(approvals=5))

    assert (found.rule, found.approvals) == (2, 3)


@pytest.mark.parametrize("others", [(), (rule(NoAutoStop(), approvals=0),)])
def test_needs_one_approval_when_no_rule_matches(others: tuple[Rule, ...]) -> None:
    assert needed(asked(), *others) == STANDARD == Requirement(approvals=1, waits=DAY, sentence=STANDARD.sentence)


@pytest.mark.parametrize(("approvals", "expected"), [(0, 1), (1, 1), (2, 2)])
def test_frees_nobody_by_rules_of_their_own(approvals: int, expected: int) -> None:
    found = needed(asked(by_their_publisher=True), rule(approvals=approvals, team=NOC))

    assert (found.approvals, found.team) == (expected, NOC)


def test_says_that_nobody_is_freed_by_rules_of_their_own() -> None:
    found = needed(asked(by_their_publisher=True), rule(approvals=0, team=NOC, because="it is small"))

    assert found.sentence == "Needs 1 approval by NOC, because nobody is freed by rules of their own (rule 1)."


def test_gives_its_own_reason_where_it_frees_nobody() -> None:
    assert needed(asked(by_their_publisher=True), rule()) == needed(asked(), rule())


@pytest.mark.parametrize(("approvals", "words"), [(0, "no approval"), (1, "1 approval"), (5, "5 approvals")])
def test_counts_approvals_in_words(approvals: int, words: str) -> None:
    assert count(approvals) == words
