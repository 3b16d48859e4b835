"""The sandbox as one thing that is started and closed."""

import threading
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sandbox import catalogue as catalogues
from sandbox.credentials import Credentials
from sandbox.handler import Handler
from sandbox.kentik import Kentik
from sandbox.lifecycle import Delays
from sandbox.listener import Listener
from sandbox.mitigations import Clock
from sandbox.v5 import KEYS, V5, Spelling
from sandbox.v6.service import V6
from sandbox.world import new_world, utc_now


class Sandbox:
    """Listens from the moment it is made until it is closed, each connection in a thread of its own.

    `clock` gives the time as an aware datetime. A mitigation takes `start_seconds` of it to come into force and
    `clear_seconds` to go. Port 0 takes any free port. Raises OSError when the address cannot be had and CatalogueError
    when the catalogue file makes no sense.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        email: str | None = None,
        token: str | None = None,
        spelling: str = Spelling.DOCUMENTED,
        catalogue: Path = catalogues.SHIPPED,
        clock: Clock = utc_now,
        start_seconds: float = 0,
        clear_seconds: float = 0,
        quiet: bool = True,
    ) -> None:
        delays = Delays(start=timedelta(seconds=start_seconds), clear=timedelta(seconds=clear_seconds))
        self._world = world = new_world(clock, catalogue=catalogues.load(catalogue), delays=delays)
        who = Credentials(email=email, token=token)
        keys = KEYS[Spelling(spelling)]
        kentik = Kentik(
            v5=V5(shelf=world.shelf, mitigations=world.mitigations, credentials=who, keys=keys),
            v6=V6(shelf=world.shelf, mitigations=world.mitigations, credentials=who),
        )
        self._listener = Listener((host, port), Handler, world=world, kentik=kentik, quiet=quiet)
        threading.Thread(target=self._listener.serve, name="sandbox", daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://{self._listener.server_name}:{self._listener.server_port}"

    def close(self) -> None:
        """Stop at once, even while calls hang. Closing twice does no harm."""
        self._listener.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def journal(self) -> list[dict[str, Any]]:
        return self._world.journal.as_json()

    def mitigations(self) -> list[dict[str, Any]]:
        return self._world.mitigations.as_json()

    def faults(self) -> list[dict[str, Any]]:
        return self._world.queued_faults()

    def fault(self, kind: str, **fields: object) -> None:
        """Queue one fault, `fault("status", status=503, times=2)`. Raises FaultError, a ValueError."""
        self._world.queue_faults({"kind": kind, **fields})

    def elsewhere(self, ip_cidr: str, **fields: object) -> None:
        """A mitigation that somebody started in Kentik's own dialog. Raises OccupantError or AlreadyMitigated."""
        self._world.put_elsewhere({"ip_cidr": ip_cidr, **fields})

    def automatic(self, ip_cidr: str, **fields: object) -> None:
        """A mitigation that a policy of Kentik's started. Raises OccupantError or AlreadyMitigated."""
        self._world.put_automatic({"ip_cidr": ip_cidr, **fields})

    def change_catalogue(self, **changes: object) -> None:
        """`change_catalogue(unlink=[{"platform": "257", "method": "775"}])`. Raises CatalogueError."""
        self._world.shelf.change(changes)

    def reset(self) -> None:
        self._world.reset()
