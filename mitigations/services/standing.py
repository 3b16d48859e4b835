"""Whether Kentik's V6 is open to the portal, and when it was looked at last."""

from __future__ import annotations

from datetime import datetime

from accounts.authority import WORKER
from audit.ledger import recorded
from mitigations.kentik.messages import ReadCall, ReadOutcome
from mitigations.models import KentikView
from mitigations.services import events


def heed(call: ReadCall, *, at: datetime) -> None:
    """Note a change: V6 was refused, or is open again. Each is one event."""
    refused = call.outcome is ReadOutcome.REFUSED
    view = _view()
    if refused is (view.refused_at is not None) or call.outcome not in {ReadOutcome.REFUSED, ReadOutcome.READ}:
        return
    with recorded(
        events.V6_REFUSED if refused else events.V6_BACK, subject="Kentik's V6", by=WORKER.author, at=at
    ) as record:
        record.facts = {"sentence": call.sentence}
        view = KentikView.objects.select_for_update().get(pk=view.pk)
        view.refused_at, view.refusal = (at, call.sentence) if refused else (None, "")
        view.save()


def tried(*, at: datetime) -> None:
    """A look begins. Should it come to nothing, the next one is not due at once."""
    KentikView.objects.filter(pk=_view().pk).update(tried_at=at)


def tried_catalogue(*, at: datetime) -> None:
    KentikView.objects.filter(pk=_view().pk).update(catalogue_tried_at=at)


def looked(*, complete: bool, changed: bool, at: datetime) -> None:
    """A look is over."""
    trouble = "" if complete else "Kentik's list was longer than can be read, so what is not in it may yet be live."
    values = {"listed_at": at, "trouble": trouble, **({"changed_at": at} if changed else {})}
    KentikView.objects.filter(pk=_view().pk).update(**values)


def _view() -> KentikView:
    return KentikView.objects.get_or_create(pk=KentikView.THE_ONE)[0]
