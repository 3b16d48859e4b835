"""A log to be verified, and everything that could be done to it behind the portal's back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection

from audit.canonical import canonical, read
from audit.chain import GENESIS, tied
from audit.ledger import recorded
from audit.models import Event
from tests.audit.conftest import AT, DANA, DEED
from tests.databases import lifted_triggers


def write(count: int = 1, **facts: Any) -> None:
    for _ in range(count):
        first = Event.objects.count()
        with recorded(DEED, subject=f"box {first + 1}", by=DANA, at=AT + timedelta(minutes=first)) as record:
            record.facts, record.detail = {"key": "brass", **facts}, {"note": "why"}


def behind_its_back(sql: str, *values: Any) -> None:
    """Run SQL as somebody would who owns the database."""
    with lifted_triggers(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def rewrite_from(number: int, **changed: Any) -> None:
    """Change one event, and forge everything after it so that the chain holds again."""

    events = list(Event.objects.order_by("number"))
    previous = events[number - 2].hash if number > 1 else GENESIS
    for event in events[number - 1 :]:
        body = read(event.body)
        if event.number == number:
            body |= changed
        text = canonical(body)
        previous = tied(previous, text)
        values = (text, previous, body["subject"], event.number)
        behind_its_back("UPDATE audit_event SET body = %s, hash = %s, subject = %s WHERE number = %s", *values)
