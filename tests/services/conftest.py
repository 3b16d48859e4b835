from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mitigations.kentik.account import Account
from mitigations.kentik.client import Client
from sandbox.server import Sandbox
from tests.making import NOW
from tests.people import Cast
from tests.services.watching import Clock, Watch


@pytest.fixture
def kentik(sandbox: Sandbox) -> Callable[..., Client]:
    """A client of the sandbox; the clock of its records stands at NOW."""

    def build(**settings: float) -> Client:
        account = Account(base_url=sandbox.url, email="robot@example.net", token="canary-7f3a9c51", **settings)
        return Client(account, now=lambda: NOW)

    return build


@pytest.fixture
def watch(cast: Cast, settings: Any) -> Iterator[Watch]:
    """Kentik with its V6 open to the portal, on a clock of the test's own that begins at NOW."""
    settings.KENTIK_V6 = True
    clock = Clock()
    with Sandbox(port=0, clock=clock) as sandbox:
        yield Watch(sandbox, clock)


@pytest.fixture
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows of a list are read, and no more."""
    monkeypatch.setattr("mitigations.kentik.v6.paging.PAGE_ROWS", 2)
    monkeypatch.setattr("mitigations.kentik.v6.paging.MOST_PAGES", 1)
