"""The mitigations that were started here, and the clock that ends them."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network

Clock = Callable[[], datetime]
Network = IPv4Network | IPv6Network

# Any number of digits will do, as long as nobody mistakes it for the ID of a platform or a method.
FIRST_ID = 70001


class AlreadyMitigated(Exception):
    """The target has a mitigation that is not over."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a caller asks to have mitigated."""

    target: Network
    comment: str
    platform_id: str
    method_id: str
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Mitigation:
    id: str
    order: Order
    started_at: datetime

    @property
    def ends_at(self) -> datetime | None:
        return self.started_at + timedelta(minutes=self.order.minutes) if self.order.minutes else None

    def is_over(self, at: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= at

    def as_json(self, at: datetime) -> dict[str, object]:
        return {
            "id": self.id,
            "ip_cidr": str(self.order.target),
            "comment": self.order.comment,
            "platform_id": self.order.platform_id,
            "method_id": self.order.method_id,
            "minutes": self.order.minutes,
            "started_at": self.started_at.isoformat(timespec="microseconds"),
            "ends_at": self.ends_at.isoformat(timespec="microseconds") if self.ends_at else None,
            "state": "ended" if self.is_over(at) else "active",
        }


class Mitigations:
    """Thread-safe: the look for an earlier mitigation and the start of a new one are one step."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        # The numbers go on after a reset: Kentik gives no ID twice.
        self._ids = itertools.count(FIRST_ID)
        self._rows: list[Mitigation] = []

    def start(self, order: Order) -> Mitigation:
        """Start a mitigation. Raises AlreadyMitigated."""
        with self._lock:
            now = self._clock()
            if any(row.order.target == order.target and not row.is_over(now) for row in self._rows):
                raise AlreadyMitigated(f"{order.target} is already being mitigated.")
            mitigation = Mitigation(id=str(next(self._ids)), order=order, started_at=now)
            self._rows.append(mitigation)
            return mitigation

    def as_json(self) -> list[dict[str, object]]:
        with self._lock:
            now = self._clock()
            return [row.as_json(now) for row in self._rows]

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()
