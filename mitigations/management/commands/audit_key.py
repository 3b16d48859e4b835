from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.signing import BadKey, new_key, signing_key


class Command(BaseCommand):
    help = (
        "Make a key that signs checkpoints of the audit log. The private one is for AUDIT_SIGNING_KEY of the worker, "
        "and is shown this once; the public one is for everybody who verifies."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="one word by which the key is known, such as the portal's host")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        try:
            private = new_key(name)
        except BadKey as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"AUDIT_SIGNING_KEY={private}")
        self.stdout.write(f"# Public: {signing_key(private).public}")
