from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests.adapters
from responses import RequestsMock


@pytest.fixture
def kentik() -> Iterator[RequestsMock]:
    with RequestsMock() as mock:
        yield mock


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our certificate takes the place of the authorities that are trusted otherwise."""
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(certificate))
