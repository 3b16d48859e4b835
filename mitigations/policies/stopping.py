"""The life of an order to stop a mitigation."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

# Longer than this without being delivered or without effect, and everybody must know.
PATIENCE = timedelta(seconds=60)


class OrderStatus(StrEnum):
    WAITING = "waiting"  # for the worker
    SENDING = "sending"
    DELIVERED = "delivered"  # Kentik took it; the state tells when it is carried out
    UNCLEAR = "unclear"  # the answer is lost: the state tells
    REFUSED = "refused"
    DONE = "done"  # Kentik shows that it is over


OPEN_ORDERS = frozenset({OrderStatus.WAITING, OrderStatus.SENDING, OrderStatus.DELIVERED, OrderStatus.UNCLEAR})
