from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest

from portal.logging import JsonFormatter, PlainFormatter, request_id


def record(message: str = "Sent %s.", *args: object, **extra: Any) -> logging.LogRecord:
    logger = logging.getLogger("portal.test")
    return logger.makeRecord(logger.name, logging.WARNING, __file__, 1, message, args or ("MIT-1",), None, extra=extra)


def line(given: logging.LogRecord) -> dict[str, Any]:
    text = JsonFormatter().format(given)
    assert "\n" not in text
    return json.loads(text)  # type: ignore[no-any-return]


class TestAJsonLine:
    def test_says_when_how_bad_who_and_what(self) -> None:
        given = record()
        given.created = 1763866800.5
        assert line(given) == {
            "at": "2025-11-23T03:00:00.500+00:00",
            "level": "warning",
            "logger": "portal.test",
            "message": "Sent MIT-1.",
        }

    def test_carries_the_id_of_its_request(self) -> None:
        token = request_id.set("abc")
        try:
            assert line(record())["request_id"] == "abc"
        finally:
            request_id.reset(token)

    def test_carries_whatever_else_was_given(self) -> None:
        assert line(record(outcome="accepted", ms=12))["ms"] == 12

    def test_writes_what_json_does_not_know_as_text(self) -> None:
        assert line(record(where=ValueError("x")))["where"] == "x"

    def test_holds_an_exception_in_the_same_line(self) -> None:
        given = record()
        try:
            raise ValueError("it broke")
        except ValueError:
            given.exc_info = sys.exc_info()
        assert "ValueError: it broke" in line(given)["exception"]

    def test_keeps_a_line_end_in_a_message_out_of_the_log(self) -> None:
        assert line(record("%s", 'a\n{"level": "error"}'))["message"] == 'a\n{"level": "error"}'

    @pytest.mark.parametrize("message", ["é", "\ud800", "\x00"])
    def test_is_plain_ascii_whatever_it_says(self, message: str) -> None:
        assert JsonFormatter().format(record("%s", message)).isascii()


def test_a_plain_line_is_for_reading() -> None:
    assert PlainFormatter().format(record()).endswith("WARNING portal.test  Sent MIT-1.")
