"""Whether Kentik's V6 is open to the portal, and when it was looked at last."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.authority import WORKER
from audit.ledger import recorded
from mitigations.kentik.messages import ReadCall, ReadOutcome
from mitigations.models import KentikView
from mitigations.selectors import kentik
from mitigations.services import doorbell, events

_TELLING = frozenset({ReadOutcome.READ, ReadOutcome.REFUSED})


class _NothingToDo(Exception):
    """It is noted already. Rolls back without a record."""


def locked() -> KentikView:
    """The row, held until the transaction ends."""
    KentikView.objects.get_or_create(pk=KentikView.THE_ONE)
    return KentikView.objects.select_for_update().get(pk=KentikView.THE_ONE)


def heed(call: ReadCall, *, at: datetime) -> None:
    """Note a change: V6 was refused, or is open again. Each is one event."""
    refused = call.outcome is ReadOutcome.REFUSED
    if call.outcome not in _TELLING or refused is _is_refused():
        return
    try:
        _note(call, refused=refused, at=at)
    except _NothingToDo:
        return


def tried(*, at: datetime) -> None:
    """A look begins. Should it come to nothing, the next one is not due at once."""
    _update(tried_at=at)


def tried_catalogue(*, at: datetime) -> None:
    _update(catalogue_tried_at=at)


def want_look(*, at: datetime) -> bool:
    """Have the worker look at Kentik as soon as it may; whether it can look at all.

    However often this is called, it is one look, and looks keep the distance of ten seconds that they always keep.
    """
    if not kentik.is_on():
        return False
    seen = kentik.view()
    if seen.look_wanted_at is None or (seen.tried_at is not None and seen.look_wanted_at < seen.tried_at):
        with transaction.atomic():
            _update(look_wanted_at=at)
            doorbell.ring()
    return True


def failed(*, trouble: str) -> None:
    """A look came to nothing."""
    _update(trouble=trouble)


def looked(view: KentikView, *, whole: bool, changed: bool, at: datetime) -> None:
    """A look that began at this time is kept; within its transaction."""
    view.listed_at, view.trouble = at, "" if whole else _NOT_WHOLE
    if changed:
        view.changed_at = at
    view.save(update_fields=["listed_at", "trouble", "changed_at"])


def _note(call: ReadCall, *, refused: bool, at: datetime) -> None:
    deed = events.V6_REFUSED if refused else events.V6_BACK
    with recorded(deed, subject="Kentik's V6", by=WORKER.author, at=at) as record:
        view = locked()
        if refused is (view.refused_at is not None):
            raise _NothingToDo
        record.facts = {"sentence": call.sentence}
        view.refused_at, view.refusal = (at, call.sentence) if refused else (None, "")
        view.save(update_fields=["refused_at", "refusal"])


def _is_refused() -> bool:
    return KentikView.objects.filter(pk=KentikView.THE_ONE, refused_at__isnull=False).exists()


def _update(**values: object) -> None:
    if not KentikView.objects.filter(pk=KentikView.THE_ONE).update(**values):
        KentikView.objects.get_or_create(pk=KentikView.THE_ONE, defaults=values)


_NOT_WHOLE = "Not everything that Kentik shows could be read, so what is not here may yet be live."
