from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import time_machine

from accounts.authority import Scope
from tests.api.calling import Caller
from tests.making import NOW, make_token
from tests.people import Cast


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It is NOW, and stays so until the test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def calls(cast: Cast) -> Callable[..., Caller]:
    """`calls("dana")` is a program with a token of dana's, for every scope unless told which."""

    def calls(name: str, *scopes: Scope) -> Caller:
        return Caller(make_token(getattr(cast, name), *scopes).text)

    return calls
