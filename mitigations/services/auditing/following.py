"""That a token follows a log is in the log of events: what leaves the portal leaves a trace, as an export does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.authority import Deed, demand
from accounts.models import ApiToken
from accounts.tokens import Admitted
from audit.ledger import recorded
from mitigations.services import events

# A follower asks for ever: each call an event would be an endless log of itself.
_EVERY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Followed:
    """A log, and `noted`: the column of a token that says when it was noted last that it reads it."""

    subject: str
    deed: str
    noted: str


EVENTS = Followed(subject="the log", deed=events.LOG_FOLLOWED, noted="log_noted_at")
EXCHANGES = Followed(subject="the exchanges", deed=events.EXCHANGES_FOLLOWED, noted="exchanges_noted_at")


class _Noted(Exception):
    """Another call was a moment earlier. Rolls back without a record."""


def note(log: Followed, *, caller: Admitted, after: int, at: datetime) -> None:
    """Once a day for each token and log, with where in it the token read on."""
    last = getattr(caller.token, log.noted)
    if last is not None and at < last + _EVERY:
        return
    try:
        _note(log, caller, after, at)
    except _Noted:
        return


def _note(log: Followed, caller: Admitted, after: int, at: datetime) -> None:
    by = caller.actor
    with recorded(log.deed, subject=log.subject, by=by.author, at=at) as record:
        record.facts = {"after": after}
        demand(by, Deed.READ_AUDIT)
        due = Q(**{log.noted: None}) | Q(**{f"{log.noted}__lte": at - _EVERY})
        if not ApiToken.objects.filter(due, pk=caller.token.pk).update(**{log.noted: at}):
            raise _Noted
