"""The course of one mitigation at a glance: asked, agreed, sent, live, over, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mitigations.policies.approval import Resolution, Verdict
from mitigations.policies.lifecycle import WAITING, Status

if TYPE_CHECKING:
    from mitigations.models import Mitigation

_ASKED, _AGREED, _SENT, _LIVE, _OVER = range(5)
_NAMES = ("Asked", "Agreed", "Sent", "Live", "Over")
# Where each status stands: the step that it is at, or at which it came to nothing.
_AT = {
    Status.PENDING: _AGREED,
    Status.APPROVED: _SENT,
    Status.SENDING: _SENT,
    Status.ACTIVE: _LIVE,
    Status.UNKNOWN: _LIVE,
    Status.ENDED: _OVER,
    Status.STOPPED: _OVER,
    Status.REJECTED: _AGREED,
}
_WRONG = frozenset({Status.UNKNOWN, Status.REFUSED, Status.REJECTED, Status.EXPIRED, Status.WITHDRAWN})


@dataclass(frozen=True, kw_only=True)
class Step:
    """`state` is done, now, live, wrong, ahead, or never, when it ended before. `at` is when it was reached; while it
    is live, its end lies ahead.
    """

    name: str
    state: str
    at: datetime | None = None
    words: str = ""

    @property
    def is_current(self) -> bool:
        return self.state in {"now", "live", "wrong"}


def course(mitigation: Mitigation, resolution: Resolution) -> list[Step]:
    """`resolution`: what the decisions amount to now, which tells only of what may still be sent. What was sent once,
    was agreed to, whoever of its approvers has left since.
    """
    here = _here(mitigation)
    plight = mitigation.plight
    runs = mitigation.status == Status.ACTIVE and plight is None
    wrong = mitigation.status in _WRONG or (plight is not None and plight.is_grave)
    approvals = _approvals(mitigation, resolution)
    times = _times(mitigation, approvals)
    words = _words(mitigation, approvals)
    if plight is not None:
        words[here] = str(plight)
    elif wrong:
        words[here] = mitigation.status
        times[here] = mitigation.closed_at
    return [
        Step(
            name=name,
            state=_state(place, here, is_over=mitigation.closed_at is not None, runs=runs, wrong=wrong),
            at=times[place] if place <= here or runs else None,
            words=words[place] if place <= here else "",
        )
        for place, name in enumerate(_NAMES)
    ]


def _here(mitigation: Mitigation) -> int:
    """What ended early did so at the step that it had not taken yet."""
    if (known := _AT.get(Status(mitigation.status))) is not None:
        return known
    if mitigation.claimed_at:
        return _LIVE
    return _SENT if mitigation.approved_at else _AGREED


def _state(place: int, here: int, *, is_over: bool, runs: bool, wrong: bool) -> str:
    if place > here:
        return "never" if is_over else "ahead"
    if place < here:
        return "done"
    if wrong:
        return "wrong"
    if runs:
        return "live"
    return "done" if is_over else "now"


def _approvals(mitigation: Mitigation, resolution: Resolution) -> int:
    """How many it had when it was approved, or has."""
    if mitigation.status in WAITING:
        return resolution.approvals
    return mitigation.approvals_needed if mitigation.approved_at else len(_given(mitigation))


def _given(mitigation: Mitigation) -> list[datetime]:
    return [each.decided_at for each in mitigation.decisions.all() if each.verdict == Verdict.APPROVE]


def _times(mitigation: Mitigation, approvals: int) -> list[datetime | None]:
    glass = mitigation.broken_glass
    agreed_at = mitigation.approved_at or max(_given(mitigation), default=None) if approvals else None
    return [
        mitigation.requested_at,
        glass.broken_at if glass else agreed_at,
        mitigation.claimed_at,
        mitigation.started_at,
        mitigation.closed_at or mitigation.ends_at,
    ]


def _words(mitigation: Mitigation, approvals: int) -> list[str]:
    needed = mitigation.approvals_needed
    agreed = f"{approvals} of {needed}" if needed else "no approval needed"
    return [
        mitigation.requested_by.username,
        "glass broken" if mitigation.broken_glass else agreed,
        "",
        "",
        mitigation.status,
    ]
