"""Which worker of xdist runs which tests."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling


class TwoBrowsers(LoadScopeScheduling):
    """The largest tests first, each to whoever is free, but all of those with Chromium to two workers: every worker
    that gets one of them has to start the whole product, which takes half a minute.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith("tests/browser/"):
            return "pages" if "/test_pages.py" in nodeid else "browser"
        return nodeid.partition("[")[0]
