"""Every call that arrived: as it was received, and how it was answered, if it was."""

import base64
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sandbox.faults import Fault
from sandbox.messages import Headers
from sandbox.mitigations import Clock


@dataclass(eq=False, kw_only=True)
class Call:
    """One call, filled in as it goes on. Only the journal changes it."""

    received_at: datetime
    method: str
    path: str
    fault: Fault | None
    concurrent: int
    is_waited_for: Callable[[], bool]
    headers: Headers = ()
    body: bytes = b""
    status: int | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "received_at": self.received_at.isoformat(timespec="microseconds"),
            "method": self.method,
            "path": self.path,
            "headers": [list(pair) for pair in self.headers],
            **_body_as_json(self.body),
            "status": self.status,
            "fault": self.fault.name if self.fault else None,
            "concurrent": self.concurrent,
        }


def _body_as_json(body: bytes) -> dict[str, object]:
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body": None, "body_base64": base64.b64encode(body).decode("ascii")}


class Journal:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self._in_flight: set[Call] = set()

    def arrive(self, *, method: str, path: str, fault: Fault | None, is_waited_for: Callable[[], bool]) -> Call:
        """Count a call in. It is listed once it is recorded."""
        with self._lock:
            # A caller who gave up is no longer in flight, even while the thread that served it has yet to notice.
            others = sum(call.is_waited_for() for call in self._in_flight)
            call = Call(
                received_at=self._clock(),
                method=method,
                path=path,
                fault=fault,
                concurrent=others + 1,
                is_waited_for=is_waited_for,
            )
            self._in_flight.add(call)
            return call

    def record(self, call: Call, *, headers: Headers = (), body: bytes = b"") -> None:
        with self._lock:
            call.headers, call.body = headers, body
            self._calls.append(call)

    def answered(self, call: Call, status: int) -> None:
        """To be told before the last byte leaves: whoever has the answer may look here, or call again, at once."""
        with self._lock:
            call.status = status
            self._in_flight.discard(call)

    def unanswered(self, call: Call) -> None:
        with self._lock:
            call.status = None
            self._in_flight.discard(call)

    def leave(self, call: Call) -> None:
        with self._lock:
            self._in_flight.discard(call)

    def as_json(self) -> list[dict[str, object]]:
        with self._lock:
            return [call.as_json() for call in self._calls]

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()
