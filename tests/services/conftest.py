from __future__ import annotations

from collections.abc import Callable

import pytest

from mitigations.kentik.account import Account
from mitigations.kentik.client import Client
from sandbox.server import Sandbox
from tests.making import NOW


@pytest.fixture
def kentik(sandbox: Sandbox) -> Callable[..., Client]:
    """A client of the sandbox; the clock of its records stands at NOW."""

    def build(**settings: float) -> Client:
        account = Account(base_url=sandbox.url, email="robot@example.net", token="canary-7f3a9c51", **settings)
        return Client(account, now=lambda: NOW)

    return build
