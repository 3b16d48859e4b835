from __future__ import annotations

import pytest

from accounts.authority import Actor, Role
from tests.people import Cast, acting, make_person


@pytest.fixture
def ana(cast: Cast) -> Actor:
    return acting(cast.ana)


@pytest.fixture
def ben(cast: Cast) -> Actor:
    """The other auditor."""
    return acting(make_person("ben", [Role.AUDITOR]))
