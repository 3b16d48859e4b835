"""Faults on demand: what may be asked for, and the queue that the next calls take from."""

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class FaultKind(StrEnum):
    DELAY = "delay"
    STATUS = "status"
    HANG = "hang"
    ACCEPT_THEN_DROP = "accept-then-drop"
    CLOSE_BEFORE_READING = "close-before-reading"
    MALFORMED_JSON = "malformed-json"
    RESULT = "result"
    REDIRECT = "redirect"
    TRICKLE = "trickle"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault for the next `times` calls. Which of the other fields count depends on the kind."""

    kind: FaultKind
    times: int = 1
    seconds: float = 0.2
    status: int = 500
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    result: str = "ERROR"
    location: str | None = None
    then: "Fault | None" = None

    @property
    def name(self) -> str:
        """The kind, and for a delay the kind of what follows it: `delay+hang`."""
        return f"{self.kind}+{self.then.kind}" if self.then else str(self.kind)

    @property
    def delay_seconds(self) -> float:
        return self.seconds if self.kind is FaultKind.DELAY else 0

    @property
    def after_delay(self) -> "Fault | None":
        """What happens to the call once the delay, if there is one, is over."""
        return self.then if self.kind is FaultKind.DELAY else self


class FaultQueue:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: deque[Fault] = deque()

    def add(self, faults: Iterable[Fault]) -> None:
        with self._lock:
            self._faults.extend(faults)

    def take(self) -> Fault | None:
        """The fault of the call that has just arrived, if one is queued; it is used up by this."""
        with self._lock:
            if not self._faults:
                return None
            fault = self._faults.popleft()
            if fault.times > 1:
                self._faults.appendleft(replace(fault, times=fault.times - 1))
            return fault

    def queued(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()
