from audit.models.event import Event, Outcome
from audit.models.following import Channel, Sink
from audit.models.link import Link

__all__ = ["Channel", "Event", "Link", "Outcome", "Sink"]
