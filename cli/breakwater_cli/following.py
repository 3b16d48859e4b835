"""When a watched mitigation is asked for again, and when it is over. Pure: no clock, no network."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from breakwater_cli.exits import Exit

_NEVER_IN_FORCE = frozenset({"refused", "rejected", "withdrawn", "expired"})
_OVER = frozenset({"ended", "stopped"})
# Two a token may watch, and still have half of the portal's usual 120 calls a minute for the rest.
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 10.0
_LONGEST_AFTER_TROUBLE = 60.0


class Until(StrEnum):
    IN_FORCE = "in-force"
    OVER = "over"


def ending(status: str, until: Until) -> Exit | None:
    """What it came to; None while it is not yet told."""
    if status == "unknown":
        return Exit.UNKNOWN
    if status in _NEVER_IN_FORCE:
        return Exit.NOT_IN_FORCE
    if status in _OVER:
        return Exit.DONE if until is Until.OVER else Exit.NOT_IN_FORCE
    return Exit.DONE if status == "active" and until is Until.IN_FORCE else None


@dataclass
class Pace:
    """Seconds until the next look: soon while something happens, more seldom while nothing does."""

    _pause: float = _FIRST_PAUSE
    _trouble: float = _FIRST_PAUSE

    def after_news(self) -> float:
        self._pause = self._trouble = _FIRST_PAUSE
        return self._pause

    def after_nothing(self) -> float:
        self._trouble = _FIRST_PAUSE
        pause, self._pause = self._pause, min(self._pause * 1.25, _LONGEST_PAUSE)
        return pause

    def after_trouble(self, *, retry_after: int | None) -> float:
        """Never sooner than the portal says."""
        pause, self._trouble = self._trouble, min(self._trouble * 2, _LONGEST_AFTER_TROUBLE)
        return max(pause, float(retry_after or 0))
