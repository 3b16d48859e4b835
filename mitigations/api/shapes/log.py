"""The audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from mitigations.api.shapes.plain import Shape


class EventShown(Shape):
    """An event as an export has it: `hash` ties `body` to the one before it, as the format of the log says."""

    log: Literal["events"]
    number: int
    hash: str
    body: str
    detail: str | None
    at: datetime
    deed: str
    outcome: Literal["done", "refused"]
    actor_name: str
    subject: str
    sentence: str
    ip: str
    review: bool


class Events(Shape):
    """In the order of the log. Ask again with `after` = `next`: nothing is left out, and nothing comes twice."""

    items: list[EventShown]
    next: int
    head: int


class ExchangeLogged(Shape):
    """An exchange as an export has it: `hash` ties `body` to the one before it, as the format of the log says."""

    log: Literal["exchanges"]
    number: int
    hash: str
    body: str
    detail: str | None


class Exchanges(Shape):
    """In the order of their log. Ask again with `after` = `next`: nothing is left out, and nothing comes twice."""

    items: list[ExchangeLogged]
    next: int
    head: int


class Verification(Shape):
    """What the newest verification found, if there was one. `head`: the number of the newest event."""

    head: int
    awaited: bool
    sound: bool | None
    sentence: str
    from_number: int | None
    to_number: int | None
    at: datetime | None


class CheckpointShown(Shape):
    """The head of the log, signed. `note` is the signed text with its signature."""

    number: int
    hash: str
    made_at: datetime
    note: str


class CheckpointList(Shape):
    items: list[CheckpointShown]
    next: str | None
