"""Remembering what somebody tried who may never do it: the door is shut before any service is asked."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts import events as accounts
from accounts.authority import Actor, Deed, may
from audit import seldom
from audit.ledger import recorded
from audit.refusal import Forbidden
from mitigations.services import events

_OF_A_TOKEN_EVERY = timedelta(hours=1)
_EVENTS = {
    Deed.ASK: events.ASKED,
    Deed.WITHDRAW: events.WITHDRAWN,
    Deed.APPROVE: events.APPROVED,
    Deed.REJECT: events.REJECTED,
    Deed.STOP: events.STOP_ORDERED,
    Deed.RECORD_STOP: events.STOPPED,
    Deed.SETTLE: events.SETTLED,
    Deed.IDENTIFY: events.MATCHED,
    Deed.EDIT_CATALOGUE: events.CATALOGUE_SAVED,
    Deed.BREAK_GLASS: events.GLASS_BROKEN,
    Deed.REVIEW_GLASS: events.GLASS_REVIEWED,
    Deed.EDIT_RULES: events.DRAFT_EDITED,
    Deed.EDIT_PRESETS: events.PRESET_SAVED,
    Deed.EDIT_PLAN: events.PLAN_SAVED,
    Deed.SETTLE_ALARM: events.ALARM_SETTLED,
    Deed.EDIT_CHANNELS: events.CHANNEL_SAVED,
    Deed.EDIT_SOURCES: events.SOURCE_SAVED,
    Deed.TAKE_SECRET: events.SECRET_TAKEN,
    Deed.VERIFY_AUDIT: events.VERIFICATION_WANTED,
    Deed.EXPORT: events.EXPORT_ASKED,
    Deed.ASK_REDACTION: events.REDACTION_ASKED,
    Deed.REDACT: events.REDACTED,
    Deed.REVIEW: events.REVIEW_TAKEN,
    Deed.SIGN_OFF: events.PERIOD_SIGNED_OFF,
    Deed.MANAGE_PEOPLE: accounts.INVITED,
}


def demand(deed: Deed, *, subject: str, by: Actor, at: datetime) -> None:
    """Raise Forbidden and record it, unless the actor may ever do this. Deeds of mere reading leave no record, and what
    a token tries again and again leaves one an hour.
    """
    objections = may(by, deed)
    if not objections:
        return
    if deed not in _EVENTS or not _is_news(deed, by):
        raise Forbidden(objections)
    with recorded(_EVENTS[deed], subject=subject, by=by.author, at=at):
        raise Forbidden(objections)


def _is_news(deed: Deed, by: Actor) -> bool:
    """A person stops trying; a program that may not goes on."""
    return not by.token or seldom.is_news("refused", by.id, deed.value, by.token, every=_OF_A_TOKEN_EVERY)
