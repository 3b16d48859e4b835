"""What an alarm is about, in words, and which is the loudest."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """From the loudest down: harm that goes on, then what may be harm, then what only differs."""

    STOP_UNDELIVERED = "stop-undelivered"
    FAILED_TO_CLEAR = "failed-to-clear"
    LOST_AUTO_STOP = "lost-auto-stop"
    STILL_LIVE = "still-live"
    OTHER_TARGET = "other-target"
    PROTECTED = "protected"
    FAILED_TO_START = "failed-to-start"
    NOT_FOUND = "not-found"
    SEVERAL = "several"
    ENDED_EARLY = "ended-early"
    OTHER_MINUTES = "other-minutes"
    OTHER_COMMENT = "other-comment"


ORDER = tuple(Code)
# Kentik's list for the target is the evidence, and whoever says by it what became of the mitigation has answered them.
WITH_EVIDENCE = frozenset({Code.NOT_FOUND, Code.SEVERAL})
# Somebody has to go to Kentik and stop it there.
STOP_BY_HAND = frozenset({Code.STOP_UNDELIVERED, Code.FAILED_TO_CLEAR, Code.LOST_AUTO_STOP, Code.STILL_LIVE})
# Whatever becomes of the mitigation, somebody has to look. These are over when it is: one that never ran occupies its
# target no longer then.
ONLY_IN_FORCE = frozenset({Code.PROTECTED, Code.FAILED_TO_START})

_HEADINGS = {
    Code.STOP_UNDELIVERED: "is ordered to stop and still runs",
    Code.FAILED_TO_CLEAR: "could not be removed from the network",
    Code.LOST_AUTO_STOP: "will not end by itself",
    Code.STILL_LIVE: "is still live after its end",
    Code.OTHER_TARGET: "has another target at Kentik",
    Code.PROTECTED: "touches what must not be touched",
    Code.FAILED_TO_START: "failed to start: it protects nothing",
    Code.NOT_FOUND: "is not to be found at Kentik",
    Code.SEVERAL: "may be any of several at Kentik",
    Code.ENDED_EARLY: "ended before its time",
    Code.OTHER_MINUTES: "runs for another time than was asked for",
    Code.OTHER_COMMENT: "has another comment at Kentik",
}


def heading(code: str) -> str:
    """It follows the reference: "MIT-42 is still live after its end"."""
    return _HEADINGS[Code(code)] if code in _HEADINGS else "needs a look"
