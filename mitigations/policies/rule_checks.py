"""What is wrong with a draft of the rules, before it may be published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.refusal import Objection
from mitigations.policies.rules import Inside, Names, Rule, WiderThan, count, listed


@dataclass(frozen=True, kw_only=True)
class Group:
    """Who may approve: all approvers, or those of one team. `askers`: how many of them may also ask."""

    approvers: int
    askers: int


@dataclass(frozen=True, kw_only=True)
class Flaw(Objection):
    """`place` counts rules from 1. What is `fatal` keeps the draft from being published."""

    place: int
    fatal: bool


def flaws(rules: Sequence[Rule], *, groups: dict[int | None, Group], names: Names) -> tuple[Flaw, ...]:
    """Every flaw of every rule. `groups` are by team; None stands for all approvers."""
    return tuple(
        flaw
        for place in range(1, len(rules) + 1)
        for flaw in (*_shadow(rules, place), *_impossible(rules, place), *_size(rules, place, groups, names))
    )


def _shadow(rules: Sequence[Rule], place: int) -> Iterator[Flaw]:
    for earlier in range(1, place):
        if rules[earlier - 1].covers(rules[place - 1]):
            sentence = f"Rule {place} never decides: rule {earlier} comes first and matches all that it would match."
            yield Flaw(code="shadowed", place=place, fatal=True, sentence=sentence)
            return


def _impossible(rules: Sequence[Rule], place: int) -> Iterator[Flaw]:
    """What lies inside a prefix is never wider than it."""
    when = rules[place - 1].when
    for inside in (each.prefix for each in when if isinstance(each, Inside)):
        for width in (each for each in when if isinstance(each, WiderThan)):
            if (width.ipv4 if inside.family == 4 else width.ipv6) <= inside.length:
                sentence = f"Rule {place} never matches: nothing is {listed(when, Names())}."
                yield Flaw(code="impossible", place=place, fatal=True, sentence=sentence)


def _size(rules: Sequence[Rule], place: int, groups: dict[int | None, Group], names: Names) -> Iterator[Flaw]:
    rule = rules[place - 1]
    group = groups.get(rule.team, Group(approvers=0, askers=0))
    who = f"approvers in {names.team(rule.team)}" if rule.team is not None else "approvers"
    there = f"Rule {place} needs {count(rule.approvals)}, and there are {group.approvers} active {who}"
    if group.approvers < rule.approvals:
        yield Flaw(code="group-too-small", place=place, fatal=True, sentence=f"{there}: it could never be met.")
    elif group.askers and group.approvers == rule.approvals:
        sentence = f"{there}, some of whom may also ask: nobody could approve what those ask for."
        yield Flaw(code="group-tight", place=place, fatal=False, sentence=sentence)
