"""How a draft of the rules would have judged what was really asked for."""

from __future__ import annotations

from enum import StrEnum

from mitigations.policies.approval import Requirement


class Difference(StrEnum):
    MORE = "more"
    FEWER = "fewer"
    OTHERS = "others"

    @property
    def words(self) -> str:
        return {
            Difference.MORE: "more approvals",
            Difference.FEWER: "fewer approvals",
            Difference.OTHERS: "other approvers",
        }[self]


def difference(before: Requirement, after: Requirement) -> Difference | None:
    """What would be otherwise; None when as many of the same people must agree."""
    if after.approvals != before.approvals:
        return Difference.MORE if after.approvals > before.approvals else Difference.FEWER
    return Difference.OTHERS if after.team != before.team else None
