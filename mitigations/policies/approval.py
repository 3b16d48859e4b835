"""Is it approved? Computed from the decisions each time it matters, never read from a flag."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from audit.refusal import Objection

MOST_APPROVALS = 5


class Verdict(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"


class Standing(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Vote:
    by: int
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """What a request needs, in numbers and in the sentence that the requester read before asking.

    `team`: only approvals by its members count. `rule`: the place of the rule that says so; None when none matched.
    """

    approvals: int
    waits: timedelta
    sentence: str
    team: int | None = None
    rule: int | None = None


STANDARD = Requirement(approvals=1, waits=timedelta(hours=24), sentence="Needs 1 approval by somebody else.")


@dataclass(frozen=True, kw_only=True)
class Resolution:
    standing: Standing
    approvals: int
    needed: int

    @property
    def missing(self) -> int:
        return max(self.needed - self.approvals, 0)

    @property
    def after_one_more(self) -> int:
        """How many are missing once somebody whose approval counts has given theirs; 0: then it goes out."""
        return max(self.missing - 1, 0)


def resolve(
    votes: Iterable[Vote], *, requester: int, needed: int, eligible: Collection[int], glass_broken: bool = False
) -> Resolution:
    """What the votes amount to.

    One rejection ends it. An approval counts once for each person, never for the requester, and only while that person
    is in `eligible` (active, still an approver, and of the team that must approve). A rejection stands whatever became
    of whoever gave it. `glass_broken`: the requester, who still has the right to, sent it on their own word.
    """
    votes = list(votes)
    approvers = {vote.by for vote in votes if vote.verdict is Verdict.APPROVE}
    counted = len((approvers & set(eligible)) - {requester})
    if any(vote.verdict is Verdict.REJECT for vote in votes):
        standing = Standing.REJECTED
    else:
        standing = Standing.APPROVED if glass_broken or counted >= needed else Standing.PENDING
    return Resolution(standing=standing, approvals=counted, needed=needed)


def as_shown(*, after_one_more: int, findings: Iterable[Objection]) -> str:
    """What an approval rests on, as a short word: what speaks against the request, and whether it then goes out.

    Who approves sends back the word of the page that they read, so that nobody agrees to what they have not seen.
    """
    said = [after_one_more, *([each.code, each.sentence] for each in findings)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
