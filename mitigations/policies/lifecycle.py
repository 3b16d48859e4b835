"""The life of a mitigation: one table of every allowed move. Services, buttons, docs and tests all ask it.

Who may make a move is not written twice: it is what `accounts.authority.GRANTS` says of the move's deed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from accounts.authority import Deed
from audit.refusal import Conflict, Objection


class Status(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    SENDING = "sending"
    ACTIVE = "active"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    STOPPED = "stopped"
    ENDED = "ended"


WAITING = frozenset({Status.PENDING, Status.APPROVED})
# It is, or may be, in force at Kentik: the exact target is taken.
IN_FORCE = frozenset({Status.SENDING, Status.ACTIVE, Status.UNKNOWN})
OPEN = WAITING | IN_FORCE
FINAL = frozenset(Status) - OPEN


@dataclass(frozen=True, kw_only=True)
class Move:
    before: Status
    deed: Deed
    after: Status
    when: str


def _moves(deed: Deed, *rows: tuple[Status, Status, str]) -> Iterator[Move]:
    for before, after, when in rows:
        yield Move(before=before, deed=deed, after=after, when=when)


MOVES: tuple[Move, ...] = (
    *_moves(Deed.ASK, (Status.PENDING, Status.APPROVED, "its rule asks for no approval")),
    *_moves(
        Deed.APPROVE,
        (Status.PENDING, Status.PENDING, "more approvals are needed"),
        (Status.PENDING, Status.APPROVED, "this was the last approval needed"),
    ),
    *_moves(
        Deed.REJECT,
        (Status.PENDING, Status.REJECTED, "one rejection ends it"),
        (Status.APPROVED, Status.REJECTED, "it has not been sent yet"),
    ),
    *_moves(Deed.BREAK_GLASS, (Status.PENDING, Status.APPROVED, "it goes on the word of whoever asked")),
    *_moves(
        Deed.WITHDRAW,
        (Status.PENDING, Status.WITHDRAWN, "whoever asked no longer wants it"),
        (Status.APPROVED, Status.WITHDRAWN, "it has not been sent yet"),
    ),
    *_moves(
        Deed.SEND,
        (Status.APPROVED, Status.SENDING, "the worker claims it"),
        (Status.APPROVED, Status.PENDING, "an approval no longer counts"),
        (Status.APPROVED, Status.REFUSED, "a guardrail blocks it at the last moment"),
        (Status.SENDING, Status.ACTIVE, "Kentik answered OK"),
        (Status.SENDING, Status.REFUSED, "Kentik said no"),
        (Status.SENDING, Status.UNKNOWN, "the answer is lost or unclear"),
        (Status.SENDING, Status.APPROVED, "the call provably never left"),
        (Status.UNKNOWN, Status.ACTIVE, "the answer came late: OK"),
        (Status.UNKNOWN, Status.REFUSED, "the answer came late: no, or the call never left"),
    ),
    *_moves(
        Deed.KEEP_TIME,
        (Status.PENDING, Status.EXPIRED, "nobody decided in time"),
        (Status.APPROVED, Status.EXPIRED, "it could not be sent in time"),
        (Status.SENDING, Status.UNKNOWN, "the worker that sent it did not come back"),
        (Status.ACTIVE, Status.ENDED, "its auto-stop time has passed"),
    ),
    *_moves(
        Deed.FOLLOW,
        (Status.ACTIVE, Status.ENDED, "Kentik shows that it is over, and its time had come"),
        (Status.ACTIVE, Status.STOPPED, "Kentik shows that it is over, before its time"),
        (Status.UNKNOWN, Status.ACTIVE, "it was found at Kentik"),
    ),
    *_moves(
        Deed.IDENTIFY,
        (Status.ACTIVE, Status.ACTIVE, "an approver says which one at Kentik it is"),
        (Status.UNKNOWN, Status.ACTIVE, "an approver says which one at Kentik it is"),
    ),
    *_moves(Deed.STOP, (Status.ACTIVE, Status.ACTIVE, "the worker orders it, and Kentik shows when it is done")),
    *_moves(Deed.RECORD_STOP, (Status.ACTIVE, Status.STOPPED, "somebody saw it stopped in Kentik")),
    *_moves(
        Deed.SETTLE,
        (Status.UNKNOWN, Status.ACTIVE, "it is in force"),
        (Status.UNKNOWN, Status.REFUSED, "it never came into force"),
        (Status.UNKNOWN, Status.STOPPED, "it was in force, and was stopped"),
    ),
)

_ALLOWED = {(move.before, move.deed, move.after) for move in MOVES}
_LEAVES = {(move.before, move.deed) for move in MOVES}

_NOT_NOW = {
    Status.PENDING: "is still waiting for approval",
    Status.APPROVED: "is approved and waits to be sent",
    Status.SENDING: "is being sent to Kentik at this moment",
    Status.ACTIVE: "is already active",
    Status.UNKNOWN: "has an unknown outcome that must be settled first",
    Status.REFUSED: "was refused",
    Status.REJECTED: "was rejected",
    Status.WITHDRAWN: "was withdrawn",
    Status.EXPIRED: "has expired",
    Status.STOPPED: "was stopped",
    Status.ENDED: "has ended",
}


def objections(status: Status, deed: Deed) -> tuple[Objection, ...]:
    """What stands against this deed in this status, whoever does it; empty when the table has a way."""
    if (status, deed) in _LEAVES:
        return ()
    return (Objection(code="not-now", sentence=f"This mitigation {_NOT_NOW[status]}."),)


def move(status: Status, deed: Deed, after: Status) -> Status:
    """The new status. Raises Conflict when the table has no such move."""
    if (status, deed, after) not in _ALLOWED:
        raise Conflict(
            objections(status, deed) or [Objection(code="not-now", sentence=f"This mitigation {_NOT_NOW[status]}.")]
        )
    return after
