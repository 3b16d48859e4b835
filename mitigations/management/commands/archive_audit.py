from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.authority import COMMAND_LINE
from audit import keys
from audit.refusal import Refused
from audit.signing import BadKey
from mitigations.services.auditing.archiving import archive


class Command(BaseCommand):
    help = (
        "Move the oldest events that are signed off, and the exchanges that belong to them, into a file, and delete "
        "them from the database. Killed, run it again. On PostgreSQL it needs the role that owns the tables."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--before", type=date.fromisoformat, required=True, metavar="DATE", help="as 2026-11-23")
        parser.add_argument("--to", type=Path, required=True, metavar="DIRECTORY", help="where the file goes")

    def handle(self, *args: Any, before: date, to: Path, **options: Any) -> None:
        try:
            done = archive(
                before=datetime.combine(before, time(), UTC),
                to=to,
                keys=keys.believed(),
                by=COMMAND_LINE,
                at=timezone.now(),
            )
        except (BadKey, Refused, OSError) as error:
            raise CommandError(str(error)) from error
        for each in done.ranges:
            self.stdout.write(f"{each.log.capitalize()} {each.first} to {each.end.number} are in {done.path}.")
        self.stdout.write(f"{done.deleted} records are deleted here. Keep the file where it is guarded as the log is.")
