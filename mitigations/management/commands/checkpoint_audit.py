from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.authority import COMMAND_LINE
from audit.refusal import Refused
from audit.signing import BadKey
from mitigations.services.auditing import proving


class Command(BaseCommand):
    help = (
        "Verify what came since the newest checkpoint, sign the head of the audit log, and print that, "
        "to be kept elsewhere."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = proving.checkpoint(by=COMMAND_LINE, at=timezone.now())
        except (BadKey, Refused) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(made.note, ending="")
