"""The life of an order to stop a mitigation."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from audit.refusal import Objection

# Longer than this without being delivered or without effect, and everybody must know.
PATIENCE = timedelta(seconds=60)
_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(seconds=30)


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
