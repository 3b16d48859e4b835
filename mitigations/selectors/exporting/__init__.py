"""What can leave the portal: for each kind of thing, which rows there are and how each is written."""

from audit.models import Format, What
from mitigations.selectors.exporting.events import Events
from mitigations.selectors.exporting.exchanges import ExchangeFilter, Exchanges
from mitigations.selectors.exporting.listing import Standing, newest, one, standing, standing_of
from mitigations.selectors.exporting.mitigations import Mitigations
from mitigations.selectors.exporting.source import Row, Source

__all__ = [
    "Events",
    "ExchangeFilter",
    "Exchanges",
    "Format",
    "Mitigations",
    "Row",
    "Source",
    "Standing",
    "What",
    "newest",
    "one",
    "standing",
    "standing_of",
]
