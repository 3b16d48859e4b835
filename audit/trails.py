"""Walking along several logs at once, and asking checkpoints on the way. Pure: rows come from a database or a file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from audit.chain import Head
from audit.notes import Statement
from audit.walking import Flaw, Kind, Row, Walk

# The log that holds the heads of all others.
EVENTS = "events"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a walk has found. `start` is where it began, `heads` where each log was left, `walked` how many records.

    `log`: the one that it was about. `archived`: how many of the checkpoints are of events that stand elsewhere, in an
    archive, and could not be asked.
    """

    start: int
    heads: Mapping[str, Head]
    walked: int
    redacted: int
    checkpoints: int
    flaw: Flaw | None
    archived: int = 0
    log: str = EVENTS

    @property
    def sentence(self) -> str:
        if self.flaw is not None:
            return self.flaw.sentence
        head = self.heads[self.log].number
        covered = f"{self.log.capitalize()} {self.start + 1} to {head}" if head > self.start else f"No new {self.log}"
        redacted = f"; {self.redacted} redacted, all announced" if self.redacted else ""
        return f"{covered} are as they were written{redacted}."


@dataclass(kw_only=True)
class Trail:
    """A log on the way: its walk, and the rows that come next. `goes_on`: what comes after them is elsewhere."""

    walk: Walk
    rows: Iterator[Row]
    goes_on: bool = False


class Walking:
    """Walks along the events, and along each other log as far as the events say that it had come.

    `partial`: there may be more logs than these.
    """

    def __init__(self, trails: Mapping[str, Trail], *, partial: bool = False) -> None:
        self._trails = trails
        self._partial = partial
        self._events = trails[EVENTS]
        self._beside = {name: trail for name, trail in trails.items() if name != EVENTS}
        self._starts = {name: head.number for name, head in self.heads.items()}

    def run(self, checkpoints: Collection[Statement]) -> Flaw | None:
        """`checkpoints` in order of their numbers; those at or before where it begins are none of its business."""
        ahead = [each for each in checkpoints if each.head.number > self._starts[EVENTS]]
        return self._walk(ahead) or self._past_the_end(ahead) or self._unannounced()

    @property
    def heads(self) -> dict[str, Head]:
        """How far each log was walked."""
        return {name: trail.walk.head for name, trail in self._trails.items()}

    def verdict(self, flaw: Flaw | None, *, checkpoints: int, archived: int = 0, log: str = EVENTS) -> Verdict:
        walks = [trail.walk for trail in self._trails.values()]
        return Verdict(
            start=self._starts[log],
            log=log,
            heads=self.heads,
            walked=sum(walk.walked for walk in walks),
            redacted=sum(walk.redacted for walk in walks),
            checkpoints=checkpoints,
            archived=archived,
            flaw=flaw,
        )

    def unannounced_beginning(self, beginnings: Mapping[str, Head]) -> Flaw | None:
        """Whether an event says of each log that it begins where it does."""
        for name, head in beginnings.items():
            if head != Head() and (name, head) not in self._events.walk.beginnings:
                sentence = f"The {name} begin behind {head.number}, and no event says that what was before is archived."
                return Flaw(kind=Kind.ARCHIVE, log=name, number=head.number, sentence=sentence)
        return None

    def _walk(self, ahead: Collection[Statement]) -> Flaw | None:
        remaining = iter(ahead)
        awaited = next(remaining, None)
        for row in self._events.rows:
            if flaw := self._events.walk.step(row) or self._follow_beside():
                return flaw
            while awaited is not None and awaited.head.number == row.number:
                if awaited.head.hash != row.hash:
                    return denied(awaited, True)
                awaited = next(remaining, None)
        return None

    def _follow_beside(self) -> Flaw | None:
        """Go on in the other logs as far as this event says they were."""
        for name, head in self._events.walk.beside.items():
            trail = self._beside.get(name)
            if trail is None:
                if self._partial:
                    continue
                return _strange(name, head, f"Event {self._events.walk.head.number} names a log “{name}”.")
            if flaw := _walk_to(trail, head.number):
                return flaw
            if trail.walk.head.number == head.number and trail.walk.head.hash != head.hash:
                sentence = f"Event {self._events.walk.head.number} names another number {head.number} of the {name}."
                return _strange(name, head, sentence)
        return None

    def _past_the_end(self, ahead: Collection[Statement]) -> Flaw | None:
        """Checkpoints of events that are no longer there; and what the other logs have that no event knows yet."""
        for each in ahead:
            if each.head.number > self._events.walk.head.number:
                return denied(each, False)
        for trail in self._beside.values():
            if flaw := _walk_to(trail, None):
                return flaw
        return None

    def _unannounced(self) -> Flaw | None:
        announced = self._events.walk.announced
        return next((flaw for trail in self._trails.values() if (flaw := trail.walk.unannounced(announced))), None)


def _walk_to(trail: Trail, number: int | None) -> Flaw | None:
    """Walk to this number, or to the end."""
    while number is None or trail.walk.head.number < number:
        row = next(trail.rows, None)
        if row is None:
            return None if number is None or trail.goes_on else trail.walk.gone(number)
        if flaw := trail.walk.step(row):
            return flaw
    return None


def _strange(log: str, head: Head, sentence: str) -> Flaw:
    return Flaw(kind=Kind.BESIDE, log=log, number=head.number, sentence=sentence)


def denied(kept: Statement, is_there: bool) -> Flaw:
    """A log that is not as a checkpoint states."""
    what = "another event" if is_there else "no event"
    when = f"{kept.at:%Y-%m-%d %H:%M} UTC"
    sentence = f"The checkpoint of {when} states event {kept.head.number}; the log has {what} there."
    return Flaw(kind=Kind.CHECKPOINT, log=EVENTS, number=kept.head.number, sentence=sentence)
