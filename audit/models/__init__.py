from audit.models.event import Event, Outcome
from audit.models.following import Channel, Sink
from audit.models.link import Link
from audit.models.review import Item, SignOff, State, Verdict

__all__ = ["Channel", "Event", "Item", "Link", "Outcome", "SignOff", "Sink", "State", "Verdict"]
