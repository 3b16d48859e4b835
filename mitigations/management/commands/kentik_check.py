from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from mitigations.services.checking import check


class Command(BaseCommand):
    help = (
        "Ask Kentik, with reads only, whether it accepts the portal, what its catalogue says and how far off the clock "
        "is. Ends with 0 when all is well, 1 when something is wrong, 2 when Kentik is not configured."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = check(now=timezone.now)
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        for sentence in report.sentences:
            self.stdout.write(sentence)
        if not report.well:
            raise CommandError("Something is wrong: see above.", returncode=1)
