"""What happened on a target before, put into figures: of requests as plain values, without a database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mitigations.policies.network import Prefix


class Reach(StrEnum):
    """How far one target reaches, compared with the one that is looked at."""

    SAME = "same"
    WIDER = "wider"
    NARROWER = "narrower"


def reach(target: Prefix, beside: Prefix) -> Reach:
    """Of two that share an address."""
    if target == beside:
        return Reach.SAME
    return Reach.WIDER if target.contains(beside) else Reach.NARROWER


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One request on a target, or on what overlaps it. `reason` may be cut short."""

    target: str
    by: str
    reason: str
    requested_at: datetime
    started_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What stands out in the requests on a target.

    `hits` are the newest ones, newest first, and at least one; `more`: there are older ones, which were not looked at.
    """

    prefix: Prefix
    hits: tuple[Hit, ...]
    more: bool

    @property
    def count(self) -> int:
        return len(self.hits)

    @property
    def since(self) -> datetime:
        return min(hit.requested_at for hit in self.hits)

    @property
    def open(self) -> int:
        return sum(hit.closed_at is None for hit in self.hits)

    @property
    def never_ran(self) -> int:
        """How many came to nothing: rejected, withdrawn, refused, too late."""
        return sum(hit.closed_at is not None and hit.started_at is None for hit in self.hits)

    @property
    def people(self) -> int:
        return len({hit.by for hit in self.hits})

    @property
    def mostly_by(self) -> str:
        """Who asked for more than half of them; empty where nobody did."""
        who, times = Counter(hit.by for hit in self.hits).most_common(1)[0]
        return who if times * 2 > self.count else ""

    @property
    def last_ended_at(self) -> datetime | None:
        return max((hit.closed_at for hit in self.ran if hit.closed_at is not None), default=None)

    @property
    def ran(self) -> tuple[Hit, ...]:
        """Those that were in force, or are."""
        return tuple(hit for hit in self.hits if hit.started_at is not None)

    @property
    def worth_telling(self) -> tuple[Hit, ...]:
        """Those that ran; where none ever did, those that were asked for."""
        return self.ran or self.hits

    @property
    def same(self) -> int:
        """How many of those worth telling were for this very prefix."""
        return sum(hit.target == self.prefix.text for hit in self.worth_telling)

    @property
    def latest(self) -> Hit:
        return self.worth_telling[0]
