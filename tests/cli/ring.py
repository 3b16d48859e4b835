"""A keyring in a file, for a command that runs as a process of its own."""

from __future__ import annotations

import os
from pathlib import Path

from keyring.backend import KeyringBackend


class FileRing(KeyringBackend):
    priority = 1
    name = "File of a test"

    def get_password(self, service: str, username: str) -> str | None:
        kept = _file(username)
        return kept.read_text() if kept.exists() else None

    def set_password(self, service: str, username: str, password: str) -> None:
        _file(username).write_text(password)

    def delete_password(self, service: str, username: str) -> None:
        _file(username).unlink()


def _file(username: str) -> Path:
    return Path(os.environ["RING"]) / username.replace("/", "_")
