from __future__ import annotations

import signal
import threading
from datetime import timedelta
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit import keys
from mitigations.services import resealing
from mitigations.services.auditing.keeping import Keeper
from mitigations.services.delivering import crew
from mitigations.services.worker import build

# What is being told when the worker is stopped is told again by the next one, if it takes longer than this.
_PATIENCE = 5.0


class Command(BaseCommand):
    help = (
        "Send approved mitigations to Kentik, one at a time, tell people what happens, and look after the log, until "
        "SIGTERM; the call under way is finished first."
    )
    # Most of them read all pages, which are none of its business, and take as long as all the rest of its start.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopping.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        try:
            keys.believed()
            worker = build(lease=timedelta(seconds=settings.WORKER_LEASE_SECONDS), now=timezone.now)
            telling, keeper = crew(now=timezone.now), Keeper(now=timezone.now)
        except ValueError as error:
            raise CommandError(str(error)) from error
        resealing.seal_anew()
        self.stdout.write(f"The worker sends to {worker.address}.")
        telling.start()
        keeper.start()
        worker.run(until=stopping.is_set)
        telling.stop(patience=_PATIENCE)
        keeper.stop(patience=_PATIENCE)
