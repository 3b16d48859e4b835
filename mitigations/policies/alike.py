"""Saying once what is to be said of many: 38 targets in one protected prefix are one thing to read, not 38."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from mitigations.policies.guardrails import Change, Finding, blocks, change

T = TypeVar("T")
_UNCHANGED = Change(appeared=(), gone=())


@dataclass(frozen=True, kw_only=True)
class Said:
    """What is to be said of one target: who must agree, what speaks against it, and what did when it was asked for.

    `before`: pairs of code and sentence; None when it was not asked for yet.
    """

    target: str
    rule: str
    findings: tuple[Finding, ...] = ()
    before: tuple[tuple[str, str], ...] | None = None

    @property
    def change(self) -> Change:
        return _UNCHANGED if self.before is None else change(self.before, self.findings)

    @property
    def is_blocked(self) -> bool:
        return bool(blocks(self.findings))

    @property
    def is_clear(self) -> bool:
        return not self.findings and not self.change

    def of_each(self) -> Said:
        """The same, said of several: a sentence that begins with the target begins with "Each"."""
        return replace(
            self,
            target="",
            findings=tuple(replace(each, sentence=self._of_each(each.sentence)) for each in self.findings),
            before=self.before and tuple((code, self._of_each(sentence)) for code, sentence in self.before),
        )

    def _of_each(self, sentence: str) -> str:
        rest = sentence.removeprefix(f"{self.target} ")
        return sentence if rest == sentence else f"Each {rest}"


@dataclass(frozen=True, kw_only=True)
class Alike(Generic[T]):
    """Those of which the same is to be said."""

    said: Said
    members: tuple[T, ...]


@dataclass(frozen=True, kw_only=True)
class Pile(Generic[T]):
    groups: tuple[Alike[T], ...]

    @property
    def members(self) -> list[T]:
        return [member for group in self.groups for member in group.members]

    @property
    def count(self) -> int:
        return sum(len(group.members) for group in self.groups)


@dataclass(frozen=True, kw_only=True)
class Piles(Generic[T]):
    """By how closely they have to be looked at. `rules`: who must agree, and to how many of them."""

    blocked: Pile[T]
    closely: Pile[T]
    clear: Pile[T]
    rules: list[tuple[str, int]]

    @property
    def count(self) -> int:
        return self.blocked.count + self.closely.count + self.clear.count


def piled(items: Iterable[T], said_of: Callable[[T], Said]) -> Piles[T]:
    """Put those together of which the same is to be said, in the order in which the first of each came."""
    groups = _groups(items, said_of)
    rules: Counter[str] = Counter()
    for group in groups:
        rules[group.said.rule] += len(group.members)
    return Piles(
        blocked=_pile(groups, lambda said: said.is_blocked),
        closely=_pile(groups, lambda said: not said.is_blocked and not said.is_clear),
        clear=_pile(groups, lambda said: said.is_clear),
        rules=rules.most_common(),
    )


def _groups(items: Iterable[T], said_of: Callable[[T], Said]) -> list[Alike[T]]:
    found: dict[Said, list[T]] = {}
    for each in items:
        found.setdefault(said_of(each).of_each(), []).append(each)
    return [
        Alike(said=said if len(members) > 1 else said_of(members[0]), members=tuple(members))
        for said, members in found.items()
    ]


def _pile(groups: Iterable[Alike[T]], belongs: Callable[[Said], bool]) -> Pile[T]:
    return Pile(groups=tuple(group for group in groups if belongs(group.said)))
