from __future__ import annotations

from datetime import UTC, datetime

import pytest

from audit import vocabulary
from audit.author import Author, Origin
from audit.vocabulary import Phrase

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
DANA = Author(key="user:1", name="dana", origin=Origin(request_id="r-1", ip="192.0.2.99", user_agent="pytest"))
DEED = "box.opened"


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deed of our own: the log knows nothing of the portal."""
    monkeypatch.setitem(vocabulary._phrases, DEED, Phrase(done="opened {subject}", tried="open {subject}"))
