"""Whether the log is as it was written: every event, every exchange, and every checkpoint against them.

Walks in constant memory, whatever the log's length; only redactions and checkpoints are remembered, and there are few.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import chain

from audit import chaining
from audit.chain import Head
from audit.models import Checkpoint, Event, Link
from audit.notes import Statement, statement
from audit.signing import BadNote, PublicKey, verified
from audit.trails import EVENTS, Trail, Verdict, Walking, denied
from audit.walking import Flaw, Kind, Row, Walk

_BATCH = 2_000


def verify(
    *,
    since: Statement | None = None,
    kept: Collection[Statement] = (),
    keys: Collection[PublicKey] = (),
    archives: Mapping[str, Iterator[Row]] | None = None,
) -> Verdict:
    """Walk the log from behind `since`, or from its beginning, to its head.

    `kept` are checkpoints from elsewhere whose signatures are verified; those of the database are checked by `keys`.
    `archives`: the records of every archive, log by log in order; the walk then begins at the first record ever.
    """
    beginnings = _beginnings()
    if since is not None and since.head.number < beginnings[EVENTS].number:
        since = None
    starts = _starts(beginnings, since=since, whole=archives is not None)
    walk = Walking({name: _trail(name, starts[name], beginnings[name], archives or {}) for name in starts})
    flaw, checkpoints, unseen = _gathered(since, kept, keys, start=starts[EVENTS])
    flaw = flaw or walk.run(checkpoints) or (None if since else walk.unannounced_beginning(beginnings))
    if flaw is not None and archives is None and beginnings != _beginnings():
        # What it was to walk along was archived under its feet.
        return verify(since=since, kept=kept, keys=keys)
    return walk.verdict(flaw, checkpoints=len(checkpoints), archived=unseen)


def contradicted(kept: Statement) -> Flaw | None:
    """Whether the log disagrees with a checkpoint, at the one place that it names. What is archived cannot disagree."""
    beginning = chaining.beginning(Event)
    if kept.head.number <= beginning.number:
        return denied(kept, True) if kept.head.number == beginning.number and kept.head != beginning else None
    found = Event.objects.filter(number=kept.head.number).values_list("hash", flat=True).first()
    return None if found == kept.head.hash else denied(kept, found is not None)


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


def _beginnings() -> dict[str, Head]:
    return {name: chaining.beginning(log) for name, log in chaining.logs().items()}


def _starts(beginnings: Mapping[str, Head], *, since: Statement | None, whole: bool) -> dict[str, Head]:
    if whole:
        return {name: Head() for name in beginnings}
    if since is None:
        return dict(beginnings)
    return {name: since.head if name == EVENTS else since.beside.get(name, Head()) for name in beginnings}


def _gathered(
    since: Statement | None, kept: Collection[Statement], keys: Collection[PublicKey], *, start: Head
) -> tuple[Flaw | None, list[Statement], int]:
    """The checkpoints to ask, in order, and how many are of what is archived. Those before `start` are asked now."""
    try:
        ours = [each for each in _ours(keys, since=start) if each.head.number > start.number]
    except BadNote as error:
        return Flaw(kind=Kind.CHECKPOINT, log=EVENTS, number=0, sentence=str(error)), [], 0
    known = [*kept, *([since] if since else [])]
    beginning = min(chaining.beginning(Event).number, start.number)
    seen = [each for each in known if each.head.number >= beginning]
    behind = [each for each in seen if each.head.number <= start.number]
    flaw = next((flaw for each in behind if (flaw := contradicted(each))), None)
    return flaw, sorted([*ours, *seen], key=lambda each: each.head.number), len(known) - len(seen)


def _trail(name: str, start: Head, beginning: Head, archives: Mapping[str, Iterator[Row]]) -> Trail:
    log = chaining.logs()[name]
    walk = Walk(log=name, columns=log.columns, head=start)
    after = max(start.number, beginning.number)
    return Trail(walk=walk, rows=chain(archives.get(name, ()), _rows(log, after=after)))


def _rows(log: type[Link], *, after: int) -> Iterator[Row]:
    """Batch by batch, without a transaction. What is added meanwhile comes too: a redaction meets its announcement."""
    names = [field.attname for field in log._meta.concrete_fields]
    ordered = log._default_manager.order_by("number").values(*names)
    while batch := list(ordered.filter(number__gt=after)[:_BATCH]):
        for columns in batch:
            texts = {name: columns[name] for name in ("number", "body", "detail", "hash")}
            yield Row(**texts, columns=columns)
        after = batch[-1]["number"]
