"""Sending alerts as detectors do."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.test import Client

from mitigations.models import Source
from mitigations.policies import signatures
from mitigations.policies.alerts import Proof
from tests.api.calling import BASE, Answer
from tests.making import NOW, secret_of

UUID = "041eb504-2b33-4ff7-a6b7-8235408d5062"
BAN: dict[str, Any] = {
    "ip": "203.0.113.7",
    "action": "ban",
    "alert_scope": "host",
    "attack_details": {
        "attack_uuid": UUID,
        "attack_severity": "middle",
        "attack_type": "udp_flood",
        "attack_direction": "incoming",
        "attack_protocol": "udp",
        "total_incoming_pps": 282472,
    },
}
ALARM: dict[str, Any] = {
    "Type": "alarm",
    "Description": "Alarm for UDP Fragments Attack Active",
    "IsActive": True,
    "CurrentState": "active",
    "AlarmID": "0190db1d-5d37-70a8-95bd-4092c918ecbe",
    "AlarmSeverity": "major",
    "AlarmPolicyName": "UDP Fragments Attack",
    "Dimensions": {"IP_dst": "203.0.113.7"},
    "Metrics": {"bits": 58555.9140625, "packets": 11.2},
}
MITIGATION: dict[str, Any] = {
    "Type": "mitigation",
    "IsActive": False,
    "CurrentState": "archived",
    "MitigationID": 12345,
    "MitigationAlertIP": "203.0.113.7/32",
}


def ban(ip: str = "203.0.113.7", uuid: str = UUID, **values: Any) -> dict[str, Any]:
    said = copy.deepcopy(BAN) | {"ip": ip, **values}
    said["attack_details"]["attack_uuid"] = uuid
    return said


@dataclass
class Detector:
    """One that has taken the secret of its source."""

    source: Source
    secret: str = ""
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def __post_init__(self) -> None:
        self.secret = self.secret or secret_of(self.source)

    def send(self, said: Any, *, at: datetime = NOW, idempotency_key: str = "", **headers: str) -> Answer:
        body = json.dumps(said).encode()
        if idempotency_key:
            proof = shown_by(self.source, self.secret, body, at=at)
            headers = {**proof, "Idempotency-Key": idempotency_key}
        return self.send_body(body, at=at, **headers)

    def send_body(self, body: bytes, *, at: datetime = NOW, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        shown = named or shown_by(self.source, self.secret, body, at=at)
        raw = self.client.generic("POST", f"{BASE}/alerts/{self.source.name}", body, "application/json", headers=shown)
        return Answer(raw)


def shown_by(source: Source, secret: str, body: bytes, *, at: datetime) -> dict[str, str]:
    """The headers by which it proves itself."""
    if source.proof == Proof.SECRET:
        return {"Authorization": f"Bearer {secret}"}
    timestamp = str(int(at.timestamp()))
    signature = signatures.sign(secret, timestamp=timestamp, body=body)
    return {"X-Breakwater-Timestamp": timestamp, "X-Breakwater-Signature": signature}
