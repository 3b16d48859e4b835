"""What sources sent, kept for people: taken when it comes, closed when it is known what came of it, gone in a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from accounts.bearer import without_tokens
from audit.refusal import Conflict, Objection
from mitigations.models import Mitigation, Notice, Source
from mitigations.policies.alerts import Outcome
from mitigations.policies.signatures import WINDOW

KEPT_FOR = timedelta(days=30)
MOST = 1000
# More of a body than this is not kept.
LARGEST = 16 * 1024


@dataclass(frozen=True, kw_only=True)
class Told:
    """What came of an alert, and what is said of it to whoever sent it."""

    outcome: Outcome
    sentence: str
    key: str = ""
    words: str = ""
    findings: Sequence[Objection] = ()
    mitigation: Mitigation | None = None


def take(source: Source, *, body: bytes, delivery: str | None, ip: str, at: datetime) -> tuple[Notice, bool]:
    """The notice of this delivery, and whether it is new. Committed before anything is done, so that of two at once
    one does it. Raises Conflict while nobody knows how the same one ended.
    """
    _clear(source, at)
    try:
        with transaction.atomic(durable=True):
            return _new(source, body, delivery, ip, at), True
    except IntegrityError:
        before = Notice.objects.select_related("mitigation").get(source=source, delivery=delivery)
    if not before.outcome:
        raise Conflict([_UNDER_WAY])
    return before, False


def close(notice: Notice, told: Told) -> Notice:
    notice.outcome, notice.sentence = told.outcome.value, told.sentence
    notice.key, notice.words, notice.mitigation = told.key, told.words, told.mitigation
    notice.findings = [_kept(each) for each in told.findings]
    notice.save()
    return notice


def _new(source: Source, body: bytes, delivery: str | None, ip: str, at: datetime) -> Notice:
    text = without_tokens(body[:LARGEST].decode(errors="replace").replace("\x00", "\ufffd"))
    values = {"body": text, "is_cut": len(body) > LARGEST, "delivery": delivery, "received_from": ip}
    return Notice.objects.create(source=source, received_at=at, **values)


def _clear(source: Source, at: datetime) -> None:
    """What could still come a second time, signed as it is, is never cleared away by mere number."""
    Notice.objects.filter(received_at__lte=at - KEPT_FOR).delete()
    oldest = source.notices.order_by("-pk").values_list("pk", flat=True)[MOST - 1 : MOST]
    source.notices.filter(pk__lte=max(oldest, default=0), received_at__lt=at - 2 * WINDOW).delete()


def _kept(objection: Objection) -> dict[str, str]:
    names = ("code", "sentence", "severity", "mend", "collides")
    return {name: text for name in names if isinstance(text := getattr(objection, name, None), str) and text}


_UNDER_WAY = Objection(
    code="call-under-way",
    sentence="This very delivery is under way, or was cut off. Sign the alert anew and send it again: it is done once.",
)
