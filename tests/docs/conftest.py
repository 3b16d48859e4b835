from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.server import Sandbox
from tests.people import Cast, make_cast
from tests.processes.web import Web


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def portal(people: Cast, sandbox: Sandbox) -> Iterator[Web]:
    with Web(sandbox.url) as web:
        yield web
