"""The columns that a list of mitigations may have, in their order."""

from __future__ import annotations

from enum import StrEnum

from mitigations.policies.ordering import Order


class Column(StrEnum):
    REFERENCE = "reference"
    TARGET = "target"
    PLATFORM = "platform"
    METHOD = "method"
    STATUS = "status"
    OBSERVED = "observed"
    TIME = "time"
    ASKED_BY = "asked-by"
    ASKED_AT = "asked-at"
    TEAM = "team"
    APPROVED_BY = "approved-by"
    TICKET = "ticket"
    REASON = "reason"
    COMMENT = "comment"
    DURATION = "duration"
    STARTED_AT = "started-at"
    ENDED_AT = "ended-at"
    NOTE = "note"

    @property
    def words(self) -> str:
        return _WORDS[self]

    @property
    def orders(self) -> tuple[Order, ...]:
        """What a list can be ordered by under this heading: pressing it goes from one to the next."""
        return _ORDERS.get(self, ())


_WORDS = {
    Column.REFERENCE: "Mitigation",
    Column.TARGET: "Target",
    Column.PLATFORM: "Platform",
    Column.METHOD: "Method",
    Column.STATUS: "Status",
    Column.OBSERVED: "At Kentik",
    Column.TIME: "Time",
    Column.ASKED_BY: "Asked by",
    Column.ASKED_AT: "Asked",
    Column.TEAM: "Team",
    Column.APPROVED_BY: "Approved by",
    Column.TICKET: "Ticket",
    Column.REASON: "Reason",
    Column.COMMENT: "Comment",
    Column.DURATION: "Asked for",
    Column.STARTED_AT: "Started",
    Column.ENDED_AT: "Closed",
    Column.NOTE: "What became of it",
}
_ORDERS = {
    Column.TARGET: (Order.TARGET,),
    Column.TIME: (Order.ENDS,),
    Column.ASKED_AT: (Order.NEWEST, Order.OLDEST),
}
# What every list has: the way to each of its rows.
ALWAYS = Column.REFERENCE
USUAL = (
    *(Column.REFERENCE, Column.TARGET, Column.PLATFORM, Column.METHOD, Column.STATUS, Column.TIME),
    *(Column.ASKED_BY, Column.ASKED_AT),
)


def chosen(names: frozenset[Column]) -> tuple[Column, ...]:
    """These in their order, with the one that every list has; the usual ones where none is named."""
    return tuple(each for each in Column if each in names or each is ALWAYS) if names else USUAL
