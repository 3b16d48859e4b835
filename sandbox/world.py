"""All that the sandbox remembers."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.catalogue import Catalogue, load
from sandbox.fault_json import read_faults, show_fault
from sandbox.faults import FaultQueue
from sandbox.journal import Journal
from sandbox.lifecycle import Delays
from sandbox.mitigations import Clock, Mitigations
from sandbox.occupants import read_automatic, read_elsewhere
from sandbox.shelf import Shelf


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class World:
    mitigations: Mitigations
    journal: Journal
    faults: FaultQueue
    shelf: Shelf

    def queue_faults(self, payload: object) -> None:
        """Queue what a caller asks for. Raises FaultError, with nothing queued."""
        self.faults.add(read_faults(payload))

    def queued_faults(self) -> list[dict[str, object]]:
        return [show_fault(fault) for fault in self.faults.queued()]

    def put_elsewhere(self, payload: object) -> None:
        """Raises OccupantError or AlreadyMitigated."""
        catalogue = self.shelf.catalogue
        order = read_elsewhere(payload, catalogue)
        self.mitigations.start(order, flowspec=catalogue.is_flowspec(order.method_id))

    def put_automatic(self, payload: object) -> None:
        """Raises OccupantError or AlreadyMitigated."""
        catalogue = self.shelf.catalogue
        order, state = read_automatic(payload, catalogue)
        self.mitigations.put_automatic(order, state, flowspec=catalogue.is_flowspec(order.method_id))

    def reset(self) -> None:
        self.faults.clear()
        self.mitigations.clear()
        self.journal.clear()
        self.shelf.reset()


def new_world(clock: Clock, *, catalogue: Catalogue | None = None, delays: Delays | None = None) -> World:
    def now() -> datetime:
        return clock().astimezone(UTC)

    return World(
        mitigations=Mitigations(now, delays or Delays()),
        journal=Journal(now),
        faults=FaultQueue(),
        shelf=Shelf(catalogue or load(), now),
    )
