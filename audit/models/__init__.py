from audit.models.event import Event, Outcome
from audit.models.following import Channel, Sink
from audit.models.link import Link
from audit.models.proof import Checkpoint, Redaction

__all__ = ["Channel", "Checkpoint", "Event", "Link", "Outcome", "Redaction", "Sink"]
