"""Faults on demand: what may be asked for, and the queue that the next calls take from."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sandbox.apis import Api, api_of


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
    START_FAILS = "start-fails"
    CLEAR_FAILS = "clear-fails"
    LOSE_AUTO_STOP = "lose-auto-stop"
    LOSE_COMMENT = "lose-comment"


# These go wrong with the mitigation rather than with the call, which is answered as ever.
FLAWS = {FaultKind.START_FAILS, FaultKind.CLEAR_FAILS, FaultKind.LOSE_AUTO_STOP, FaultKind.LOSE_COMMENT}
FLAWS_OF_V5 = {FaultKind.LOSE_AUTO_STOP, FaultKind.LOSE_COMMENT}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault for the next `times` calls, of one API if one is named. The kind says which other fields count."""

    kind: FaultKind
    times: int = 1
    api: Api | None = None
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

    @property
    def flaw(self) -> FaultKind | None:
        """What goes wrong with the mitigation, where the call does not."""
        return self.after_delay.kind if self.after_delay and self.after_delay.kind in FLAWS else None

    def suits(self, *, method: str, target: str) -> bool:
        """Whether a call may take this fault. A flaw waits for a call that can have it, so no question uses it up."""
        api = api_of(target)
        if self.api not in (None, api):
            return False
        return self.flaw is None or (method == "POST" and (api is Api.V5 or self.flaw not in FLAWS_OF_V5))


class FaultQueue:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, faults: Iterable[Fault]) -> None:
        with self._lock:
            self._faults.extend(faults)

    def take(self, *, method: str, target: str) -> Fault | None:
        """The first fault that suits the call that has just arrived, if there is one; it is used up by this."""
        with self._lock:
            for place, fault in enumerate(self._faults):
                if fault.suits(method=method, target=target):
                    self._faults[place : place + 1] = [replace(fault, times=fault.times - 1)] * (fault.times > 1)
                    return fault
            return None

    def queued(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()
