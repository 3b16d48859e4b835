"""The API of a web process, over real sockets: asked, approved, sent and followed by programs alone."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import requests
from django.db import connection
from django.utils import timezone

from accounts.authority import Scope
from accounts.models import Tally, User
from accounts.signing_in import record_sign_in
from audit import selectors
from mitigations.models import Mitigation, Sighting
from mitigations.policies.lifecycle import Status
from sandbox.server import Sandbox
from tests.making import make_pairing, make_token
from tests.people import Cast, acting, make_cast
from tests.processes.running import until, worker
from tests.processes.test_worker import becomes
from tests.processes.web import Web

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
_LONG = 20


@pytest.fixture(autouse=True)
def cast(transactional_db: None) -> Cast:
    return make_cast()


class Program:
    """One with a token of its own."""

    def __init__(self, url: str, owner: User, *scopes: Scope) -> None:
        made = make_token(owner, *scopes, at=timezone.now())
        self.key = f"token:{made.token.pk}"
        self._base = f"{url}/api/v1"
        self._headers = {"Authorization": f"Bearer {made.text}"}

    def get(self, path: str, **query: Any) -> Any:
        answer = requests.get(self._base + path, params=query, headers=self._headers, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, key: str) -> requests.Response:
        headers = {**self._headers, "Idempotency-Key": key}
        return requests.post(self._base + path, json=body, headers=headers, timeout=60)

    @property
    def calls(self) -> int:
        """How many have begun in this minute."""
        return Tally.objects.filter(key=self.key).values_list("calls", flat=True).first() or 0


def test_asks_approves_sends_and_follows_by_programs_alone(cast: Cast, sandbox: Sandbox) -> None:
    pairing = make_pairing()
    with Web(sandbox.url) as portal, worker(sandbox.url):
        soar = Program(portal.url, cast.dana, Scope.ASK, Scope.READ)
        bot = Program(portal.url, cast.lee, Scope.DECIDE)
        siem = Program(portal.url, cast.ana, Scope.AUDIT)
        body = {"target": "203.0.113.7", "pairing": pairing.pk, "minutes": 60, "reason": "UDP flood since 02:50."}
        asked = soar.post("/mitigations", body, "one")
        repeated = soar.post("/mitigations", body, "one")
        reference = asked.json()["reference"]
        agreed = bot.post(f"/mitigations/{reference}/approve", {"note": "Seen."}, "two")
        until(lambda: soar.get(f"/mitigations/{reference}")["status"] == "active")
        [exchange] = soar.get(f"/mitigations/{reference}/exchanges")["items"]
        events = siem.get("/events", subject=reference)["items"]

    assert (asked.status_code, repeated.content, agreed.status_code) == (201, asked.content, 202)
    assert [(call["method"], call["status"]) for call in sandbox.journal()] == [("POST", 200)]
    assert '"203.0.113.7/32"' in sandbox.journal()[0]["body"]
    assert (exchange["status"], exchange["outcome"]) == (200, "accepted")
    assert [each["deed"] for each in events] == [
        "mitigation.asked",
        "mitigation.approved",
        "mitigation.sending",
        "mitigation.answered",
    ]


def test_a_program_has_it_stopped_at_kentik(cast: Cast, sandbox: Sandbox, settings: Any) -> None:
    settings.KENTIK_V6 = True
    make_pairing()
    with Web(sandbox.url, KENTIK_V6="True") as portal, worker(sandbox.url, KENTIK_V6="True"):
        soar = Program(portal.url, cast.dana, *Scope)
        bot = Program(portal.url, cast.lee, Scope.DECIDE)
        [pairing] = soar.get("/catalogue")["pairings"]
        body = {"target": "203.0.113.7", "pairing": pairing["id"], "minutes": 60, "reason": "UDP flood since 02:50."}
        reference = soar.post("/mitigations", body, "one").json()["reference"]
        bot.post(f"/mitigations/{reference}/approve", {}, "two")
        until(lambda: Sighting.objects.filter(mitigation__isnull=False).exists())
        ordered = soar.post(f"/mitigations/{reference}/stop", {"note": "The flood is over."}, "three")
        repeated = soar.post(f"/mitigations/{reference}/stop", {"note": "The flood is over."}, "three")
        becomes(Mitigation.objects.get(), Status.STOPPED)

    assert (ordered.status_code, repeated.content) == (202, ordered.content)
    assert ordered.json()["being_stopped"]
    posted = [call["path"].rpartition("/")[2] for call in sandbox.journal() if call["method"] == "POST"]
    assert posted == ["manual-mitigate", "MITIGATION_USER_ACTION_STOP"]


class TestWaiting:
    def test_hears_at_once_of_what_happens_meanwhile(self, cast: Cast, sandbox: Sandbox) -> None:
        with Web(sandbox.url) as portal:
            siem = Program(portal.url, cast.ana, Scope.AUDIT)
            after = siem.get("/events")["next"]
            found: list[Any] = []
            waits = threading.Thread(target=lambda: found.append(siem.get("/events", after=after, wait=_LONG)))
            before = siem.calls
            waits.start()
            until(lambda: siem.calls > before)
            began = time.monotonic()
            record_sign_in(by=acting(cast.dana), at=timezone.now())
            waits.join(60)
            took = time.monotonic() - began

        assert [each["sentence"] for each in found[0]["items"]] == ["dana signed in"]
        assert took < _LONG / 2

    def test_leaves_the_other_threads_alone(self, cast: Cast, sandbox: Sandbox) -> None:
        """One may wait; the next one is answered at once, and pages go on."""
        with Web(sandbox.url, API_WAITING_CALLS="1") as portal:
            first, second = (Program(portal.url, cast.ana, Scope.AUDIT) for _ in range(2))
            first.get("/events"), second.get("/events")
            after = selectors.head()
            waits = threading.Thread(target=lambda: first.get("/events", after=after, wait=_LONG))
            before = first.calls
            waits.start()
            until(lambda: first.calls > before)
            began = time.monotonic()
            answer = second.get("/events", after=after, wait=_LONG)
            took = time.monotonic() - began
            is_ready = requests.get(f"{portal.url}/readyz", timeout=10).ok
            record_sign_in(by=acting(cast.dana), at=timezone.now())
            waits.join(60)

        assert (answer["items"], answer["next"], is_ready) == ([], after, True)
        assert took < _LONG / 2

    def test_gives_every_event_once_and_in_order_however_many_write(self, cast: Cast, sandbox: Sandbox) -> None:
        writers = [threading.Thread(target=_write, args=(user, 8)) for user in (cast.dana, cast.lee, cast.max)]
        with Web(sandbox.url) as portal:
            siem = Program(portal.url, cast.ana, Scope.AUDIT)
            for each in writers:
                each.start()
            numbers, after = [], 0
            while len(numbers) < selectors.head() or any(each.is_alive() for each in writers):
                page = siem.get("/events", after=after, wait=1, limit=5)
                numbers += [each["number"] for each in page["items"]]
                after = page["next"]

        assert len(numbers) >= 24
        assert numbers == list(range(1, len(numbers) + 1))


def _write(user: User, count: int) -> None:
    try:
        for _ in range(count):
            record_sign_in(by=acting(user), at=timezone.now())
    finally:
        connection.close()
