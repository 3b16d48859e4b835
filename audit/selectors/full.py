"""One event in full, and whether it still is what was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit import chaining, vocabulary
from audit.canonical import read, storable
from audit.chain import Head
from audit.models import Event
from audit.selectors.log import Entry, entry
from audit.walking import Flaw, Row, Walk

# Of the detail: what is shown elsewhere, and what only keeps its hash from being guessed.
_SHOWN_ELSEWHERE = frozenset({"salt", "ip", "user_agent"})


@dataclass(frozen=True, kw_only=True)
class Beside:
    """The newest record of another log when the event was written."""

    log: str
    number: int
    hash: str


@dataclass(frozen=True, kw_only=True)
class Whole:
    """All that the log has of one event.

    `flaw`: what is not as it was written, if anything is. Then nothing is read from its texts, and `body` is shown as
    it is.
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
    flaw: Flaw | None


def one(number: int) -> Whole:
    """Raises Event.DoesNotExist."""
    event = Event.objects.get(number=number)
    around = {each.number: each for each in Event.objects.filter(number__in=[number - 1, number + 1]).defer("body")}
    before = around.get(number - 1)
    flaw = _flaw(event, before)
    body = {} if flaw else read(event.body)
    detail = {} if flaw else event.details
    return Whole(
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
        flaw=flaw,
    )


def _flaw(event: Event, before: Event | None) -> Flaw | None:
    """What a walk that comes by would say of this one event."""
    head = Head(number=before.number, hash=before.hash) if before else chaining.beginning(Event)
    columns = {field.attname: getattr(event, field.attname) for field in Event._meta.concrete_fields}
    row = Row(number=event.number, body=event.body, detail=event.detail, hash=event.hash, columns=columns)
    return Walk(log=Event.LOG, columns=Event.columns, head=head).step(row)


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
