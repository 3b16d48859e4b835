"""Lists come in pages, and each page is one call: whoever has a budget of calls asks for them one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Query = Sequence[tuple[str, str]]

# Neither default nor maximum is documented, so each page says how many it wants.
PAGE_ROWS = 100
# Two thousand rows where Kentik gives as many as asked for, and a bound on what a broken server can make us ask.
MOST_PAGES = 20


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a page begins, and the how many-th it is."""

    offset: int = 0
    page: int = 1

    def query(self) -> Query:
        return [
            ("pagination.limit", str(PAGE_ROWS)),
            ("pagination.offset", str(self.offset)),
            ("pagination.includeTotalCount", "true"),
        ]

    def after(self, rows: int) -> Place | None:
        """Where to read on, or None when that leads nowhere or would be one page too many."""
        if not rows or self.page >= MOST_PAGES:
            return None
        return Place(offset=self.offset + rows, page=self.page + 1)


BEGINNING = Place()
