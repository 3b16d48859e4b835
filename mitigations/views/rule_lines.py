"""Rules as people read them, and what a draft would change about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mitigations.forms.rules import usual_reason
from mitigations.policies.rule_changes import Kind, RuleChange, changes, needed
from mitigations.policies.rule_checks import Flaw
from mitigations.policies.rules import Names, Rule, listed


@dataclass(frozen=True, kw_only=True)
class Line:
    """A rule in words. `place` counts from 1; `because` is empty where it would only say the conditions again."""

    place: int
    rule: Rule
    when: str
    needs: str
    because: str
    flaws: tuple[Flaw, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChangeLine:
    """One change of the rules: as a sentence, and the rule as it was and as it becomes."""

    kind: Kind
    sentence: str
    was: Line | None
    becomes: Line | None


def lines(rules: Sequence[Rule], names: Names, found: Sequence[Flaw] = ()) -> list[Line]:
    return [_line(rule, place, found, names) for place, rule in enumerate(rules, start=1)]


def change_lines(before: Sequence[Rule], after: Sequence[Rule], names: Names) -> list[ChangeLine]:
    was, becomes = lines(before, names), lines(after, names)
    return [
        ChangeLine(
            kind=each.kind,
            sentence=_SENTENCES[each.kind].format(was=each.was, becomes=each.becomes) + _and_moves(each),
            was=was[each.was - 1] if each.was else None,
            becomes=becomes[each.becomes - 1] if each.becomes else None,
        )
        for each in changes(before, after)
    ]


_SENTENCES = {
    Kind.ADDED: "Rule {becomes} is new",
    Kind.REMOVED: "Rule {was} goes",
    Kind.CHANGED: "Rule {was} changes",
    Kind.MOVED: "Rule {was} becomes rule {becomes}",
}


def _and_moves(change: RuleChange) -> str:
    moves = change.kind is Kind.CHANGED and change.was != change.becomes
    return f" and becomes rule {change.becomes}" if moves else ""


def _line(rule: Rule, place: int, found: Sequence[Flaw], names: Names) -> Line:
    return Line(
        place=place,
        rule=rule,
        when=listed(rule.when, names),
        needs=needed(rule, names),
        because=rule.because if rule.because != usual_reason(rule.when, names) else "",
        flaws=tuple(flaw for flaw in found if flaw.place == place),
    )
