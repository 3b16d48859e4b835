"""Whether the log is as it was written: every event, every exchange, and every checkpoint against them.

Walks in constant memory, whatever the log's length; only redactions and checkpoints are remembered, and there are few.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from audit import chaining
from audit.chain import Head
from audit.models import Checkpoint, Event, Link
from audit.notes import Statement, statement
from audit.signing import BadNote, PublicKey, verified
from audit.walking import Flaw, Kind, Row, Walk

_BATCH = 2_000


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a walk has found. `start` is where it began, `heads` where each log was left, `walked` how many records."""

    start: int
    heads: Mapping[str, Head]
    walked: int
    redacted: int
    checkpoints: int
    flaw: Flaw | None

    @property
    def sentence(self) -> str:
        if self.flaw is not None:
            return self.flaw.sentence
        head = self.heads[Event.LOG].number
        covered = f"Events {self.start + 1} to {head}" if head > self.start else "No new events"
        redacted = f"; {self.redacted} redacted, all announced" if self.redacted else ""
        return f"{covered} are as they were written{redacted}."


def verify(
    *, since: Statement | None = None, kept: Collection[Statement] = (), keys: Collection[PublicKey] = ()
) -> Verdict:
    """Walk the log from behind `since`, or from its beginning, to its head.

    `kept` are checkpoints from elsewhere whose signatures are verified; those of the database are checked by `keys`.
    """
    return _Verification(since, kept=kept, keys=keys).run()


def contradicted(kept: Statement) -> Flaw | None:
    """Whether the log disagrees with a checkpoint, at the one place that it names."""
    found = Event.objects.filter(number=kept.head.number).values_list("hash", flat=True).first()
    return None if kept.head == Head() or found == kept.head.hash else _denied(kept, found is not None)


def _ours(keys: Collection[PublicKey], *, since: Head) -> Iterator[Statement]:
    """Those from `since` on. Raises BadNote for one whose signature, or whose columns, are not right."""
    for checkpoint in Checkpoint.objects.filter(number__gte=since.number).order_by("number").iterator():
        try:
            stated = statement(verified(checkpoint.note, keys)[0])
        except BadNote as error:
            raise BadNote(f"The checkpoint of event {checkpoint.number}: {error}") from None
        if (stated.head.number, stated.head.hash) != (checkpoint.number, checkpoint.hash):
            raise BadNote(f"The checkpoint of event {checkpoint.number} is labelled with another head than it states.")
        yield stated


@dataclass(kw_only=True)
class _Trail:
    """A log on the way: its walk, and the rows that come next."""

    walk: Walk
    rows: Iterator[Row]


class _Verification:
    def __init__(self, since: Statement | None, *, kept: Collection[Statement], keys: Collection[PublicKey]) -> None:
        self._start = since.head if since else Head()
        self._known = [*kept, *([since] if since else [])]
        self._keys = keys
        self._checkpoints: list[Statement] = []
        self._events = _trail(Event, self._start)
        beside = since.beside if since else {}
        self._beside = {
            name: _trail(log, beside.get(name, Head())) for name, log in chaining.logs().items() if log is not Event
        }

    def run(self) -> Verdict:
        flaw = self._gather() or self._walk() or self._past_the_end() or self._unannounced()
        trails = [self._events, *self._beside.values()]
        return Verdict(
            start=self._start.number,
            heads={trail.walk.log: trail.walk.head for trail in trails},
            walked=sum(trail.walk.walked for trail in trails),
            redacted=sum(trail.walk.redacted for trail in trails),
            checkpoints=len(self._checkpoints),
            flaw=flaw,
        )

    def _gather(self) -> Flaw | None:
        """The checkpoints on the way, in order; those behind its beginning are asked at once."""
        try:
            ours = [each for each in _ours(self._keys, since=self._start) if each.head.number > self._start.number]
        except BadNote as error:
            return Flaw(kind=Kind.CHECKPOINT, log=Event.LOG, number=0, sentence=str(error))
        self._checkpoints = sorted([*ours, *self._known], key=lambda each: each.head.number)
        behind = [each for each in self._known if each.head.number <= self._start.number]
        return next((flaw for each in behind if (flaw := contradicted(each))), None)

    def _walk(self) -> Flaw | None:
        remaining = iter([each for each in self._checkpoints if each.head.number > self._start.number])
        awaited = next(remaining, None)
        for row in self._events.rows:
            if flaw := self._events.walk.step(row) or self._follow_beside():
                return flaw
            while awaited is not None and awaited.head.number == row.number:
                if awaited.head.hash != row.hash:
                    return _denied(awaited, True)
                awaited = next(remaining, None)
        return None

    def _follow_beside(self) -> Flaw | None:
        """Go on in the other logs as far as this event says they were."""
        for name, head in self._events.walk.beside.items():
            trail = self._beside[name]
            if flaw := _walk_to(trail, head["number"]):
                return flaw
            if trail.walk.head.number == head["number"] and trail.walk.head.hash != head["hash"]:
                sentence = f"Event {self._events.walk.head.number} names another {name} {head['number']}."
                return Flaw(kind=Kind.BESIDE, log=name, number=head["number"], sentence=sentence)
        return None

    def _past_the_end(self) -> Flaw | None:
        """Checkpoints of events that are no longer there; and what the other logs have that no event knows yet."""
        for each in self._checkpoints:
            if each.head.number > self._events.walk.head.number:
                return _denied(each, False)
        for trail in self._beside.values():
            if flaw := _walk_to(trail, None):
                return flaw
        return None

    def _unannounced(self) -> Flaw | None:
        announced = self._events.walk.announced
        trails = (self._events, *self._beside.values())
        return next((flaw for trail in trails if (flaw := trail.walk.unannounced(announced))), None)


def _walk_to(trail: _Trail, number: int | None) -> Flaw | None:
    """Walk to this number, or to the end."""
    while number is None or trail.walk.head.number < number:
        row = next(trail.rows, None)
        if row is None:
            return None if number is None else trail.walk.gone(number)
        if flaw := trail.walk.step(row):
            return flaw
    return None


def _trail(log: type[Link], after: Head) -> _Trail:
    walk = Walk(log=log.LOG, columns=log.columns, head=after)
    return _Trail(walk=walk, rows=_rows(log, after=after.number))


def _rows(log: type[Link], *, after: int) -> Iterator[Row]:
    """Batch by batch, without a transaction. What is added meanwhile comes too: a redaction meets its announcement."""
    names = [field.attname for field in log._meta.concrete_fields]
    ordered = log._default_manager.order_by("number").values(*names)
    while batch := list(ordered.filter(number__gt=after)[:_BATCH]):
        for columns in batch:
            texts = {name: columns[name] for name in ("number", "body", "detail", "hash")}
            yield Row(**texts, columns=columns)
        after = batch[-1]["number"]


def _denied(kept: Statement, is_there: bool) -> Flaw:
    what = "another event" if is_there else "no event"
    when = f"{kept.at:%Y-%m-%d %H:%M} UTC"
    sentence = f"The checkpoint of {when} states event {kept.head.number}; the log has {what} there."
    return Flaw(kind=Kind.CHECKPOINT, log=Event.LOG, number=kept.head.number, sentence=sentence)
