from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import Result

from accounts.authority import Scope
from tests.cli.running import run
from tests.cli.serving import serving
from tests.making import make_token
from tests.people import Cast


@pytest.fixture(autouse=True)
def _no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in the keyring of whoever runs the tests is none of their business."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.delenv("BREAKWATER_TOKEN", raising=False)
    monkeypatch.delenv("BREAKWATER_URL", raising=False)


@pytest.fixture
def portal(db: None) -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture
def by(cast: Cast, portal: str) -> Callable[..., Result]:
    """`by("dana", "list")` is what the command says to dana, by a token with every scope."""
    tokens: dict[str, str] = {}

    def command(name: str, *words: str, scopes: tuple[Scope, ...] = (), **options: Any) -> Result:
        key = f"{name} {scopes}"
        tokens[key] = tokens.get(key) or make_token(getattr(cast, name), *scopes).text
        return run(portal, tokens[key], *words, **options)

    return command
