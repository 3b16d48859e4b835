from collections.abc import Iterator

import pytest

from sandbox.server import Sandbox
from tests.sandbox.calls import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(port=0, clock=clock) as sandbox:
        yield sandbox
