"""The same call twice: what it was answered is kept for a day, under the key that the caller gave it.

First the key is taken, in a transaction of its own, so that of two at once one does it. A call that was cut off keeps
its key without an answer: what it did is then for whoever called to look up, and never done a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from accounts.models import KeptAnswer
from audit.refusal import Conflict, Objection, Unacceptable

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a call was answered, as it is given again."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The key is this call's: it is to be done, and its answer kept under this number."""

    id: int


def begin(*, caller: str, key: str, call_sha256: str, at: datetime) -> Taken | Answer:
    """Take the key for this call, or give the answer of the same call before it.

    Raises Unacceptable when another call had the key, and Conflict while nobody knows how the same one ended.
    """
    KeptAnswer.objects.filter(made_at__lte=at - KEPT_FOR).delete()
    try:
        with transaction.atomic(durable=True):
            made = KeptAnswer.objects.create(caller=caller, key=key, call_sha256=call_sha256, made_at=at)
        return Taken(id=made.pk)
    except IntegrityError:
        before = KeptAnswer.objects.get(caller=caller, key=key)
    if before.call_sha256 != call_sha256:
        raise Unacceptable([_OTHER])
    if before.status is None:
        raise Conflict([_UNDER_WAY])
    return Answer(status=before.status, headers=before.headers, body=before.body)


def keep(taken: Taken, answer: Answer) -> None:
    values = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
    KeptAnswer.objects.filter(pk=taken.id).update(**values)


_OTHER = Objection(
    code="key-of-another-call",
    sentence="This Idempotency-Key came with another call in the last 24 hours. Give each call a key of its own.",
)
_UNDER_WAY = Objection(
    code="call-under-way",
    sentence="The first call with this Idempotency-Key has not ended yet, or was cut off. Wait a moment and repeat it; "
    "if this stays so, look up what became of it before you ask with another key.",
)
