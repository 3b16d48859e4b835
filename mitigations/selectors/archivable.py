"""How much of the logs may be moved into an archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Min, Q

from audit import chaining
from audit.canonical import read
from audit.chain import Head
from audit.models import Archive, Checkpoint, Event, Item, Link, Outcome, Redaction, SignOff, Sink, State
from audit.walking import REDACTED


@dataclass(frozen=True, kw_only=True)
class Range:
    """Records of one log: from `first` to `end`, after `after`."""

    log: str
    after: Head
    end: Head

    @property
    def first(self) -> int:
        return self.after.number + 1


def newest() -> Archive | None:
    """The newest archive of events."""
    return Archive.objects.filter(log=Event.LOG).first()


def before(at: datetime) -> Archive | None:
    """The newest archive, if it holds anything from after this time."""
    found = newest()
    return found if found is not None and found.until >= at else None


def first(log: type[Link]) -> int | None:
    """The number of the oldest record that is still here."""
    return log._default_manager.order_by("number").values_list("number", flat=True).first()


def last_before(at: datetime) -> int:
    """The number of the last event before a time."""
    later = Event.objects.filter(at__gte=at).order_by("at", "number").values_list("number", flat=True).first()
    return chaining.head(Event).number if later is None else later - 1


def newest_redaction() -> int:
    found = Event.objects.filter(deed=REDACTED, outcome=Outcome.DONE).values_list("number", flat=True).first()
    return found or 0


def bounds() -> dict[str, int]:
    """What keeps events here, in words, and the last that it does not keep."""
    found = {
        "the log must keep its newest event; the one before it is": chaining.head(Event).number - 1,
        "the log is signed off up to": _signed_up_to(),
    }
    if (waiting := _first_open_item()) is not None:
        found["somebody has still to look at what comes after"] = waiting - 1
    if (sink := Sink.objects.order_by("cursor").first()) is not None:
        found[f"“{sink.name}” has got everything up to"] = sink.cursor
    if (waiting := _first_to_be_redacted(Event.LOG)) is not None:
        found["it is not decided yet whether to redact what comes after"] = waiting - 1
    if settings.AUDIT_SIGNING_KEY:
        found["the newest checkpoint covers"] = Checkpoint.objects.values_list("number", flat=True).first() or 0
    return found


def ranges(last: int) -> tuple[Range, ...]:
    """The events up to a number, and of each other log what those events say that it had."""
    found = [_range(Event, last)]
    for name, log in chaining.logs().items():
        if log is not Event:
            found.append(_range(log, _known_beside(name, last)))
    return tuple(each for each in found if each.end.number > each.after.number)


def _range(log: type[Link], last: int) -> Range:
    after = chaining.beginning(log)
    kept = [chaining.head(log).number - 1]
    if (waiting := _first_to_be_redacted(log.LOG)) is not None:
        kept.append(waiting - 1)
    end = min(last, *kept)
    if end <= after.number:
        return Range(log=log.LOG, after=after, end=after)
    found = log._default_manager.values_list("hash", flat=True).get(number=end)
    return Range(log=log.LOG, after=after, end=Head(number=end, hash=found))


def _known_beside(name: str, last: int) -> int:
    """How far another log had come when event `last` was written; 0 if no event up to it says."""
    body = Event.objects.values_list("body", flat=True).get(number=last)
    beside = read(body).get("beside", {})
    return int(beside.get(name, {}).get("number", 0))


def _signed_up_to() -> int:
    """The last event of the periods that are signed off, and countersigned where that is wanted. They have no gaps."""
    awaiting = SignOff.objects.filter(own_acts__gt=0, countersigned_at=None).aggregate(first=Min("first"))["first"]
    if awaiting is not None:
        return int(awaiting) - 1
    return SignOff.objects.values_list("last", flat=True).first() or 0


def _first_open_item() -> int | None:
    """The oldest event that is still to be reviewed, or to be looked at again."""
    to_follow_up = Q(follow_up_on__isnull=False, followed_up_at=None)
    first: int | None = Item.objects.filter(~Q(state=State.CLOSED) | to_follow_up).aggregate(first=Min("number"))[
        "first"
    ]
    return first


def _first_to_be_redacted(log: str) -> int | None:
    waiting = Redaction.objects.filter(log=log, decided_at=None).aggregate(first=Min("number"))
    first: int | None = waiting["first"]
    return first
