"""The mitigations that are here, whoever started them, and the clock that moves them on."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sandbox.lifecycle import Action, Delays, Entry, Event, Mitigation, Network, Order, Origin, State

Clock = Callable[[], datetime]

# Any number of digits will do, as long as nobody mistakes it for the ID of a platform or a method.
FIRST_ID = 70001


class AlreadyMitigated(Exception):
    """The target has a mitigation that is not over."""


class CannotAct(Exception):
    """There is no such mitigation, or its state has no such action."""


class Mitigations:
    """Thread-safe: the look for an earlier mitigation and the start of a new one are one step."""

    def __init__(self, clock: Clock, delays: Delays) -> None:
        self._clock = clock
        self._delays = delays
        self._lock = threading.Lock()
        # The numbers go on after a reset: Kentik gives no ID twice.
        self._ids = itertools.count(FIRST_ID)
        self._rows: dict[str, Mitigation] = {}
        # When the clock next brings something, so that thousands of rows at rest cost nothing.
        self._due: dict[str, datetime] = {}

    def start(
        self, order: Order, *, flowspec: bool = False, start_fails: bool = False, clear_fails: bool = False
    ) -> None:
        """Start a manual mitigation. Raises AlreadyMitigated."""
        with self._lock:
            now = self._move_on()
            started = Mitigation(
                id=self._free_id(order),
                order=order,
                history=(Entry(at=now, state=State.MANUAL_STARTING, event=Event.USER_START),),
                flowspec=flowspec,
                start_fails=start_fails,
                clear_fails=clear_fails,
            )
            self._keep(started, now)

    def put_automatic(self, order: Order, state: State, *, flowspec: bool = False) -> None:
        """An automatic mitigation in one of its states. Raises AlreadyMitigated."""
        with self._lock:
            now = self._move_on()
            put = Mitigation(
                id=self._free_id(order),
                order=order,
                history=(Entry(at=now, state=state, event=Event.AUTO_START),),
                origin=Origin.AUTO,
                flowspec=flowspec,
            )
            self._keep(put, now)

    def act(self, mitigation_id: str, action: Action, *, start_fails: bool = False, clear_fails: bool = False) -> None:
        """Raises CannotAct, or AlreadyMitigated when another has taken the target since."""
        with self._lock:
            now = self._move_on()
            row = self._rows.get(mitigation_id)
            if row is None:
                raise CannotAct(f"mitigation {mitigation_id} not found")
            acted = row.acted(action, now)
            if acted is None:
                raise CannotAct(f"action {action} is not available in state {row.state}")
            if acted.occupies_its_target:
                self._check_free(row.order.target, besides=row.id)
            failing = replace(
                acted, start_fails=start_fails or acted.start_fails, clear_fails=clear_fails or acted.clear_fails
            )
            self._keep(failing, now)

    def all(self) -> list[Mitigation]:
        """As they are now, the oldest first."""
        with self._lock:
            self._move_on()
            return list(self._rows.values())

    def as_json(self) -> list[dict[str, object]]:
        return [_as_json(row) for row in self.all()]

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()
            self._due.clear()

    def _move_on(self) -> datetime:
        now = self._clock()
        for mitigation_id in [mitigation_id for mitigation_id, due in self._due.items() if due <= now]:
            self._keep(self._rows[mitigation_id], now)
        return now

    def _keep(self, row: Mitigation, now: datetime) -> None:
        row = self._rows[row.id] = row.at(now, self._delays)
        self._due.pop(row.id, None)
        if coming := row.coming(self._delays):
            self._due[row.id] = coming.at

    def _free_id(self, order: Order) -> str:
        self._check_free(order.target)
        return str(next(self._ids))

    def _check_free(self, target: Network, *, besides: str = "") -> None:
        there = (row for row in self._rows.values() if row.order.target == target and row.occupies_its_target)
        if any(row.id != besides for row in there):
            raise AlreadyMitigated(f"{target} is already being mitigated.")


def _as_json(row: Mitigation) -> dict[str, object]:
    return {
        "id": row.id,
        "ip_cidr": str(row.order.target),
        "comment": row.order.comment,
        "platform_id": row.order.platform_id,
        "method_id": row.order.method_id,
        "minutes": row.order.minutes,
        "started_at": row.started_at.isoformat(timespec="microseconds"),
        "ends_at": row.ends_at.isoformat(timespec="microseconds") if row.ends_at else None,
        "state": _in_a_word(row),
    }


def _in_a_word(row: Mitigation) -> str:
    """`active` while it may be in force or about to be."""
    if row.state in {State.MANUAL_STARTING_FAIL, State.STARTING_FAIL}:
        return "failed"
    if row.occupies_its_target:
        return "active"
    last_clearing = [entry.event for entry in row.history if entry.state is State.MANUAL_CLEARING][-1:]
    return "ended" if Event.TTL_EXPIRED in last_clearing else "stopped"
