"""A stop by a real worker, killed in the middle of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from mitigations.models import Exchange, KentikView, Mitigation, Sighting, StopOrder
from mitigations.policies.lifecycle import Status
from mitigations.policies.observing import Appearance
from mitigations.policies.stopping import OrderStatus
from mitigations.services import stopping
from sandbox.server import Sandbox
from tests.making import make_mitigation
from tests.people import Cast, acting, make_cast
from tests.processes.running import until, worker
from tests.processes.test_worker import becomes

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def people(transactional_db: None, settings: Any) -> Cast:
    settings.KENTIK_V6 = True
    return make_cast()


@pytest.fixture
def running_one(people: Cast, sandbox: Sandbox) -> Mitigation:
    """It is live at Kentik, found, and ordered to stop; the next look is due."""
    at = timezone.now() - timedelta(seconds=5)
    mitigation = make_mitigation(Status.ACTIVE, at=at, target="203.0.113.7/32")
    sandbox.elsewhere(mitigation.target, comment=mitigation.marked_comment, minutes=60)
    Sighting.objects.create(
        kentik_id=sandbox.mitigations()[0]["id"],
        mitigation=mitigation,
        manual=True,
        target=mitigation.target,
        state="MITIGATION_STATE_MANUAL_MITIGATING",
        label="Active",
        appearance=Appearance.LIVE,
        occupies=True,
        seen_at=at,
    )
    KentikView.objects.create(listed_at=at)
    stopping.order(reference=mitigation.reference, by=acting(people.dana), note="Over.", at=timezone.now())
    return mitigation


def stops(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [call for call in sandbox.journal() if call["method"] == "POST"]


def test_is_told_and_seen(sandbox: Sandbox, running_one: Mitigation) -> None:
    with worker(sandbox.url, KENTIK_V6="True"):
        becomes(running_one, Status.STOPPED)

    assert [call["status"] for call in stops(sandbox)] == [200]
    assert StopOrder.objects.get().status == OrderStatus.DONE


def test_killed_in_the_middle_it_is_unclear_and_the_next_look_settles_it(
    sandbox: Sandbox, running_one: Mitigation
) -> None:
    sandbox.fault("delay", seconds=0.5, api="v6")
    with worker(sandbox.url, KENTIK_V6="True") as first:
        until(lambda: len(stops(sandbox)) == 1)
        first.kill()
    assert StopOrder.objects.get().status == OrderStatus.SENDING

    with worker(sandbox.url, KENTIK_V6="True"):
        becomes(running_one, Status.STOPPED)

    assert len(stops(sandbox)) == 1
    assert Exchange.objects.get(purpose="stop").request_body == stops(sandbox)[0]["body"]
