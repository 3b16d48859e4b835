"""How many calls of the API the portal answers, and how soon, beside a bare Django view that returns the same bytes.

Both stand behind the same gunicorn, and whoever calls runs on the same machine.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from bench.report import Report
from bench.stack import Stack, web

CLIENTS = (1, 16)
# In all, by however many clients.
CALLS = 480
_ROOMS = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Call:
    """`body` is made anew for each call: no two may ask for the same target."""

    server: str
    method: str
    path: str
    token: str
    body: Callable[[], bytes] = bytes


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Calls a second, and milliseconds."""

    rate: float
    median: float
    p99: float


def measure(stack: Stack, report: Report, *, rows: int) -> None:
    """With what is in the database now, on which the portal runs too. Needs Django."""
    token, pairing = _token(), _pairing()
    listing = Call(server=stack.portal, method="GET", path="/api/v1/mitigations", token=token)
    asking = Call(
        server=stack.portal, method="POST", path="/api/v1/mitigations", token=token, body=lambda: _wanted(pairing)
    )
    calls = {"list": listing, "ask": asking}
    with _bare({each.method: _answer(each) for each in calls.values()}) as bare:
        for (name, call), clients in itertools.product(calls.items(), CLIENTS):
            ours, theirs = _taken(call, clients), _taken(replace(call, server=bare), clients)
            of = f"API, {name}, {rows:,} rows, clients: {clients}"
            report.add(f"{of}, calls", ours.rate, "/s", beside=theirs.rate)
            report.add(f"{of}, median", ours.median, "ms", beside=theirs.median)
            report.add(f"{of}, p99", ours.p99, "ms", beside=theirs.p99)


def _token() -> str:
    from django.utils import timezone

    from accounts import tokens
    from accounts.authority import Scope
    from accounts.models import User
    from accounts.selectors import actor_for
    from audit.author import Origin

    wish = tokens.Wish(
        name="bench",
        purpose="The benchmark",
        scopes=frozenset({Scope.READ, Scope.ASK}),
        networks=(),
        lasts=timedelta(days=1),
    )
    dana = actor_for(User.objects.get(username="dana"), origin=Origin())
    return tokens.make(wish=wish, longest=timedelta(days=1), by=dana, at=timezone.now()).text


def _pairing() -> int:
    from mitigations.models import Pairing

    return Pairing.objects.filter(offered=True, ipv6=True).values_list("pk", flat=True)[0]


def _wanted(pairing: int) -> bytes:
    """A host that nobody has asked for, in address space of the demo."""
    target = f"2001:db8:ffff::{next(_ROOMS):x}"
    return json.dumps({"target": target, "pairing": pairing, "minutes": 60, "reason": "UDP flood, 8 Gbit/s"}).encode()


@contextmanager
def _bare(bodies: dict[str, str]) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "bodies.json"
        kept.write_text(json.dumps(bodies))
        with web("bench.bare", {**os.environ, "BARE_BODIES": str(kept)}) as address:
            yield address


def _answer(call: Call) -> str:
    return _sent(_connection(call), call).decode()


def _taken(call: Call, clients: int) -> Taken:
    """The calls are shared out among clients that each keep a connection open and wait for each answer."""
    times: list[float] = []
    threads = [threading.Thread(target=_call, args=(call, CALLS // clients, times)) for _ in range(clients)]
    begun = time.perf_counter()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    took = time.perf_counter() - begun
    assert len(times) == CALLS, "a client gave up"
    quantiles = statistics.quantiles(times, n=100, method="inclusive")
    return Taken(rate=len(times) / took, median=quantiles[49], p99=quantiles[98])


def _call(call: Call, count: int, times: list[float]) -> None:
    connection = _connection(call)
    for _ in range(count):
        begun = time.perf_counter()
        _sent(connection, call)
        times.append((time.perf_counter() - begun) * 1000)


def _connection(call: Call) -> HTTPConnection:
    return HTTPConnection(urlsplit(call.server).netloc, timeout=60)


def _sent(connection: HTTPConnection, call: Call) -> bytes:
    headers = {"Authorization": f"Bearer {call.token}", "Content-Type": "application/json"}
    connection.request(call.method, call.path, body=call.body() or None, headers=headers)
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status in {200, 201}, text
    return text
