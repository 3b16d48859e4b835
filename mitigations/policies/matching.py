"""Which mitigation at Kentik is which of ours: by target, platform, method, time, and the mark in the comment.

The call that starts one gives no ID back, so it has to be found. One hit is taken; several, or none for long, are for a
person to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from audit.refusal import Objection
from mitigations.policies import durations

# Clocks differ, and Kentik may write down a start a little before we think that we sent it.
LEEWAY = timedelta(minutes=2)
# After this long unfound, it is for a person.
PATIENCE = timedelta(minutes=3)
_MARK = re.compile(r"\[MIT-([1-9][0-9]{0,17})\]")


@dataclass(frozen=True, kw_only=True)
class Sought:
    """One of ours, as it was sent. `comment` begins with its mark; `minutes` 0 has no auto-stop."""

    mark: str
    target: str
    platform: str
    method: str
    minutes: int
    comment: str
    sent_at: datetime


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One at Kentik. `minutes` None has no auto-stop."""

    id: str
    manual: bool
    target: str
    platform: str
    method: str
    minutes: int | None
    comment: str
    started_at: datetime | None


def marked(comment: str) -> int | None:
    """The number of the mitigation whose mark stands first in it: 42 for "[MIT-42] Flood"."""
    mark = _MARK.search(comment)
    return int(mark[1]) if mark else None


def candidates(sought: Sought, shown: Iterable[Shown]) -> list[Shown]:
    """Those that it may be. If any carries its mark, only those that do; one with another's mark is another."""
    fitting = [each for each in shown if _fits(sought, each)]
    with_its_mark = [each for each in fitting if marked(each.comment) == marked(sought.mark)]
    return with_its_mark or [each for each in fitting if marked(each.comment) is None and each.started_at]


def is_among(sought: Sought, shown: Iterable[Shown]) -> bool:
    """Whether one of these is it beyond doubt."""
    return any(_fits(sought, each) and marked(each.comment) == marked(sought.mark) for each in shown)


def unmatched(found: Sequence[Shown]) -> Objection:
    """What a person must look at when there is not one candidate after a while."""
    if found:
        ids = ", ".join(each.id for each in found[:10])
        return Objection(code="several", sentence=f"Kentik shows several that it may be: {ids}. Look which it is.")
    sentence = "Kentik has shown nothing like it for 3 minutes after it was sent. Look there for its target."
    return Objection(code="not-found", sentence=sentence)


def has_lost_its_end(minutes: int, *, at_kentik: int | None) -> bool:
    """Whether an auto-stop was asked for, and Kentik shows none: then it runs until somebody stops it."""
    return bool(minutes) and at_kentik is None


def differences(sought: Sought, shown: Shown) -> tuple[Objection, ...]:
    """Where Kentik has something else than was asked for."""
    found = []
    if has_lost_its_end(sought.minutes, at_kentik=shown.minutes):
        sentence = (
            f"Kentik has no auto-stop for it, and {durations.words(sought.minutes)} was asked for: it will not end."
        )
        found.append(Objection(code="lost-auto-stop", sentence=sentence))
    elif (shown.minutes or 0) != sought.minutes:
        has = durations.words(shown.minutes) if shown.minutes else "no end"
        wanted = durations.words(sought.minutes) if sought.minutes else "no end"
        sentence = f"Kentik has {has} for it, and {wanted} was asked for."
        found.append(Objection(code="other-minutes", sentence=sentence))
    if shown.comment.strip() != sought.comment.strip():
        sentence = f"Kentik has another comment for it: “{shown.comment[:100]}”."
        found.append(Objection(code="other-comment", sentence=sentence))
    return tuple(found)


def _fits(sought: Sought, shown: Shown) -> bool:
    return (
        shown.manual
        and shown.target == sought.target
        and shown.platform == sought.platform
        and shown.method == sought.method
        and (shown.started_at is None or shown.started_at >= sought.sent_at - LEEWAY)
    )
