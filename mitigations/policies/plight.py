"""What must be said of one that is in force here, in place of the time that it has left."""

from __future__ import annotations

from enum import StrEnum

from mitigations.policies.observing import Appearance


class Plight(StrEnum):
    """In the words of a page. Each makes a countdown a lie: it runs on, does not run, or ends before."""

    STUCK = "could not be removed"
    ORDERED = "ordered to stop"
    STOPPING = "being stopped"
    DEAD = "failed to start"
    ENDLESS = "will not end"

    @property
    def is_grave(self) -> bool:
        """Whether it is not what anybody wanted."""
        return self not in {Plight.ORDERED, Plight.STOPPING}


def plight(appearance: Appearance | None, *, has_lost_its_end: bool, is_ordered_to_stop: bool) -> Plight | None:
    """`appearance`: as Kentik showed it last, None if it never did. None for one that runs as it was asked for."""
    match appearance:
        case Appearance.CLEAR_FAILED:
            return Plight.STUCK
        case _ if is_ordered_to_stop:
            return Plight.ORDERED
        case Appearance.STOPPING:
            return Plight.STOPPING
        case Appearance.START_FAILED:
            return Plight.DEAD
        case _:
            return Plight.ENDLESS if has_lost_its_end else None
