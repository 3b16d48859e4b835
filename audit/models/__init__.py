from audit.models.archive import Archive
from audit.models.event import Event, Outcome
from audit.models.export import Export, Format, What
from audit.models.following import Channel, Sink
from audit.models.link import Link
from audit.models.proof import Checkpoint, Redaction
from audit.models.review import Item, SignOff, State, Verdict

__all__ = [
    "Archive",
    "Channel",
    "Checkpoint",
    "Event",
    "Export",
    "Format",
    "Item",
    "Link",
    "Outcome",
    "Redaction",
    "SignOff",
    "Sink",
    "State",
    "Verdict",
    "What",
]
