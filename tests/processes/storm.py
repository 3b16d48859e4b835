"""Everything goes wrong at random: what the chaos test does to workers, Kentik and the database."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import requests
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from audit.refusal import Refused
from mitigations.models import KentikView, Mitigation, StopOrder
from mitigations.policies.lifecycle import Status
from mitigations.policies.network import known
from mitigations.policies.stopping import OrderStatus
from mitigations.services import stopping
from mitigations.services.requests import Wanted, ask
from tests.making import make_pairing
from tests.people import Cast, acting
from tests.processes.running import ROOT, Running, until
from tests.processes.web import Web

SETTINGS = {
    "KENTIK_V6": "True",
    "KENTIK_V6_CALL_SECONDS": "1",
    "KENTIK_READ_SECONDS": "1",
    "KENTIK_CALL_SECONDS": "1",
    "WORKER_LEASE_SECONDS": "2",
    "KENTIK_CALLS_SOFT_PER_MINUTE": "50000",
    "KENTIK_CALLS_HARD_PER_MINUTE": "60000",
    "KENTIK_CALLS_PER_HOUR": "90000",
}
_SOON = {"Retry-After": "1"}
# V6 is never refused here: the portal would leave it alone for ten minutes.
_FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "hang"},
    {"kind": "accept-then-drop"},
    {"kind": "close-before-reading"},
    {"kind": "malformed-json"},
    {"kind": "redirect"},
    {"kind": "delay", "seconds": 0.3},
    {"kind": "delay", "seconds": 0.7, "then": {"kind": "accept-then-drop"}},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429, "headers": _SOON},
)
_FAULTS_OF_V5: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 400},
    {"kind": "lose-comment"},
    {"kind": "lose-auto-stop"},
    {"kind": "start-fails"},
)


class Kentik:
    """The sandbox as a process of its own, and what it remembers."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, name: str) -> Any:  # JSON
        return requests.get(f"{self.url}/_sandbox/{name}", timeout=30).json()

    def fault(self, fault: dict[str, Any]) -> None:
        requests.post(f"{self.url}/_sandbox/faults", json=fault, timeout=30).raise_for_status()

    def posts(self) -> list[dict[str, Any]]:
        return [call for call in self.get("journal") if call["method"] == "POST"]

    def live(self) -> set[str]:
        """The targets that are, or may be, in force or taken."""
        return {row["ip_cidr"] for row in self.get("mitigations") if row["state"] in {"active", "failed"}}


@contextmanager
def kentik() -> Iterator[Kentik]:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--quiet"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Kentik(process.stdout.readline().split()[-1])
        finally:
            process.kill()


class Storm:
    """One seed, one storm: what is done, in which order, after which pauses. When it strikes is up to the machine.

    Web, workers and Kentik are processes of their own; lee approves in a browser.
    """

    def __init__(self, *, seed: int, there: Kentik, people: Cast, workers: int) -> None:
        self._chance = random.Random(seed)
        self._there, self._people = there, people
        self._workers: list[Running] = []
        self._web = Web(there.url, **SETTINGS)
        self._lee = self._web.browser_of(people.lee)
        self._needed = workers
        # SQLite has no connection that somebody else could cut.
        cuts = (self._cut_the_database,) if connection.vendor == "postgresql" else ()
        self._worst = (self._kill_one, *cuts)
        self._pairing = make_pairing()
        self._asked = 0
        self.blows: Counter[str] = Counter()

    def rage(self, *, over: int) -> None:
        """While people ask, until so many were approved."""
        while self._asked < over:
            self._burst(min(self._chance.randint(1, 4), over - self._asked))
            self._blow(self._strike_v5, self._strike_v5, self._strike_v6, self._look_soon, self._look_soon)

    def rage_at_stops(self, *, over: int) -> None:
        """While people have so many stopped, of those that were found."""
        until(lambda: _stoppable().count() >= over)
        for _ in range(over):
            self._stop_one()
            self._blow(self._strike_v6, self._look_soon)

    def _blow(self, *blows: Callable[[], None]) -> None:
        self._revive()
        for _ in range(self._chance.randint(1, 4)):
            self._deal(self._chance.choice(blows))
        # The pause is part of the storm: it decides what the next blow hits.
        time.sleep(self._chance.uniform(0, 0.5))
        if self._chance.random() < 0.3:
            self._deal(self._chance.choice(self._worst))

    def calm_down(self) -> None:
        """No blow is left, all workers are there, and everything has been sent that can be."""
        self._revive()
        until(self._is_still, seconds=120)

    def look(self) -> None:
        """Have Kentik looked at now, and wait until what it shows was taken in; a fault that is left costs a look."""
        since = timezone.now()

        def is_done() -> bool:
            view = KentikView.objects.first()
            if view is not None and view.listed_at is not None and view.listed_at > since:
                return True
            KentikView.objects.filter(tried_at__lte=timezone.now()).exclude(trouble="").update(
                tried_at=None, trouble=""
            )
            return False

        KentikView.objects.update(tried_at=None)
        until(is_done, seconds=120)

    def close(self) -> None:
        with ExitStack() as stack:
            stack.callback(self._web.close)
            for each in self._workers:
                stack.callback(each.kill)

    def _revive(self) -> None:
        """A worker that the storm ended is started anew, as whatever runs it would do."""
        for dead in [each for each in self._workers if not each.lives]:
            dead.wait()
            self._workers.remove(dead)
        while len(self._workers) < self._needed:
            self._workers.append(Running(self._there.url, **SETTINGS))

    def _burst(self, size: int) -> None:
        for _ in range(size):
            self._asked += 1
            block, host = divmod(self._asked, 256)
            target = known(f"{('198.51.100', '192.0.2', '203.0.113')[block]}.{host}/32")
            wanted = Wanted(
                target=target,
                pairing_id=self._pairing.pk,
                minutes=self._chance.choice((60, 600)),
                comment="Storm",
                reason="The chaos test.",
            )
            asked = ask(wanted=wanted, by=acting(self._people.dana), at=timezone.now())
            until(lambda path=f"/mitigations/{asked.reference}/approve/": self._lee.press(path), seconds=60)

    def _deal(self, blow: Callable[[], None]) -> None:
        self.blows[blow.__name__.strip("_")] += 1
        blow()

    def _strike_v5(self) -> None:
        self._there.fault({**self._chance.choice(_FAULTS + _FAULTS_OF_V5), "api": "v5"})

    def _strike_v6(self) -> None:
        self._there.fault({**self._chance.choice(_FAULTS), "api": "v6"})

    def _stop_one(self) -> None:
        """Somebody orders one to be stopped that was found; it may be under way already, or Kentik out of sight."""
        reference = self._chance.choice(list(_stoppable())).reference
        try:
            stopping.order(reference=reference, by=acting(self._people.kim), note="Over.", at=timezone.now())
        except Refused:
            return

    def _look_soon(self) -> None:
        KentikView.objects.update(tried_at=None)

    def _cut_the_database(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def _kill_one(self) -> None:
        self._chance.choice(self._workers).kill()

    def _is_still(self) -> bool:
        self._revive()
        moving = Mitigation.objects.open().filter(status__in=[Status.APPROVED, Status.SENDING])
        telling = StopOrder.objects.filter(status__in=[OrderStatus.WAITING, OrderStatus.SENDING])
        return not moving.exists() and not telling.exists()


def _stoppable() -> QuerySet[Mitigation]:
    return Mitigation.objects.filter(status=Status.ACTIVE, sighting__occupies=True).order_by("pk")


def portal_live() -> set[str]:
    """The targets that the portal says are in force."""
    return set(Mitigation.objects.filter(status=Status.ACTIVE).values_list("target", flat=True))
