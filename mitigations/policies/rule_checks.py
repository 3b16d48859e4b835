"""What is wrong with a draft of the rules, before it may be published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.refusal import Objection
from mitigations.policies.network import known
from mitigations.policies.rules import Inside, Names, Rule, WiderThan, count, listed

_EVERYTHING = (known("0.0.0.0/0"), known("::/0"))


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
        for flaw in (*_shadow(rules, place), *_impossible(rules, place, names), *_size(rules, place, groups, names))
    )


def _shadow(rules: Sequence[Rule], place: int) -> Iterator[Flaw]:
    for earlier in range(1, place):
        if rules[earlier - 1].covers(rules[place - 1]):
            sentence = f"Rule {place} never decides: rule {earlier} comes first and matches all that it would match."
            yield Flaw(code="shadowed", place=place, fatal=True, sentence=sentence)
            return


def _impossible(rules: Sequence[Rule], place: int, names: Names) -> Iterator[Flaw]:
    """What lies inside a prefix is never wider than it, and nothing at all is wider than everything."""
    when = rules[place - 1].when
    spaces = [each.prefix for each in when if isinstance(each, Inside)] or _EVERYTHING
    for width in (each for each in when if isinstance(each, WiderThan)):
        if all(width.limit(space.family) <= space.length for space in spaces):
            sentence = f"Rule {place} never matches: nothing is {listed(when, names)}."
            yield Flaw(code="impossible", place=place, fatal=True, sentence=sentence)


def _size(rules: Sequence[Rule], place: int, groups: dict[int | None, Group], names: Names) -> Iterator[Flaw]:
    rule = rules[place - 1]
    group = groups.get(rule.team, Group(approvers=0, askers=0))
    where = f" in {names.team(rule.team)}" if rule.team is not None else ""
    are = "is 1 active approver" if group.approvers == 1 else f"are {group.approvers} active approvers"
    there = f"Rule {place} needs {count(rule.approvals)}, and there {are}{where}"
    if group.approvers < rule.approvals:
        yield Flaw(code="group-too-small", place=place, fatal=True, sentence=f"{there}: it could never be met.")
    elif group.askers and group.approvers == rule.approvals:
        sentence = f"{there}: what an approver asks for could never be met."
        yield Flaw(code="group-tight", place=place, fatal=False, sentence=sentence)
