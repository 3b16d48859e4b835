"""The log, read as a story: every mitigation's events must be a path of the table of moves that ends where it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from accounts.authority import Deed
from audit.models import Event
from mitigations.models import Mitigation
from mitigations.policies.lifecycle import MOVES, Status
from mitigations.services import events

_DEEDS = {
    events.ASKED: Deed.ASK,
    events.WITHDRAWN: Deed.WITHDRAW,
    events.APPROVED: Deed.APPROVE,
    events.REJECTED: Deed.REJECT,
    events.GLASS_BROKEN: Deed.BREAK_GLASS,
    events.LAPSED: Deed.SEND,
    events.SENDING: Deed.SEND,
    events.BLOCKED: Deed.SEND,
    events.ANSWERED: Deed.SEND,
    events.LOST: Deed.KEEP_TIME,
    events.EXPIRED: Deed.KEEP_TIME,
    events.ENDED: Deed.KEEP_TIME,
    events.STOPPED: Deed.RECORD_STOP,
    events.SETTLED: Deed.SETTLE,
}
# Where it went, unless the event says so itself.
_ENDS = {
    events.WITHDRAWN: Status.WITHDRAWN,
    events.REJECTED: Status.REJECTED,
    events.GLASS_BROKEN: Status.APPROVED,
    events.LAPSED: Status.PENDING,
    events.SENDING: Status.SENDING,
    events.BLOCKED: Status.REFUSED,
    events.LOST: Status.UNKNOWN,
    events.EXPIRED: Status.EXPIRED,
    events.ENDED: Status.ENDED,
    events.STOPPED: Status.STOPPED,
}
_TABLE = {(move.before, move.deed, move.after) for move in MOVES}


def replay(story: Iterable[Event], *, start: Status = Status.PENDING) -> Status:
    """Where the events of one mitigation lead, in their order. Fails at the first that is no move of the table."""
    status = start
    for event in story:
        if event.outcome != "done" or event.deed not in _DEEDS:
            continue
        deed = _DEEDS[event.deed]
        after = _ENDS.get(event.deed) or Status(event.facts["status"])
        still = after is status and event.deed in {events.ASKED, events.ANSWERED}
        assert still or (status, deed, after) in _TABLE, f"{event.subject}: {status} -- {event.deed} --> {after}"
        status = after
    return status


def assert_the_log_tells_it(starts: Mapping[str, Status] | None = None) -> None:
    """Events are numbered 1..n in the order of time, and what they tell of each mitigation is where it stands.

    `starts`: the status in which a test made a mitigation, by its reference.
    """
    log = list(Event.objects.order_by("number"))
    assert [event.number for event in log] == list(range(1, len(log) + 1))
    assert [event.at for event in log] == sorted(event.at for event in log)
    stories: dict[str, list[Event]] = defaultdict(list)
    for event in log:
        stories[event.subject].append(event)
    for mitigation in Mitigation.objects.all():
        start = (starts or {}).get(mitigation.reference, Status.PENDING)
        assert replay(stories[mitigation.reference], start=start) == mitigation.status
