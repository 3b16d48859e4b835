"""All that the sandbox remembers."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.fault_json import read_faults, show_fault
from sandbox.faults import FaultQueue
from sandbox.journal import Journal
from sandbox.mitigations import Clock, Mitigations


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class World:
    mitigations: Mitigations
    journal: Journal
    faults: FaultQueue

    def queue_faults(self, payload: object) -> list[dict[str, object]]:
        """Queue what a caller asks for and give what is queued now. Raises FaultError, with nothing queued."""
        self.faults.add(read_faults(payload))
        return self.queued_faults()

    def queued_faults(self) -> list[dict[str, object]]:
        return [show_fault(fault) for fault in self.faults.queued()]

    def reset(self) -> None:
        self.faults.clear()
        self.mitigations.clear()
        self.journal.clear()


def new_world(clock: Clock) -> World:
    def now() -> datetime:
        return clock().astimezone(UTC)

    return World(mitigations=Mitigations(now), journal=Journal(now), faults=FaultQueue())
