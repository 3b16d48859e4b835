from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from audit.ledger import Record, append
from audit.models import Event, Outcome
from tests.audit.conftest import AT, DANA, DEED, _words  # noqa: F401 (a fixture that is used by itself)


@pytest.fixture
def events(db: None) -> Callable[..., list[Event]]:
    """`events("a", "b")` happened to a and to b."""

    def happen(*subjects: str) -> list[Event]:
        for subject in subjects:
            append(Record(deed=DEED, subject=subject, by=DANA, at=AT), outcome=Outcome.DONE)
        return list(Event.objects.order_by("number"))

    return happen


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our certificate takes the place of the authorities that are trusted otherwise."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
