from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.delivery import NotDelivered
from audit.streams.file import BadFile, append, check


def numbers(path: Path) -> list[int]:
    return [json.loads(line)["number"] for line in path.read_text().splitlines()]


def test_each_event_is_a_line(tmp_path: Path, events: Callable) -> None:
    path = tmp_path / "audit.jsonl"
    append(events("a", "b\n"), path=path)
    append(events("c")[2:], path=path)
    assert numbers(path) == [1, 2, 3]
    assert path.read_bytes().endswith(b"}\n")


def test_a_file_that_was_taken_away_is_begun_anew(tmp_path: Path, events: Callable) -> None:
    path, rotated = tmp_path / "audit.jsonl", tmp_path / "audit.jsonl.1"
    append(events("a"), path=path)
    path.rename(rotated)
    append(events("b")[1:], path=path)
    assert (numbers(rotated), numbers(path)) == ([1], [2])


def test_nobody_else_may_read_it(tmp_path: Path, events: Callable) -> None:
    path = tmp_path / "audit.jsonl"
    append(events("a"), path=path)
    assert path.stat().st_mode & 0o007 == 0


def test_a_line_that_a_crash_cut_short_is_ended_before_the_next(tmp_path: Path, events: Callable) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text('{"log":"events","num')
    append(events("a"), path=path)
    cut, whole = path.read_text().splitlines()
    assert cut == '{"log":"events","num'
    assert json.loads(whole)["number"] == 1


def test_what_cannot_be_written_is_told(tmp_path: Path, events: Callable) -> None:
    with pytest.raises(NotDelivered, match=r"^The file cannot be written: No such file or directory\.$"):
        append(events("a"), path=tmp_path / "gone" / "audit.jsonl")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_full_disk_is_told(events: Callable) -> None:
    with pytest.raises(NotDelivered, match="cannot be written"):
        append(events("a"), path=Path("/dev/full"))


@pytest.mark.parametrize(
    ("place", "why"),
    [("gone/audit.jsonl", "does not exist"), ("", "no file")],
)
def test_a_path_that_is_of_no_use_is_told_at_once(place: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=why):
        check(tmp_path / place)


def test_a_path_must_be_whole() -> None:
    with pytest.raises(BadFile, match="beginning with a slash"):
        check(Path("audit.jsonl"))
