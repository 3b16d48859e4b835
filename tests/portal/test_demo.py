from __future__ import annotations

from pathlib import Path

import pytest

from portal.demo import settings, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".env.demo"


def test_writes_every_setting(path: Path) -> None:
    write(path)
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert [line.partition("=")[0] for line in lines] == list(settings())


def test_is_for_its_owner_only(path: Path) -> None:
    write(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_keeps_what_is_there(path: Path) -> None:
    write(path)
    before = path.read_text()
    write(path)
    assert path.read_text() == before


def test_makes_fresh_secrets_each_time() -> None:
    first, second = settings(), settings()
    assert [name for name in ("SECRET_KEY", "KENTIK_API_TOKEN") if first[name] == second[name]] == []
    assert len(first["SECRET_KEY"]) >= 50


def test_sends_to_this_machine_only() -> None:
    assert settings()["KENTIK_BASE_URL"].startswith("http://127.0.0.1:")
