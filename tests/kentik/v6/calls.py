"""Questions through the real V6 client."""

from __future__ import annotations

import json
from typing import Any

from mitigations.kentik.messages import Call
from mitigations.kentik.v6.client import V6Client
from mitigations.kentik.v6.questions import MitigationFilter
from mitigations.kentik.v6.values import Answer, KentikMitigation, Page
from sandbox.server import Sandbox
from tests.kentik.calls import NOW, make_account, start

BASE = "https://grpc.api.kentik.com"
URL = BASE + "/v202505/mitigations"
STOP = URL + "/MITIGATION_USER_ACTION_STOP"
ALL = MitigationFilter()

# A row in the shape of Kentik's schema, with made-up values.
ROW: dict[str, Any] = {
    "id": "104217",
    "type": "MITIGATION_TYPE_MANUAL",
    "alarmIds": [],
    "target": {"ipCidr": "192.0.2.10/32"},
    "currentState": "MITIGATION_STATE_MANUAL_MITIGATING",
    "previousState": "MITIGATION_STATE_MANUAL_STARTING",
    "platformId": "257",
    "methodId": "775",
    "startTimeAt": "2026-02-01T10:00:05Z",
    "endTimeAt": "2026-02-01T11:00:05Z",
    "states": [
        {
            "timestamp": "2026-02-01T10:00:05Z",
            "state": "MITIGATION_STATE_MANUAL_STARTING",
            "event": "MITIGATION_EVENT_USER_START",
        },
        {
            "timestamp": "2026-02-01T10:00:18Z",
            "state": "MITIGATION_STATE_MANUAL_MITIGATING",
            "event": "MITIGATION_EVENT_REMOTE_ADDED",
        },
    ],
    "autoStopTtl": "3600s",
    "comment": "[MIT-42] text",
    "source": None,
}


def make_v6(v6_url: str = BASE, **changes: Any) -> V6Client:
    return V6Client(make_account(v6_url=v6_url, **changes), now=lambda: NOW)


def list_all(v6_url: str = BASE, **changes: Any) -> Answer[Page[KentikMitigation]]:
    return make_v6(v6_url, **changes).list_mitigations(ALL)


def listed(*rows: object, **pagination: object) -> str:
    """The body of a list; without pagination it counts its rows."""
    return json.dumps({"pagination": pagination or {"totalCount": str(len(rows))}, "mitigations": rows})


def row(**changes: object) -> dict[str, Any]:
    return {**ROW, **changes}


def started(sandbox: Sandbox) -> Call:
    """One of ours is in force in the sandbox."""
    return start(sandbox.url)
