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
from audit.selectors.sinks import Standing, channel, channels, standings

__all__ = [
    "Beside",
    "Entry",
    "Filter",
    "Page",
    "Standing",
    "Whole",
    "between",
    "channel",
    "channels",
    "entries",
    "following",
    "head",
    "how_many",
    "newest_of",
    "one",
    "page",
    "standings",
    "story",
]
