from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.secrets import new_key


class Command(BaseCommand):
    help = "Print a new key for FACTOR_KEYS, which encrypts the secrets of second factors."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(new_key())
