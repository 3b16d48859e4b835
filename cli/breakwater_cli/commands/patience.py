"""Looking again and again, for as long as it takes: only what changes nothing is ever repeated."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from breakwater_cli.desk import Desk
from breakwater_cli.exits import Exit
from breakwater_cli.failures import Broken, Ended, Failure, NotSent, Refused
from breakwater_cli.following import Pace
from breakwater_cli.words import duration

T = TypeVar("T")


@dataclass
class Patience:
    """`minutes`: after which it ends as undecided; None: never. `has_begun`: whether trouble is waited out already;
    otherwise the first call must succeed, or nobody would notice a wrong address.
    """

    desk: Desk
    minutes: float | None = None
    has_begun: bool = False
    pace: Pace = field(default_factory=Pace)
    _started: float = field(default_factory=time.monotonic)
    _told: str = ""

    def until_it_answers(self, look: Callable[[], T]) -> T:
        """Raises what no waiting mends."""
        while True:
            try:
                found = look()
            except (NotSent, Broken, Refused) as trouble:
                self._wait_out(trouble)
            else:
                self.has_begun, self._told = True, ""
                return found

    def at_most(self, seconds: int) -> int:
        """As long as there still is to wait."""
        return seconds if self.minutes is None else max(0, min(seconds, int(self._left())))

    def wait(self, seconds: float) -> None:
        """Raises Ended when the time is over."""
        if self.minutes is not None:
            if self._left() <= 0:
                raise Ended(Exit.UNDECIDED, f"It was not over after {duration(self.minutes * 60)}.")
            seconds = min(seconds, self._left())
        time.sleep(max(0.0, seconds))

    def _left(self) -> float:
        assert self.minutes is not None
        return self._started + self.minutes * 60 - time.monotonic()

    def _wait_out(self, trouble: Failure) -> None:
        if not self.has_begun or not _passes(trouble):
            raise trouble
        if trouble.message != self._told:
            self.desk.note(f"{trouble.message} It is tried again.")
            self._told = trouble.message
        self.wait(self.pace.after_trouble(retry_after=getattr(trouble, "retry_after", None)))


def _passes(trouble: Failure) -> bool:
    return isinstance(trouble, NotSent | Broken) or trouble.exit_code in {Exit.LATER, Exit.BROKEN}
