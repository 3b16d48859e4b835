from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.authority import COMMAND_LINE
from audit.refusal import Refused
from mitigations.services import lagging
from mitigations.services.delivering import served


class Command(BaseCommand):
    help = (
        "Let go of a stream (or of mail) that is switched off for good, so that nobody is alarmed that it is behind. "
        "Should it be switched on again, a stream begins with event 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="As the alarm names it: stream-syslog, stream-webhook, …")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        try:
            lagging.forget(name=name, served=served(now=timezone.now), by=COMMAND_LINE, at=timezone.now())
        except (Refused, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{name} follows the log no longer.")
