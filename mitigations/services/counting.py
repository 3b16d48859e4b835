"""What becomes of approvals when somebody's rights change: each request that they agreed to is told of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from accounts import managing
from audit.ledger import Record
from mitigations.selectors import approvers
from mitigations.services import events


@contextmanager
def followed(record: Record, ids: Collection[int]) -> Iterator[None]:
    """Within a deed: hold these people, let what they may do be changed, and add an event for each of their approvals
    that counts no longer, or again. So open pages learn of it, and the request's own story says who did that.
    """
    managing.hold(ids)
    before = approvers.counting(ids)
    yield
    after = approvers.counting(ids)
    changes = [(events.APPROVAL_LOST, each) for each in before - after]
    changes += [(events.APPROVAL_BACK, each) for each in after - before]
    record.more += [
        Record(deed=deed, subject=reference, by=record.by, at=record.at, facts={"whose": whose})
        for deed, (reference, whose) in sorted(changes)
    ]
