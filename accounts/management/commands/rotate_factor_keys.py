from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.factors import rotate_keys
from accounts.secrets import UnreadableError


class Command(BaseCommand):
    help = "Encrypt the secrets of all second factors anew, by the first of FACTOR_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = rotate_keys()
        except UnreadableError as error:
            raise CommandError(f"{error} Nothing was changed. Put that key back at the end of FACTOR_KEYS.") from None
        self.stdout.write(f"{count} are encrypted by the first key. The others are not needed any more.")
