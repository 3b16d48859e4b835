"""What Kentik shows, for tests: say only what the test is about."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from mitigations.models import Alarm, KentikView, Mitigation, Sighting, StopOrder
from mitigations.models.axis import place
from mitigations.policies.lifecycle import FINAL, Status
from mitigations.policies.network import known
from mitigations.policies.stopping import OPEN_ORDERS, OrderStatus
from tests.making import NOW, make_mitigation

_ids = itertools.count(9001)


def look(**values: Any) -> KentikView:
    """The portal has looked at Kentik just now, unless the test says otherwise."""
    row = {"tried_at": NOW, "listed_at": NOW, **values}
    return KentikView.objects.update_or_create(pk=KentikView.THE_ONE, defaults=row)[0]


def make_sighting(mitigation: Mitigation | None = None, **values: Any) -> Sighting:
    """Live, by hand, seen just now: the given one as it was asked for, or one that was started elsewhere."""
    target = values.pop("target", mitigation.target if mitigation else "203.0.113.200/32")
    row: dict[str, Any] = {
        "kentik_id": str(next(_ids)),
        "mitigation": mitigation,
        "manual": True,
        "target": target,
        **place(known(target)),
        "platform_id": "257",
        "method_id": "775",
        "state": "MITIGATION_STATE_MANUAL_MITIGATING",
        "label": "Active",
        "appearance": "live",
        "occupies": True,
        "started_at": NOW,
        "ends_at": NOW + timedelta(hours=1),
        "auto_stop_minutes": 60,
        "comment": mitigation.marked_comment if mitigation else "Nightly test",
        "seen_at": NOW,
    }
    return Sighting.objects.create(**{**row, **values})


def make_followed(**values: Any) -> Mitigation:
    """An active one that Kentik shows; the values are those of its sighting."""
    look()
    mitigation = make_mitigation(Status.ACTIVE, target="203.0.113.7/32")
    make_sighting(mitigation, **values)
    return mitigation


def make_order(mitigation: Mitigation, status: OrderStatus = OrderStatus.WAITING, **values: Any) -> StopOrder:
    """Ordered by whoever asked for the mitigation."""
    row: dict[str, Any] = {
        "kentik_id": "9001",
        "ordered_by": mitigation.requested_by,
        "ordered_at": NOW,
        "reason": "The attack is over.",
        "status": status,
        "closed_at": None if status in OPEN_ORDERS else NOW,
    }
    return StopOrder.objects.create(mitigation=mitigation, **{**row, **values})


def make_alarm(code: str, mitigation: Mitigation | None = None, *, sentence: str = "Look.") -> Alarm:
    about = mitigation or make_mitigation(Status.ACTIVE)
    return Alarm.objects.create(mitigation=about, code=code, sentence=sentence, raised_at=NOW)


def make_over(mitigation: Mitigation, status: Status = Status.STOPPED) -> Mitigation:
    assert status in FINAL
    Mitigation.objects.filter(pk=mitigation.pk).update(status=status, closed_at=NOW)
    return mitigation
