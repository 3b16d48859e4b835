"""Noticing that somebody who follows the log does not keep up: an event when that is so, and one when it is over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NoReturn

from django.db.models import QuerySet

from accounts.authority import WORKER, Actor, Deed, demand
from audit import sinks
from audit.ledger import recorded
from audit.models import Sink
from audit.refusal import Conflict, Objection
from audit.selectors import called, channels, head
from mitigations.services import events

_NO_ERROR = "No error is known."


class _NotDue(Exception):
    """Somebody else has said so. Rolls back without a record."""


def watch(*, at: datetime) -> None:
    """Say of each sink once that it fell behind and once that it caught up, however many workers look."""
    for due, deed in ((_fallen(at), events.STREAM_BEHIND), (_risen(at), events.STREAM_CAUGHT_UP)):
        for name in due.values_list("name", flat=True):
            try:
                _say(deed, name, due, at=at)
            except _NotDue:
                continue


def forget(*, name: str, served: Collection[str], by: Actor, at: datetime) -> None:
    """Let go of a sink that nobody serves any more, so that it is behind no longer. `served`: those that are."""
    with recorded(events.STREAM_FORGOTTEN, subject=name, by=by.author, at=at) as record:
        demand(by, Deed.EDIT_CHANNELS)
        sink = Sink.objects.select_for_update().filter(name=name).first()
        if name in served:
            _refuse("served", "It is switched on in the settings. Switch it off there first.")
        if any(channel.sink == name for channel in channels()):
            _refuse("channel", "It is a channel: delete it on its page.")
        if sink is None:
            _refuse("unknown", "Nobody of that name follows the log.")
        record.facts = {"cursor": sink.cursor}
        sinks.remove(name)


def _fallen(at: datetime) -> QuerySet[Sink]:
    return Sink.objects.late(at).filter(late_at=None)


def _risen(at: datetime) -> QuerySet[Sink]:
    return Sink.objects.in_time(at).exclude(late_at=None)


def _say(deed: str, name: str, due: QuerySet[Sink], *, at: datetime) -> None:
    with recorded(deed, subject=name, by=WORKER.author, at=at) as record:
        # Whoever waited for the row here finds that it is not due any more.
        sink = due.select_for_update().filter(name=name).first()
        if sink is None:
            raise _NotDue
        demand(WORKER, Deed.KEEP_TIME)
        record.subject = called([name])[name]
        record.facts = {"sink": name, "behind": max(head() - sink.cursor, 0), "error": sink.last_error or _NO_ERROR}
        sink.late_at = at if deed == events.STREAM_BEHIND else None
        sink.save(update_fields=["late_at"])


def _refuse(code: str, sentence: str) -> NoReturn:
    raise Conflict([Objection(code=code, sentence=sentence)])
