"""What becomes of each rule when a draft takes the place of the rules in force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from mitigations.policies.rules import Condition, Names, Rule, count, listed


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, kw_only=True)
class RuleChange:
    """`was` and `becomes` are the rule's places, counted from 1; None where it does not stand."""

    kind: Kind
    was: int | None = None
    becomes: int | None = None


def changes(before: Sequence[Rule], after: Sequence[Rule]) -> tuple[RuleChange, ...]:
    """Every rule that is not as it was, in the order of the places where it is or was.

    A rule whose number differs only because others came or went has not moved.
    """
    gone, new = _gaps(before, after)
    moved = _paired(gone, new, lambda was, becomes: before[was - 1] == after[becomes - 1])
    changed = [
        *_paired(gone, new, lambda was, becomes: before[was - 1].when == after[becomes - 1].when),
        *_paired(gone, new, lambda was, becomes: gone[was] == new[becomes]),
        *_paired(gone, new, lambda was, becomes: _looks_at(before[was - 1]) == _looks_at(after[becomes - 1])),
    ]
    found = [
        *(RuleChange(kind=Kind.MOVED, was=was, becomes=becomes) for was, becomes in moved),
        *(RuleChange(kind=Kind.CHANGED, was=was, becomes=becomes) for was, becomes in changed),
        *(RuleChange(kind=Kind.REMOVED, was=was) for was in gone),
        *(RuleChange(kind=Kind.ADDED, becomes=becomes) for becomes in new),
    ]
    return tuple(sorted(found, key=lambda each: each.becomes or each.was or 0))


def told(rule: Rule, names: Names) -> str:
    """In few words, for the log: "if it is without an auto-stop: 2 approvals by Security"."""
    return f"if it is {listed(rule.when, names)}: {needed(rule, names)}"


def needed(rule: Rule, names: Names) -> str:
    by = f" by {names.team(rule.team)}" if rule.team is not None and rule.approvals else ""
    return f"{count(rule.approvals)}{by}"


def _looks_at(rule: Rule) -> set[type[Condition]]:
    return {type(condition) for condition in rule.when}


def _gaps(before: Sequence[Rule], after: Sequence[Rule]) -> tuple[dict[int, int], dict[int, int]]:
    """The places, before and after, between those that stayed: each with the number of its gap."""
    gone: dict[int, int] = {}
    new: dict[int, int] = {}
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for gap, (tag, first, last, first_after, last_after) in enumerate(matcher.get_opcodes()):
        if tag != "equal":
            gone |= dict.fromkeys(range(first + 1, last + 1), gap)
            new |= dict.fromkeys(range(first_after + 1, last_after + 1), gap)
    return gone, new


def _paired(gone: dict[int, int], new: dict[int, int], alike: Callable[[int, int], bool]) -> list[tuple[int, int]]:
    """The places that belong together; they are taken out of `gone` and `new`."""
    pairs = []
    for becomes in list(new):
        was = next((each for each in gone if alike(each, becomes)), None)
        if was is not None:
            pairs.append((was, becomes))
            del gone[was], new[becomes]
    return pairs
