"""Is it approved? Computed from the decisions each time it matters, never read from a flag."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


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
    """What a request needs, in numbers and in the sentence that the requester read before asking."""

    approvals: int
    waits: timedelta
    sentence: str


STANDARD = Requirement(approvals=1, waits=timedelta(hours=24), sentence="Needs 1 approval by somebody else.")


@dataclass(frozen=True, kw_only=True)
class Resolution:
    standing: Standing
    approvals: int
    needed: int

    @property
    def missing(self) -> int:
        return max(self.needed - self.approvals, 0)


def resolve(votes: Iterable[Vote], *, requester: int, needed: int, eligible: Collection[int]) -> Resolution:
    """What the votes amount to.

    One rejection ends it. An approval counts once for each person, never for the requester, and only while that person
    is in `eligible` (active, and still an approver). A rejection stands whatever became of whoever gave it.
    """
    votes = list(votes)
    approvers = {vote.by for vote in votes if vote.verdict is Verdict.APPROVE}
    counted = len((approvers & set(eligible)) - {requester})
    if any(vote.verdict is Verdict.REJECT for vote in votes):
        standing = Standing.REJECTED
    else:
        standing = Standing.APPROVED if counted >= needed else Standing.PENDING
    return Resolution(standing=standing, approvals=counted, needed=needed)
