from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.authority import COMMAND_LINE
from audit import keys
from audit.exported import BadExport, joined, verify_file
from audit.notes import Statement, found_in, statement
from audit.signing import BadKey, BadNote, PublicKey, public_key, verified
from mitigations.services.auditing import proving

_CANNOT = 2


class Command(BaseCommand):
    help = (
        "Verify that the audit log is as it was written, and name the first event that is not. "
        "Ends with 0 when it is sound, 1 when it is not, 2 when that could not be found out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since-checkpoint", action="store_true", help="only what came since the newest checkpoint"
        )
        parser.add_argument(
            "--checkpoint", action="append", type=Path, default=[], metavar="FILE", help="a checkpoint kept elsewhere"
        )
        parser.add_argument(
            "--file", type=Path, metavar="FILE", help="not the database, but an export, an archive or a streamed file"
        )
        parser.add_argument(
            "--archive",
            action="append",
            type=Path,
            default=[],
            metavar="FILE",
            help="what was archived, before the rest",
        )
        parser.add_argument(
            "--key", action="append", default=[], metavar="KEY", help="a public key to believe, besides the settings'"
        )

    def handle(
        self,
        *args: Any,
        since_checkpoint: bool,
        checkpoint: list[Path],
        key: list[str],
        file: Path | None,
        archive: list[Path],
        **options: Any,
    ) -> None:
        try:
            believed = [*keys.believed(), *(public_key(text) for text in key)]
            kept = [_kept(path, believed) for path in checkpoint]
            if file is not None:
                verdict = verify_file(file, kept=kept, keys=believed)
            else:
                verdict = proving.check(
                    whole=not since_checkpoint,
                    by=COMMAND_LINE,
                    at=timezone.now(),
                    kept=kept,
                    believed=believed,
                    archives=joined(archive) if archive else None,
                )
        except (BadKey, BadNote, BadExport, OSError) as error:
            raise CommandError(str(error), returncode=_CANNOT) from error
        if verdict.flaw is not None:
            raise CommandError(verdict.sentence)
        self.stdout.write(verdict.sentence)
        self.stdout.write(f"{verdict.checkpoints} checkpoints agree.")
        if verdict.archived:
            self.stdout.write(f"{verdict.archived} are of events that are not in here: they were not asked.")


def _kept(path: Path, believed: list[PublicKey]) -> Statement:
    try:
        return statement(verified(found_in(path.read_text(encoding="utf-8")), believed)[0])
    except (BadNote, UnicodeDecodeError) as error:
        raise BadNote(f"{path}: {error}") from error
