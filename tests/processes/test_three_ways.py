"""By a page, by the API and by the command line: the same request leaves the same rows, events and POST."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from audit.canonical import read
from audit.models import Event
from breakwater_cli.exits import Exit
from mitigations.models import Decision, Mitigation, Pairing
from mitigations.policies.lifecycle import Status
from sandbox.server import Sandbox
from tests.cli.running import run
from tests.making import make_pairing, make_token
from tests.people import Cast, make_cast
from tests.processes.running import until, worker
from tests.processes.test_api import Program
from tests.processes.web import Web

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

REASON, COMMENT, TICKET, NOTE = "UDP flood on the shop, 8 Gbit/s.", "Shop", "INC-7", "Seen in the graphs."
# One each, neither neighbours nor look-alikes, for the guardrails would tell of that.
TARGETS = {"page": "203.0.113.7/32", "api": "198.51.100.40/32", "command": "192.0.2.201/32"}

DEEDS = ["asked", "approved", "sending", "answered"]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def portal(cast: Cast, sandbox: Sandbox) -> Iterator[Web]:
    with Web(sandbox.url) as web:
        yield web


def by_page(portal: Web, cast: Cast, pairing: Pairing, target: str) -> None:
    typed = {"ip_cidr": target, "pairing": str(pairing.pk), "minutes_before_auto_stop": "60"}
    typed |= {"comment": COMMENT, "reason": REASON, "ticket": TICKET, "ask": "1"}
    assert portal.browser_of(cast.dana).press("/mitigations/new/", **typed)
    assert portal.browser_of(cast.lee).press(f"/mitigations/{reference_of(target)}/approve/", note=NOTE)


def by_api(portal: Web, cast: Cast, pairing: Pairing, target: str) -> None:
    body = {"target": target, "pairing": pairing.pk, "minutes": 60}
    body |= {"comment": COMMENT, "reason": REASON, "ticket": TICKET}
    asked = Program(portal.url, cast.dana).post("/mitigations", body, "one").json()
    Program(portal.url, cast.lee).post(f"/mitigations/{asked['reference']}/approve", {"note": NOTE}, "two")


def by_command(portal: Web, cast: Cast, pairing: Pairing, target: str) -> None:
    terms = ("--pairing", "edge drop", "--minutes", "60", "--comment", COMMENT, "--reason", REASON, "--ticket", TICKET)
    assert command(portal, cast.dana, "ask", target, *terms, "--yes") == Exit.DONE
    assert command(portal, cast.lee, "approve", reference_of(target), "--note", NOTE, "--yes") == Exit.DONE


def command(portal: Web, owner: User, *words: str) -> int:
    return run(portal.url, make_token(owner, at=timezone.now()).text, *words).exit_code


WAYS: dict[str, Callable[[Web, Cast, Pairing, str], None]] = {
    "page": by_page,
    "api": by_api,
    "command": by_command,
}


def test_leaves_the_same_rows_events_and_post(cast: Cast, portal: Web, sandbox: Sandbox) -> None:
    pairing = make_pairing()
    with worker(sandbox.url):
        for way, target in TARGETS.items():
            WAYS[way](portal, cast, pairing, target)
            until(lambda target=target: Mitigation.objects.get(target=target).status == Status.ACTIVE)

    for left in (row, decisions, events, lambda target: posts(sandbox, target)):
        page, api, command_line = (left(target) for target in TARGETS.values())
        assert page == api
        assert page == command_line
    assert [each["deed"].removeprefix("mitigation.") for each in events(TARGETS["command"])] == DEEDS
    assert len(sandbox.journal()) == len(TARGETS)


def reference_of(target: str) -> str:
    return Mitigation.objects.get(target=target).reference


def row(target: str) -> dict[str, Any]:
    """Every column, but for what is told by which row it is, and when."""
    found = Mitigation.objects.filter(target=target).values().get()
    own = {"id", "target", "first", "last", "attempt"}
    return {name: value for name, value in found.items() if name not in own and not is_time(value)} | {
        f"{name} is set": True for name, value in found.items() if is_time(value)
    }


def is_time(value: object) -> bool:
    return hasattr(value, "tzinfo")


def decisions(target: str) -> list[dict[str, Any]]:
    own = {"id", "mitigation_id", "decided_at"}
    rows = Decision.objects.filter(mitigation__target=target).values()
    return [{name: value for name, value in each.items() if name not in own} for each in rows]


def events(target: str) -> list[dict[str, Any]]:
    """What each says, but for its place in the log, its time, and by what it was done."""
    own = {"number", "at", "said_at", "beside", "detail_sha256", "request_id", "through"}
    found = Event.objects.filter(subject=reference_of(target)).order_by("number")
    bodies = [_without(read(event.body), own, target) for event in found]
    details = [_without(read(event.detail), {"salt", "ip", "user_agent"}, target) for event in found]
    return [{**body, "detail": detail} for body, detail in zip(bodies, details, strict=True)]


def posts(sandbox: Sandbox, target: str) -> list[dict[str, Any]]:
    calls = [call for call in sandbox.journal() if f'"{target}"' in call["body"]]
    return [_without({name: call[name] for name in ("method", "path", "body")}, set(), target) for call in calls]


def _without(value: dict[str, Any], own: set[str], target: str) -> dict[str, Any]:
    """With the names of this one mitigation, its target and its numbers replaced by what they are."""
    kept = {name: each for name, each in value.items() if name not in own}
    return {name: _plain(each, target) for name, each in kept.items()}


def _plain(value: Any, target: str) -> Any:
    match value:
        case dict():
            return {name: _plain(each, target) for name, each in value.items() if name not in {"fence", "attempt"}}
        case list():
            return [_plain(each, target) for each in value]
        case str():
            return re.sub(r"MIT-\d+", "MIT-…", value).replace(target, "the target")
        case _:
            return value
