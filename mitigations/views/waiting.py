"""Requests as whoever decides on them sees them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mitigations.policies.lookalikes import parted, resembling
from mitigations.policies.network import Prefix
from mitigations.selectors.waiting import Waiting

if TYPE_CHECKING:
    from mitigations.models import Mitigation

# As many targets of one card, and as many look-alikes, as somebody reads.
_TARGETS, _LOOKALIKES = 8, 3


@dataclass(frozen=True, kw_only=True)
class Lookalike:
    """Another target that waits, parted so that the eye finds the difference."""

    start: str
    differs: str
    end: str


@dataclass(frozen=True, kw_only=True)
class Lookalikes:
    shown: tuple[Lookalike, ...]
    more: int


@dataclass(frozen=True, kw_only=True)
class Card:
    """Those that were asked for at once, mostly one alone. `lookalikes` are told of one alone."""

    waiting: Sequence[Waiting]
    lookalikes: Lookalikes | None = None

    @property
    def first(self) -> Mitigation:
        return self.waiting[0].mitigation

    @property
    def blocked(self) -> list[Waiting]:
        return [each for each in self.waiting if each.is_blocked]

    @property
    def to_look_at(self) -> list[Waiting]:
        return [each for each in self.waiting if each.needs_a_look and not each.is_blocked]

    @property
    def clear(self) -> int:
        return sum(not each.needs_a_look for each in self.waiting)

    @property
    def completed(self) -> int:
        """How many of them go out with one more approval."""
        return sum(not each.resolution.after_one_more and not each.is_blocked for each in self.waiting)

    @property
    def named(self) -> list[Waiting]:
        """The targets that stand on the card: those to look at before the others."""
        return sorted(self.waiting, key=lambda each: not each.needs_a_look)[:_TARGETS]


def cards(waiting: Iterable[Waiting]) -> list[Card]:
    """Those that were asked for at once stand together, where the first of them would."""
    batches: dict[int, list[Waiting]] = {}
    for each in waiting:
        batches.setdefault(each.mitigation.lead, []).append(each)
    alone = [batch[0].mitigation.prefix for batch in batches.values() if len(batch) == 1]
    alike = resembling(alone, among=[each.mitigation.prefix for batch in batches.values() for each in batch])
    return [Card(waiting=batch, lookalikes=_of_one(batch, alike)) for batch in batches.values()]


def lookalikes(mitigation: Mitigation, among: Collection[Prefix]) -> Lookalikes | None:
    """Those of the others that wait which may be taken for this one."""
    return _told(mitigation.prefix, resembling([mitigation.prefix], among=among))


def _of_one(batch: Sequence[Waiting], alike: Mapping[Prefix, tuple[Prefix, ...]]) -> Lookalikes | None:
    return _told(batch[0].mitigation.prefix, alike) if len(batch) == 1 else None


def _told(target: Prefix, alike: Mapping[Prefix, tuple[Prefix, ...]]) -> Lookalikes | None:
    others = alike.get(target, ())
    parts = [parted(other.text, beside=target.text) for other in others[:_LOOKALIKES]]
    shown = tuple(Lookalike(start=start, differs=differs, end=end) for start, differs, end in parts)
    return Lookalikes(shown=shown, more=len(others) - len(shown)) if shown else None
