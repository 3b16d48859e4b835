from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import pytest

from audit.delivery import NotDelivered
from audit.streams import loglines
from portal.logging import LineHandler


@pytest.fixture
def output(tmp_path: Path) -> Iterator[TextIO]:
    """Where the lines go instead of to stdout."""
    with (tmp_path / "out").open("w+") as stream:
        yield stream


@pytest.fixture(autouse=True)
def handler(output: TextIO, monkeypatch: pytest.MonkeyPatch) -> LineHandler:
    [handler] = [each for each in loglines.logger.handlers if isinstance(each, LineHandler)]
    monkeypatch.setattr(handler, "stream", output)
    return handler


def test_each_event_is_a_bare_line(output: TextIO, events: Callable) -> None:
    loglines.write(events("a", "b\n% %s", "c"))
    output.seek(0)
    assert [json.loads(line)["number"] for line in output.read().splitlines()] == [1, 2, 3]


def test_are_written_whatever_the_level_of_the_rest(output: TextIO, events: Callable) -> None:
    before = logging.root.level
    logging.root.setLevel(logging.CRITICAL)
    try:
        loglines.write(events("a"))
    finally:
        logging.root.setLevel(before)
    assert output.tell() > 0


def test_what_cannot_be_written_is_told(
    handler: LineHandler, events: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(handler, "stream", full)
        with pytest.raises(NotDelivered, match=r"^The output cannot be written: No space left on device\.$"):
            loglines.write(events("a"))
        with pytest.raises(OSError):  # noqa: PT011 (what is left in its buffer is of no interest)
            full.close()
