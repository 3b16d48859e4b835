"""Moving the oldest records of the logs into a file: only what nobody needs here any more, and never without a trace.

1. Write the file, read it back, and verify it.
2. In one transaction: the rows that say what is archived, which is what the logs begin behind from then on, and the
   event that announces it. From here on verification begins there.
3. Delete, batch by batch, what those rows cover; the database lets nothing else go.

Killed in 1, nothing has happened, and the file is made anew. Killed in 3, the next run deletes the rest first.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from accounts.authority import Actor, Deed, demand
from audit import chaining, word_index
from audit.canonical import Fact
from audit.chain import Head
from audit.exported import BadExport, verify_file
from audit.ledger import recorded
from audit.models import Archive, Event, Link
from audit.refusal import Conflict, Objection
from audit.signing import PublicKey
from mitigations.selectors import archivable
from mitigations.selectors.archivable import Range
from mitigations.services import events
from mitigations.services.auditing.boxing import Box, sha256_of, write

# The budget of calls is counted in the exchanges of the last hour, and what happens now is still looked at.
_YOUNGEST = timedelta(days=1)
_BATCH = 2_000


@dataclass(frozen=True, kw_only=True)
class Archived:
    """`deleted`: how many records are gone from the database, those that an earlier run had left included."""

    path: Path
    ranges: tuple[Range, ...]
    deleted: int


def archive(*, before: datetime, to: Path, keys: Collection[PublicKey], by: Actor, at: datetime) -> Archived:
    """Move what happened before a time into a new file in the directory `to`, as far as that may be moved.

    Raises Conflict, with what stands in the way, when nothing may, or when the file is not what it should be.
    """
    demand(by, Deed.ARCHIVE)
    deleted = finish()
    seen = archivable.newest_redaction()
    ranges = _ranges(min(before, at - _YOUNGEST), by=by, at=at)
    box = write(ranges, into=to, by=by.username, at=at)
    fault = _fault(box, keys)
    with recorded(events.ARCHIVED, subject="the log", by=by.author, at=at) as record:
        demand(by, Deed.ARCHIVE)
        record.facts = _facts(box)
        if fault:
            _refuse("file", f"{fault} Nothing was archived.")
        if archivable.newest_redaction() != seen:
            _refuse(
                "redacted", "Something was redacted meanwhile, and may stand in the file. Delete it, and begin anew."
            )
        for each in ranges:
            _keep(each, box, at=at)
        record.facts |= {"beginnings": _beginnings()}
    return Archived(path=box.path, ranges=ranges, deleted=deleted + finish())


def finish() -> int:
    """Delete what archives cover and is still here; how many records that were."""
    deleted = 0
    for log in chaining.logs().values():
        end = chaining.beginning(log).number
        while (first := archivable.first(log)) is not None and first <= end:
            deleted += _delete(log, up_to=min(first + _BATCH - 1, end))
    return deleted


def _delete(log: type[Link], *, up_to: int) -> int:
    with transaction.atomic():
        if log is Event:
            word_index.remove(up_to=up_to)
        return log._default_manager.filter(number__lte=up_to).delete()[0]


def _ranges(before: datetime, *, by: Actor, at: datetime) -> tuple[Range, ...]:
    """What is to be moved of each log, the events first. A refusal is recorded with what stands in the way."""
    bounds = {
        f"the last event before {before:%Y-%m-%d %H:%M} UTC is": archivable.last_before(before),
        **archivable.bounds(),
    }
    reason, last = min(bounds.items(), key=lambda each: each[1])
    if last <= chaining.beginning(Event).number:
        with recorded(events.ARCHIVED, subject="the log", by=by.author, at=at):
            _refuse("nothing", f"Nothing can be archived: {reason} event {max(last, 0)}.")
    return archivable.ranges(last)


def _fault(box: Box, keys: Collection[PublicKey]) -> str:
    """What is wrong with the file as it lies there; empty when all is well. It may take a while."""
    try:
        verdict = verify_file(box.path, keys=keys)
    except BadExport as error:
        return f"{box.path} cannot be read back: {error}"
    if verdict.flaw is not None:
        return verdict.flaw.sentence
    ends = {each.log: each.end for each in box.ranges}
    if any(verdict.heads[log] != end for log, end in ends.items()) or sha256_of(box.path) != box.sha256:
        return f"{box.path} is not what was written."
    return ""


def _keep(moved: Range, box: Box, *, at: datetime) -> None:
    Archive.objects.create(
        log=moved.log,
        first=moved.first,
        last=moved.end.number,
        hash=moved.end.hash,
        until=box.until,
        file=box.path.name,
        sha256=box.sha256,
        made_at=at,
    )


def _facts(box: Box) -> dict[str, Fact]:
    ranges: list[Fact] = [
        {"log": each.log, "first": each.first, "last": each.end.number, "hash": each.end.hash} for each in box.ranges
    ]
    what = " and ".join(f"{each.log} {each.first} to {each.end.number}" for each in box.ranges)
    return {"what": what, "file": box.path.name, "sha256": box.sha256, "ranges": ranges}


def _beginnings() -> dict[str, Fact]:
    heads = {name: chaining.beginning(log) for name, log in chaining.logs().items()}
    return {name: {"number": head.number, "hash": head.hash} for name, head in heads.items() if head != Head()}


def _refuse(code: str, sentence: str) -> None:
    raise Conflict([Objection(code=code, sentence=sentence)])
