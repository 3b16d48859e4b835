from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from audit import word_index


class Command(BaseCommand):
    help = "Make the index of the audit log's words anew. The log itself is only read; searches miss events meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        count = word_index.rebuild()
        self.stdout.write(f"The words of {count:,} events can be found.")
