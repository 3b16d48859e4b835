"""Logs as one JSON object a line (or plain text for a terminal), each with the ID of the request that it came from.

A token of the API that stands in one is cut to its beginning: Django logs addresses, and people put tokens into them.
"""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

from accounts.bearer import without_tokens

request_id: ContextVar[str] = ContextVar("request_id", default="")

# What `logging` itself puts on a record; everything else came from `extra=` and is worth printing.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request", "taskName", "server_time"}


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return without_tokens(json.dumps(line, default=str))


class PlainFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s  %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        return without_tokens(super().format(record))


class LineHandler(logging.StreamHandler[TextIO]):
    """Raises when a line cannot be written, where logging's own would tell stderr and go on."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the name that logging calls)
        # Called while the failure is being handled.
        raise
