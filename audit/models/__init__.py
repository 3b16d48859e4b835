from audit.models.event import Event, Outcome
from audit.models.following import Channel, Sink
from audit.models.link import Link
from audit.models.proof import Checkpoint, Redaction
from audit.models.review import Item, SignOff, State, Verdict

__all__ = [
    "Channel",
    "Checkpoint",
    "Event",
    "Item",
    "Link",
    "Outcome",
    "Redaction",
    "SignOff",
    "Sink",
    "State",
    "Verdict",
]
