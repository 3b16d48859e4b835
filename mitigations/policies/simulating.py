"""How the rules come to what they ask for: what became of each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mitigations.policies.rules import Asked, Names, Rule, listed


@dataclass(frozen=True, kw_only=True)
class Step:
    """What became of one rule: why it did not match, or that it decided. Those after it were not asked."""

    place: int
    when: str
    unmet: str
    decides: bool
    asked: bool


def steps(book: Sequence[Rule], asked: Asked, names: Names) -> list[Step]:
    found, decided = [], False
    for place, rule in enumerate(book, start=1):
        unmet = rule.unmet(asked)
        found.append(
            Step(
                place=place,
                when=listed(rule.when, names),
                unmet=listed(unmet, names) if unmet else "",
                decides=not unmet and not decided,
                asked=not decided,
            )
        )
        decided = decided or not unmet
    return found
