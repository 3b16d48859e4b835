"""That a token follows the log is in the log: what leaves the portal leaves a trace, as an export does."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from accounts.authority import Deed, demand
from accounts.models import ApiToken
from accounts.tokens import Admitted
from audit.ledger import recorded
from mitigations.services import events

# A follower asks for ever: each call an event would be an endless log of itself.
_EVERY = timedelta(days=1)


class _Noted(Exception):
    """Another call was a moment earlier. Rolls back without a record."""


def note(*, caller: Admitted, after: int, at: datetime) -> None:
    """Once a day for each token, with where in the log it read on."""
    last = caller.token.log_noted_at
    if last is not None and at < last + _EVERY:
        return
    try:
        _note(caller, after, at)
    except _Noted:
        return


def _note(caller: Admitted, after: int, at: datetime) -> None:
    by = caller.actor
    with recorded(events.LOG_FOLLOWED, subject="the log", by=by.author, at=at) as record:
        record.facts = {"after": after}
        demand(by, Deed.READ_AUDIT)
        due = Q(log_noted_at=None) | Q(log_noted_at__lte=at - _EVERY)
        if not ApiToken.objects.filter(due, pk=caller.token.pk).update(log_noted_at=at):
            raise _Noted
