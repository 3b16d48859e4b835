"""The sandbox as one thing that is started and closed."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sandbox import catalogue as catalogues
from sandbox.handler import Handler
from sandbox.listener import Listener
from sandbox.mitigations import Clock
from sandbox.v5 import KEYS, V5, Credentials, Spelling
from sandbox.world import new_world, utc_now


class Sandbox:
    """Listens from the moment it is made until it is closed, each connection in a thread of its own.

    `clock` gives the time as an aware datetime. Port 0 takes any free port. Raises OSError when the address cannot be
    had and CatalogueError when the catalogue file makes no sense.
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
        quiet: bool = True,
    ) -> None:
        self._world = new_world(clock)
        v5 = V5(
            catalogue=catalogues.load(catalogue),
            mitigations=self._world.mitigations,
            credentials=Credentials(email=email, token=token),
            keys=KEYS[Spelling(spelling)],
        )
        self._listener = Listener((host, port), Handler, world=self._world, v5=v5, quiet=quiet)
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

    def reset(self) -> None:
        self._world.reset()
