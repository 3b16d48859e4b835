"""A file of lines. It is opened anew each time, so it may be renamed or taken away at any time, as logrotate does."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from audit.delivery import NotDelivered
from audit.lines import line
from audit.models import Event

# For the user of the portal, and a group that ships it: the lines hold addresses and what people typed.
_MODE = 0o640


class BadFile(ValueError):
    """`str()` of it finishes a sentence that begins with the name of a setting."""


def check(path: Path) -> None:
    """Raises BadFile for a path that no line can be appended to."""
    if not path.is_absolute():
        raise BadFile("must be a whole path, beginning with a slash.")
    if not path.parent.is_dir():
        raise BadFile("names a file in a directory that does not exist.")
    if path.exists() and not path.is_file():
        raise BadFile("names something that is no file.")


def append(events: Sequence[Event], *, path: Path) -> None:
    """On the disk when it returns. A line that a crash cut short is ended first, and stays as a line of its own."""
    text = "".join(f"{line(event)}\n" for event in events).encode("ascii")
    try:
        with open(path, "a+b", opener=_open) as file:
            file.write(text if _ends_whole(file) else b"\n" + text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise NotDelivered(f"The file cannot be written: {error.strerror or type(error).__name__}.") from None


def _open(path: str, flags: int) -> int:
    return os.open(path, flags, _MODE)


def _ends_whole(file: BinaryIO) -> bool:
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
