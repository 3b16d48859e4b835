"""The life of an order to stop a mitigation."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from audit.refusal import Objection

# Longer than this without being delivered or without effect, and everybody must know.
PATIENCE = timedelta(seconds=60)
_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(seconds=30)
# The budget keeps a look free in every minute; so long after it was sent, something else is the matter.
_LOOKED_AT_WITHIN = timedelta(minutes=2)
# It can be stopped from here in a moment; it cannot.
NOT_YET, NOT_HERE = "not-yet", "not-here"


class OrderStatus(StrEnum):
    WAITING = "waiting"  # for the worker
    SENDING = "sending"
    DELIVERED = "delivered"  # Kentik took it; the state tells when it is carried out
    UNCLEAR = "unclear"  # the answer is lost: the state tells
    REFUSED = "refused"
    DONE = "done"  # the mitigation is over


OPEN_ORDERS = frozenset({OrderStatus.WAITING, OrderStatus.SENDING, OrderStatus.DELIVERED, OrderStatus.UNCLEAR})
# Nothing of it is under way any more, and only Kentik's state tells whether it was heard.
_TOLD = frozenset({OrderStatus.DELIVERED, OrderStatus.UNCLEAR})


def may_be_repeated(status: OrderStatus, *, ordered_at: datetime, at: datetime) -> bool:
    """Whether a person may give an open order once more: Kentik was told, and for a while nothing came of it.

    Stopping twice does no harm, and a stop that was lost on its way does.
    """
    return status in _TOLD and at >= ordered_at + PATIENCE


def pause(attempts: int) -> timedelta:
    """How long to wait after so many calls of an order that Kentik did not get: 2, 4, 8, 16, 30, 30, … seconds."""
    return min(_FIRST_PAUSE * (1 << min(attempts - 1, 10)), _LONGEST_PAUSE)


def undelivered(why: str) -> Objection:
    sentence = f"It was ordered to stop and still runs. {why} Stop it in Kentik now."
    return Objection(code="stop-undelivered", sentence=sentence)


def unseen(*, sent_at: datetime, at: datetime) -> Objection:
    """What stands against stopping one that was sent, and Kentik not looked at since."""
    ago = at - sent_at
    if ago < _LOOKED_AT_WITHIN:
        seen = f"Sent {int(ago.total_seconds())} s ago; Kentik has not been looked at since."
        return Objection(code=NOT_YET, sentence=f"{seen} It can be stopped from here in about a minute.")
    sentence = "The portal cannot have it stopped: Kentik has not been looked at since it was sent. Stop it in Kentik."
    return Objection(code=NOT_HERE, sentence=sentence)


UNSHOWN = Objection(
    code=NOT_HERE,
    sentence="The portal cannot have it stopped: Kentik does not show it, or not to the portal. Stop it in Kentik.",
)
