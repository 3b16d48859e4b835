"""What follows from what Kentik shows of a mitigation: whether it is over, and what must be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from audit.refusal import Objection
from mitigations.policies.lifecycle import Status

# Kentik may clear a little before or after its auto-stop: clocks differ, and devices take their time.
EARLY = timedelta(seconds=90)
OVERDUE = timedelta(minutes=3)


class Appearance(StrEnum):
    """A state at Kentik, in a word."""

    PENDING = "pending"
    LIVE = "live"
    STOPPING = "stopping"
    START_FAILED = "start-failed"
    CLEAR_FAILED = "clear-failed"
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Observation:
    """`after` is the status that follows, None to stay. `alarms` are what somebody must look at."""

    after: Status | None = None
    note: str = ""
    alarms: tuple[Objection, ...] = ()


def observe(
    appearance: Appearance, *, label: str, ends_at: datetime | None, stop_ordered: bool, at: datetime
) -> Observation:
    """What follows for one that is ours and in force, as Kentik shows it. `label` is Kentik's word for the state."""
    match appearance:
        case Appearance.ENDED:
            return _ended(label, ends_at=ends_at, stop_ordered=stop_ordered, at=at)
        case Appearance.START_FAILED:
            return _alarm("failed-to-start", "Kentik could not start it: it protects nothing, and occupies its target.")
        case Appearance.CLEAR_FAILED:
            sentence = "Kentik could not remove it: traffic is probably still affected. Mend it in Kentik at once."
            return _alarm("failed-to-clear", sentence)
        case Appearance.PENDING | Appearance.LIVE | Appearance.STOPPING:
            if ends_at is not None and at > ends_at + OVERDUE:
                return _alarm("still-live", "Its auto-stop has passed, and Kentik still shows it. Stop it in Kentik.")
    return Observation()


def _ended(label: str, *, ends_at: datetime | None, stop_ordered: bool, at: datetime) -> Observation:
    if ends_at is not None and at >= ends_at - EARLY:
        return Observation(after=Status.ENDED, note=f"Kentik shows it as {label}.")
    if stop_ordered:
        return Observation(after=Status.STOPPED, note=f"Kentik shows it as {label}.")
    sentence = "It ended before its time, and nobody here ordered it: Kentik shows it as over."
    return Observation(
        after=Status.STOPPED,
        note=f"Kentik shows it as {label}; nobody here stopped it.",
        alarms=(Objection(code="ended-early", sentence=sentence),),
    )


def _alarm(code: str, sentence: str) -> Observation:
    return Observation(alarms=(Objection(code=code, sentence=sentence),))
