"""Reading the log, and how those fare who follow it."""

from audit.selectors.full import Beside, Whole, one
from audit.selectors.log import (
    Entry,
    Filter,
    Page,
    between,
    entries,
    following,
    head,
    how_many,
    newest_of,
    page,
    story,
)
from audit.selectors.sinks import Late, Standing, called, channel, channels, late, sink_names, standings

__all__ = [
    "Beside",
    "Entry",
    "Filter",
    "Late",
    "Page",
    "Standing",
    "Whole",
    "between",
    "called",
    "channel",
    "channels",
    "entries",
    "following",
    "head",
    "how_many",
    "late",
    "newest_of",
    "one",
    "page",
    "sink_names",
    "standings",
    "story",
]
