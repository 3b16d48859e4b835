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
    appearance: Appearance,
    *,
    label: str,
    ends_at: datetime | None,
    over_at: datetime | None = None,
    stop_ordered: bool,
    at: datetime,
) -> Observation:
    """What follows for one that is ours and in force, as Kentik shows it. `label` is Kentik's word for the state.

    `ends_at` is our auto-stop. `over_at`: when it was over, by Kentik, if it says so; a look may come much later.
    """
    match appearance:
        case Appearance.ENDED:
            was_over_at = min(at, over_at or at)
            return _ended(label, ends_at=ends_at, stop_ordered=stop_ordered, at=was_over_at)
        case Appearance.START_FAILED:
            return _alarm("failed-to-start", "Kentik could not start it: it protects nothing, and occupies its target.")
        case Appearance.CLEAR_FAILED:
            sentence = "Kentik could not remove it: traffic is probably still affected. Mend it in Kentik at once."
            return _alarm("failed-to-clear", sentence)
        case _ if ends_at is not None and at > ends_at + OVERDUE:
            return _alarm("still-live", "Its auto-stop has passed, and Kentik still shows it. Stop it in Kentik.")
    return Observation()


def moved(*, kentik_id: str, target: str, shown: str) -> Observation:
    """Under the ID of one of ours Kentik now shows another target: whatever that is, it is not what was asked for."""
    sentence = f"Kentik now shows {shown[:60] or 'no target'} as {kentik_id}, which was {target}. Look there for both."
    return _alarm("other-target", sentence)


def outlived(*, label: str) -> Observation:
    """It is over here, and Kentik still shows it."""
    return _alarm("still-live", f"It is over here, and Kentik still shows it as {label}. Look at it in Kentik.")


def _ended(label: str, *, ends_at: datetime | None, stop_ordered: bool, at: datetime) -> Observation:
    if stop_ordered and (ends_at is None or at < ends_at):
        return Observation(after=Status.STOPPED, note=f"Kentik shows it as {label}.")
    if ends_at is not None and at >= ends_at - EARLY:
        return Observation(after=Status.ENDED, note=f"Kentik shows it as {label}.")
    sentence = "It ended before its time, and nobody here ordered it: Kentik shows it as over."
    return Observation(
        after=Status.STOPPED,
        note=f"Kentik shows it as {label}; nobody here stopped it.",
        alarms=(Objection(code="ended-early", sentence=sentence),),
    )


def _alarm(code: str, sentence: str) -> Observation:
    return Observation(alarms=(Objection(code=code, sentence=sentence),))
