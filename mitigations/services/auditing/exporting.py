"""Taking things out of the portal: what somebody asks for, and each download of it.

A download is a zip that leaves while it is made. It reads batch by batch and holds no transaction, so it may take
hours; what is committed meanwhile changes nothing of it, because it ends at a number that was fixed when it was asked
for. Each is an event when it begins and when it ends, or breaks off; the last bytes leave after the event is written.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from accounts.authority import Actor, Deed, demand
from audit.author import Author
from audit.canonical import Fact
from audit.ledger import Record, recorded
from audit.models import Export, Format
from audit.models.export import STILL
from audit.refusal import Conflict, Objection, Unacceptable
from audit.signing import BadKey
from mitigations.selectors.exporting import Source
from mitigations.services import events
from mitigations.services.auditing import enclosed
from mitigations.services.auditing.downloading import Download, Now

# Each keeps a thread of the web process busy, of which there are eight.
MOST_AT_ONCE = 2


def ask(*, format: Format, filter: str, source: Source, by: Actor, at: datetime) -> Export:
    """Fix what an export is to hold: all that there is now of what `source` wants. `filter` says that as a text."""
    demand(by, Deed.EXPORT)
    up_to = source.newest()
    total = source.how_many(up_to=up_to)
    with recorded(events.EXPORT_ASKED, subject="an export", by=by.author, at=at) as record:
        export = Export.objects.create(
            what=source.WHAT,
            format=format,
            filter=filter,
            up_to=up_to,
            total=total,
            asked_by=by.author.key,
            asked_by_name=by.username,
            asked_at=at,
        )
        record.subject = export.subject
        record.facts = {"what": export.what, "format": export.format, "filter": filter, "up_to": up_to}
    return export


def download(*, id: int, source: Source, by: Actor, now: Now) -> tuple[Export, Iterator[bytes]]:
    """Begin a download; its bytes are to be iterated outside any transaction.

    Raises Export.DoesNotExist, Conflict while it is being downloaded or too many others are, and Unacceptable when the
    keys in the settings cannot be read.
    """
    with recorded(events.EXPORT_BEGUN, subject=f"export {id}", by=by.author, at=now()) as record:
        demand(by, Deed.EXPORT)
        export = Export.objects.select_for_update().get(pk=id)
        _may_begin(export, record.at)
        believed = _keys()
        if export.run is not None:
            record.more = [_broken_off(export, at=record.at)]
        export.run, export.run_by, export.run_by_name = uuid.uuid4(), by.author.key, by.username
        export.moved_at, export.rows, export.reached, export.size = record.at, 0, 0, 0
        export.sha256, export.ended_at = "", None
        export.save()
        record.facts = {"what": export.what, "format": export.format, "filter": export.filter, "up_to": export.up_to}
    return export, Download(export=export, source=source, by=by, now=now, keys=believed).stream()


def _may_begin(export: Export, at: datetime) -> None:
    moving = Export.objects.filter(run__isnull=False, moved_at__gt=at - STILL)
    if any(each.pk == export.pk for each in moving):
        _refuse(f"{export.run_by_name} is downloading this just now.")
    if len(moving) >= MOST_AT_ONCE:
        _refuse(f"{len(moving)} exports are being downloaded just now. Begin when one of them has ended.")


def _refuse(sentence: str) -> None:
    raise Conflict([Objection(code="busy", sentence=sentence)])


def _keys() -> str:
    try:
        return enclosed.believed()
    except BadKey as error:
        raise Unacceptable([Objection(code="key", sentence=str(error))]) from None


def _broken_off(export: Export, *, at: datetime) -> Record:
    by = Author(key=export.run_by, name=export.run_by_name)
    facts: dict[str, Fact] = {"what": export.what, "rows": export.rows, "reached": export.reached}
    return Record(deed=events.EXPORT_BROKEN_OFF, subject=export.subject, by=by, at=at, facts=facts)
