"""An example of each operation, for its page. A test runs each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True, kw_only=True)
class Sample:
    """`path`: what stands in the places of the path; `body` of a POST; `shows`: the variable of who may."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    shows: str = "TOKEN"

    def address(self, pattern: str) -> str:
        address = pattern.format(**self.path)
        return f"{address}?{urlencode(self.query, safe=':/,')}" if self.query else address


_ONE = {"reference": "MIT-42"}
_TERMS = {"pairing": 1, "minutes": 60}
_ALERT = {
    "ip": "203.0.113.7",
    "action": "ban",
    "alert_scope": "host",
    "attack_details": {
        "attack_uuid": "041eb504-2b33-4ff7-a6b7-8235408d5062",
        "attack_type": "udp_flood",
        "attack_direction": "incoming",
        "attack_protocol": "udp",
        "total_incoming_pps": 282472,
    },
}
_REASON = "UDP flood on the shop since 02:50, 8 Gbit/s, customers cannot order."

SAMPLES: Mapping[str, Sample] = {
    "asking.index": Sample(query={"status": "active", "target": "203.0.113.0/24"}),
    "asking.ask": Sample(body={"target": "203.0.113.7/32", **_TERMS, "reason": _REASON, "ticket": "INC-7"}),
    "asking.preview": Sample(body={"target": "203.0.113.7/32", **_TERMS}),
    "asking.ask_many": Sample(body={"targets": ["203.0.113.7/32", "203.0.113.9/32"], **_TERMS, "reason": _REASON}),
    "asking.one": Sample(path=_ONE),
    "asking.its_exchanges": Sample(path=_ONE),
    "deciding.queue": Sample(),
    "deciding.approve": Sample(path=_ONE, body={"note": "Agreed in the room."}),
    "deciding.reject": Sample(path=_ONE, body={"note": "The scrubber has it already."}),
    "deciding.withdraw": Sample(path=_ONE, body={"note": "The flood is over."}),
    "deciding.stop": Sample(path=_ONE, body={"note": "The flood is over."}),
    "policy.me": Sample(),
    "policy.things": Sample(),
    "policy.in_force": Sample(),
    "policy.protected": Sample(query={"inside": "203.0.113.0/24"}),
    "policy.space": Sample(),
    "policy.simulate": Sample(
        query={"who": "dana", "target": "203.0.113.64/27", "pairing": "1", "minutes": "60"},
    ),
    "log.events": Sample(query={"after": "0", "wait": "20"}),
    "log.event": Sample(path={"number": "1"}),
    "log.all_exchanges": Sample(query={"after": "0"}),
    "log.verification": Sample(),
    "log.verify": Sample(body={"whole": False}),
    "log.checkpoints": Sample(),
    "alerting.hear": Sample(path={"source": "edge-fnm"}, body=_ALERT, shows="SECRET"),
    "reports.report": Sample(path={"period": "2026-11"}),
}
