from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.authority import COMMAND_LINE
from audit.refusal import Unacceptable
from mitigations.forms.catalogue_file import COLUMNS, read
from mitigations.services.catalogue import import_rows


class Command(BaseCommand):
    help = (
        "Create or update pairings, with their platforms and methods, from a CSV or JSON file. "
        f"Columns: {', '.join(COLUMNS)}. Nothing changes unless every line is right."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            rows, mistakes = read(file)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        wrong = [(mistake.line, mistake.sentence) for mistake in mistakes]
        if not wrong:
            try:
                count = import_rows(rows=rows, by=COMMAND_LINE, at=timezone.now())
            except Unacceptable as refusal:
                wrong = [(int(objection.code), objection.sentence) for objection in refusal.objections]
        if wrong:
            lines = [f"line {line}: {sentence}" if line else sentence for line, sentence in sorted(wrong)]
            raise CommandError("\n".join(["Nothing was imported.", *lines]))
        self.stdout.write(f"Imported {count} pairing{'' if count == 1 else 's'}.")
