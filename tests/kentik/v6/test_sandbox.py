"""The client and the sandbox over real sockets: what is asked for is found again, and faults come out as they are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from mitigations.kentik.messages import Outcome, ReadOutcome
from mitigations.kentik.v6.questions import MitigationFilter
from mitigations.kentik.v6.states import Action, MitigationType, PlatformType, State, StateClass
from mitigations.kentik.v6.values import Acted, KentikMitigation, Listing
from sandbox.server import Sandbox
from tests.kentik.calls import MESSAGE, NOW
from tests.kentik.servers import closed_port
from tests.kentik.v6.calls import ALL, list_all, make_v6, started


class Clock:
    def __init__(self) -> None:
        self.now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(port=0, clock=clock) as running:
        yield running


def only(sandbox: Sandbox) -> KentikMitigation:
    page = list_all(sandbox.url).value
    assert page is not None
    [found] = page.rows
    return found


def test_finds_what_was_started_over_v5(sandbox: Sandbox) -> None:
    started(sandbox)

    found = only(sandbox)

    assert (found.target, found.comment) == (MESSAGE.ip_cidr, MESSAGE.comment)
    assert (found.platform_id, found.method_id) == (MESSAGE.platform_id, MESSAGE.method_id)
    assert (found.auto_stop_minutes, found.started_at) == (MESSAGE.minutes, NOW)
    assert (found.type, found.state) == (MitigationType.MANUAL, State.MANUAL_MITIGATING)


@pytest.mark.parametrize(
    ("fault", "lost"), [("lose-auto-stop", (None, MESSAGE.comment)), ("lose-comment", (MESSAGE.minutes, ""))]
)
def test_sees_what_was_lost_unseen(sandbox: Sandbox, fault: str, lost: tuple[int | None, str]) -> None:
    sandbox.fault(fault)
    started(sandbox)

    found = only(sandbox)

    assert (found.auto_stop_minutes, found.comment) == lost


def test_finds_a_flowspec_mitigation_by_its_rule(sandbox: Sandbox) -> None:
    sandbox.elsewhere("203.0.113.7", platform_id="258", method_id="781")

    assert only(sandbox).target == "203.0.113.7/32"


def test_finds_an_automatic_one(sandbox: Sandbox) -> None:
    sandbox.automatic("203.0.113.7", state="END_WAIT")

    found = only(sandbox)

    assert (found.type, found.state.state_class) == (MitigationType.AUTO, StateClass.LIVE)
    assert found.state.occupies_its_target


def test_finds_it_with_every_filter_at_once(sandbox: Sandbox) -> None:
    started(sandbox)
    sandbox.elsewhere("203.0.113.8")
    wanted = MitigationFilter(
        ids=("70001",),
        types=(MitigationType.MANUAL,),
        states=(State.MANUAL_STARTING, State.MANUAL_MITIGATING),
        platform_ids=("257",),
        method_ids=("775",),
        ip_cidrs=("203.0.113.7/32",),
        created_from=NOW - timedelta(minutes=1),
        created_until=NOW + timedelta(minutes=1),
    )

    page = make_v6(sandbox.url).list_mitigations(wanted).value

    assert page is not None
    assert [found.id for found in page.rows] == ["70001"]


def test_gets_one_by_its_id(sandbox: Sandbox) -> None:
    started(sandbox)

    assert make_v6(sandbox.url).get_mitigation("70001").value == only(sandbox)


def test_does_not_find_one_that_is_not_there(sandbox: Sandbox) -> None:
    assert make_v6(sandbox.url).get_mitigation("70001").call.outcome is ReadOutcome.ABSENT


def test_reads_all_pages_one_call_each(sandbox: Sandbox) -> None:
    for number in range(230):
        sandbox.elsewhere(f"192.0.2.{number}")
    v6, pages = make_v6(sandbox.url), []
    page = v6.list_mitigations(ALL).value
    while page:
        pages.append(page)
        page = v6.list_mitigations(ALL, page.next).value if page.next else None

    listing = Listing.of(pages)
    assert (len(listing.rows), listing.complete, len(sandbox.journal())) == (230, True, 3)


def test_reads_what_is_offered(sandbox: Sandbox) -> None:
    v6 = make_v6(sandbox.url)
    platforms, methods = v6.list_platforms().value, v6.list_methods().value

    assert platforms is not None
    assert methods is not None
    assert [(row.id, row.type, row.method_ids) for row in platforms.rows][:1] == [
        ("257", PlatformType.RTBH, ("775", "776"))
    ]
    assert [(row.id, row.name) for row in methods.rows][:1] == [("775", "Drop everything")]


def test_sees_what_was_changed(sandbox: Sandbox) -> None:
    sandbox.change_catalogue(unlink=[{"platform": "257", "method": "776"}])

    page = make_v6(sandbox.url).list_platforms().value

    assert page is not None
    assert (page.rows[0].method_ids, page.rows[0].modified_at) == (("775",), NOW)


def test_stops_it(sandbox: Sandbox) -> None:
    started(sandbox)

    answer = make_v6(sandbox.url).act(Action.STOP, ["70001"])

    assert [result.acted for result in answer.results] == [Acted.DONE]
    assert only(sandbox).state is State.MANUAL_CLEAR


def test_is_told_that_it_cannot_be_stopped(sandbox: Sandbox) -> None:
    answer = make_v6(sandbox.url).act(Action.STOP, ["70001"])

    assert answer.call.outcome is Outcome.ACCEPTED
    assert [(result.acted, result.message) for result in answer.results] == [
        (Acted.REFUSED, "mitigation 70001 not found")
    ]


def test_sees_that_it_could_not_be_removed(sandbox: Sandbox) -> None:
    started(sandbox)
    sandbox.fault("clear-fails")
    make_v6(sandbox.url).act(Action.STOP, ["70001"])

    assert only(sandbox).state.state_class is StateClass.URGENT


def test_sees_that_it_ended_by_the_clock(sandbox: Sandbox, clock: Clock) -> None:
    started(sandbox)
    clock.now += timedelta(minutes=60)

    assert [entry.event for entry in only(sandbox).history][2:] == [
        "MITIGATION_EVENT_TTL_EXPIRED",
        "MITIGATION_EVENT_REMOTE_REMOVED",
    ]


# --- Faults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "options", "outcome"),
    [
        ("hang", {}, ReadOutcome.FAILED),
        ("accept-then-drop", {}, ReadOutcome.FAILED),
        ("close-before-reading", {}, ReadOutcome.FAILED),
        ("malformed-json", {}, ReadOutcome.FAILED),
        ("redirect", {}, ReadOutcome.FAILED),
        ("result", {}, ReadOutcome.FAILED),
        ("trickle", {"seconds": 0.05}, ReadOutcome.FAILED),
        ("delay", {"seconds": 0.1}, ReadOutcome.READ),
        ("status", {"status": 401}, ReadOutcome.REFUSED),
        ("status", {"status": 403}, ReadOutcome.REFUSED),
        ("status", {"status": 404}, ReadOutcome.REFUSED),
        ("status", {"status": 429}, ReadOutcome.THROTTLED),
        ("status", {"status": 504}, ReadOutcome.FAILED),
    ],
)
def test_asks_once_whatever_the_fault(
    sandbox: Sandbox, fault: str, options: dict[str, Any], outcome: ReadOutcome
) -> None:
    sandbox.fault(fault, api="v6", **options)

    answer = list_all(sandbox.url, total=_patience(fault))

    assert (answer.call.outcome, len(sandbox.journal())) == (outcome, 1)


@pytest.mark.parametrize(
    ("fault", "options", "outcome", "state"),
    [
        ("hang", {}, Outcome.UNKNOWN, State.MANUAL_MITIGATING),
        ("accept-then-drop", {}, Outcome.UNKNOWN, State.MANUAL_CLEAR),
        ("close-before-reading", {}, Outcome.UNKNOWN, State.MANUAL_MITIGATING),
        ("malformed-json", {}, Outcome.UNKNOWN, State.MANUAL_CLEAR),
        ("redirect", {}, Outcome.UNKNOWN, State.MANUAL_MITIGATING),
        ("result", {}, Outcome.UNKNOWN, State.MANUAL_MITIGATING),
        ("trickle", {"seconds": 0.05}, Outcome.UNKNOWN, State.MANUAL_CLEAR),
        ("status", {"status": 403}, Outcome.REFUSED, State.MANUAL_MITIGATING),
        ("status", {"status": 429}, Outcome.THROTTLED, State.MANUAL_MITIGATING),
        ("status", {"status": 504}, Outcome.UNKNOWN, State.MANUAL_MITIGATING),
    ],
)
def test_orders_once_whatever_the_fault(
    sandbox: Sandbox, fault: str, options: dict[str, Any], outcome: Outcome, state: State
) -> None:
    started(sandbox)
    sandbox.fault(fault, api="v6", **options)

    answer = make_v6(sandbox.url, total=_patience(fault)).act(Action.STOP, ["70001"])

    assert (answer.call.outcome, answer.results) == (outcome, ())
    assert only(sandbox).state is state
    assert [call["method"] for call in sandbox.journal()] == ["POST", "POST", "GET"]


def _patience(fault: str) -> float:
    """Seconds for a whole call: few for what never ends, and many for what answers, however busy the machine is."""
    return 0.4 if fault in {"hang", "trickle"} else 10.0


def test_has_sent_nothing_to_a_port_that_is_closed() -> None:
    assert make_v6(f"http://{closed_port()}").act(Action.STOP, ["7"]).call.outcome is Outcome.NOT_SENT


def test_bounds_a_question_as_a_whole(sandbox: Sandbox) -> None:
    sandbox.fault("trickle", seconds=0.02)
    begun = time.monotonic()

    list_all(sandbox.url, total=0.25)

    assert time.monotonic() - begun < 0.5
