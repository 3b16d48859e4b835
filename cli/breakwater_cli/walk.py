"""The two logs of a portal in step: each event states which exchange with Kentik was the newest when it was written."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from breakwater_cli.chain import Chain, Head, Record, flaw

_CHECKPOINT = re.compile(
    r"^breakwater/audit\n([1-9][0-9]{0,17})\n([0-9a-f]{64})\n(?:exchanges ([0-9]{1,18}) ([0-9a-f]{64})\n)?",
    re.ASCII | re.MULTILINE,
)


class Walk:
    """`more`: the exchanges behind a number, some at a time, none at the end. They are read as events tell of them, and
    so there must be as many as events tell of, and nothing has to be held until the end.
    """

    def __init__(self, more: Callable[[int], Iterable[Record]]) -> None:
        self.events = Chain(log="events", one="Event")
        self.exchanges = Chain(log="exchanges", one="Exchange")
        self._more = more
        self._read: deque[Record] = deque()
        self._told = Head()
        self._archived: dict[str, Head] = {}
        self._announced: set[tuple[str, int]] = set()

    @property
    def chains(self) -> tuple[Chain, Chain]:
        return self.events, self.exchanges

    @property
    def archived(self) -> set[tuple[str, int]]:
        """Those that were kept elsewhere and could not be compared, by log and number; told at the end."""
        return {(chain.log, number) for chain in self.chains for number in chain.archived}

    def mark(self, log: str, head: Head) -> None:
        """Somebody kept this one elsewhere. Raises Flaw."""
        {chain.log: chain for chain in self.chains}[log].mark(head)

    def take(self, record: Record) -> None:
        """The next event, and the exchanges up to the one that it tells of. Raises Flaw."""
        body = self.events.take(record)
        try:
            self._hear(body)
            told = Head(**body["beside"]["exchanges"]) if "beside" in body else self._told
        except (KeyError, TypeError):
            flaw(f"Event {self.events.head.number} is not written as it would be.")
        if told.number < self._told.number:
            flaw(f"Event {self.events.head.number} tells of an older exchange than an event before it.")
        if told != self._told:
            self._told = told
            self._follow()

    def end(self) -> None:
        """The exchanges of which no event tells yet, and what can be told only now. Raises Flaw."""
        while self._next():
            pass
        for chain in self.chains:
            chain.end(self._archived.get(chain.log, Head()))
        self._must_reach_what_was_told()
        for chain in self.chains:
            if silent := sorted(number for number in chain.gone if (chain.log, number) not in self._announced):
                flaw(f"What stood beside {chain.one.lower()} {silent[0]} is gone, and nobody announced it.")

    def _hear(self, body: Mapping[str, Any]) -> None:
        if body["outcome"] != "done":
            return
        if body["deed"] == "audit.redacted":
            self._announced.add((body["facts"]["log"], body["facts"]["number"]))
        if body["deed"] == "audit.archived":
            self._archived = {log: Head(**head) for log, head in body["facts"]["beginnings"].items()}

    def _follow(self) -> None:
        """Up to the exchange that was told of, which is that one, unless it lies in an archive."""
        while self.exchanges.head.number < self._told.number and self._next():
            pass
        if 0 < self.exchanges.head.number < self._told.number:
            flaw(f"Exchange {self._told.number}, of which event {self.events.head.number} tells, is not there.")
        if self.exchanges.head.number == self._told.number and self.exchanges.head != self._told:
            flaw(f"Exchange {self._told.number} is not the one that event {self.events.head.number} tells of.")

    def _next(self) -> bool:
        """Whether there was one more."""
        if not self._read:
            self._read.extend(self._more(self.exchanges.head.number))
        if not self._read:
            return False
        self.exchanges.take(self._read.popleft())
        return True

    def _must_reach_what_was_told(self) -> None:
        """Where none is there any more, all that events tell of lie in an archive."""
        archived = self._archived.get(self.exchanges.log, Head())
        if not self.exchanges.rows and self._told.number > archived.number:
            flaw(f"Exchange {self._told.number}, of which events tell, is not there.")


def stated(note: str) -> Iterable[tuple[str, Head]]:
    """What a checkpoint states, by log; it may stand in a mail. Raises ValueError. Whoever kept it vouches for it."""
    match = _CHECKPOINT.search(note.replace("\r\n", "\n"))
    if match is None:
        raise ValueError("no checkpoint of an audit log")
    event, its_hash, exchange, that_ones = match.groups()
    yield "events", Head(number=int(event), hash=its_hash)
    if exchange is not None and int(exchange):
        yield "exchanges", Head(number=int(exchange), hash=that_ones)
