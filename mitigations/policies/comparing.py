"""What is wanted beside what Kentik shows: where the two disagree, in words."""

from __future__ import annotations

from datetime import datetime

from mitigations.policies.lifecycle import FINAL, Status
from mitigations.policies.observing import OVERDUE, Appearance

_ON = frozenset({Appearance.PENDING, Appearance.LIVE, Appearance.STOPPING})
_FAILED = {
    Appearance.START_FAILED: "Kentik could not start it: it protects nothing, and its target stays taken there.",
    Appearance.CLEAR_FAILED: "Kentik could not remove it: traffic is probably still affected. Mend it there at once.",
}


def disagreement(status: Status, appearance: Appearance, *, ends_at: datetime | None, at: datetime) -> str:
    """Where the status and a sighting as of now do not go together; empty when they do."""
    if appearance in _FAILED:
        return _FAILED[appearance]
    if status in FINAL:
        return f"Here it is {status}, and Kentik still shows it. Look there." if appearance in _ON else ""
    if appearance is Appearance.ENDED:
        return "Kentik shows that it is over, and here it is not yet."
    if appearance in _ON and ends_at is not None and at > ends_at + OVERDUE:
        return "Its auto-stop has passed, and Kentik still shows it. Stop it in Kentik."
    if appearance is Appearance.UNKNOWN:
        return "Kentik shows a state that the portal does not know. Look there whether it is in force."
    return ""
