"""One event in full, and whether it still is what was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit import chaining, vocabulary
from audit.canonical import read, read_strictly, sha256, storable
from audit.chain import tied
from audit.models import Event
from audit.selectors.log import Entry, entry

# Of the detail: what is shown elsewhere, and what only keeps its hash from being guessed.
_SHOWN_ELSEWHERE = frozenset({"salt", "ip", "user_agent"})


@dataclass(frozen=True, kw_only=True)
class Beside:
    """The newest record of another log when the event was written."""

    log: str
    number: int
    hash: str


@dataclass(frozen=True, kw_only=True)
class Account:
    """All that the log has of one event.

    `faults`: in sentences, what is not as it was written, empty when all is. Then nothing is read from its texts, and
    `body` is shown as it is.
    """

    entry: Entry
    actor_key: str
    deed_label: str
    said_at: datetime | None
    ip: str
    user_agent: str
    request_id: str
    facts: dict[str, Any]
    detail: dict[str, Any]
    is_redacted: bool
    body: str
    hash: str
    before: Event | None
    after: Event | None
    beside: list[Beside]
    faults: list[str]


def one(number: int) -> Account:
    """Raises Event.DoesNotExist."""
    event = Event.objects.get(number=number)
    around = {each.number: each for each in Event.objects.filter(number__in=[number - 1, number + 1]).defer("body")}
    before = around.get(number - 1)
    faults = _faults(event, before.hash if before else _archived_hash(number - 1))
    body = {} if faults else read(event.body)
    detail = {} if faults else event.details
    return Account(
        entry=entry(event),
        actor_key=event.actor,
        deed_label=vocabulary.label(event.deed),
        said_at=_time(body.get("said_at")),
        ip=event.ip,
        user_agent=_storable(detail.get("user_agent", "")),
        request_id=event.request_id,
        facts=_storable(body.get("facts", {})),
        detail=_storable({name: value for name, value in detail.items() if name not in _SHOWN_ELSEWHERE}),
        is_redacted=event.is_redacted,
        body=event.body,
        hash=event.hash,
        before=before,
        after=around.get(number + 1),
        beside=[Beside(log=name, **head) for name, head in body.get("beside", {}).items()],
        faults=faults,
    )


def _archived_hash(number: int) -> str | None:
    """Of the record with this number, where it is the last that was archived, or none at all."""
    beginning = chaining.beginning(Event)
    return beginning.hash if beginning.number == number else None


def _faults(event: Event, before: str | None) -> list[str]:
    """`before`: the hash of the event that it follows."""
    if before is None:
        return [f"Event {event.number - 1}, which it follows, is missing."]
    if read_strictly(event.body) is None or tied(before, event.body) != event.hash:
        return ["Its text or its hash is not what was written, or the hash before it is not."]
    if event.detail is not None and not _is_beside(event.body, event.detail):
        return ["What stands beside its text is not what was written."]
    return []


def _is_beside(body: str, detail: str) -> bool:
    return read_strictly(detail) is not None and sha256(detail) == read(body).get("detail_sha256")


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _storable(value: Any) -> Any:
    """The same with nothing that a page cannot hold."""
    match value:
        case str():
            return storable(value)
        case list():
            return [_storable(each) for each in value]
        case dict():
            return {storable(name): _storable(each) for name, each in value.items()}
    return value
