"""Reading the log, and how those fare who follow it."""

from audit.selectors.full import Account, Beside, one
from audit.selectors.log import Entry, Filter, Page, following, head, how_many, newest_of, page, story
from audit.selectors.sinks import Standing, channel, channels, standings

__all__ = [
    "Account",
    "Beside",
    "Entry",
    "Filter",
    "Page",
    "Standing",
    "channel",
    "channels",
    "following",
    "head",
    "how_many",
    "newest_of",
    "one",
    "page",
    "standings",
    "story",
]
