"""Calls through the real client, with credentials that are looked for afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mitigations.kentik.account import Account
from mitigations.kentik.client import Client
from mitigations.kentik.messages import Call, StartMitigation
from sandbox.server import Sandbox

PATH = "/api/v5/alerts/manual-mitigate"
URL = "https://api.kentik.com" + PATH
OK = '{"response":{"result":"OK"}}'
EMAIL = "robot@example.net"
TOKEN = "canary-0123456789abcdef"
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

MESSAGE = StartMitigation(
    ip_cidr="203.0.113.7/32", comment="[MIT-42] UDP flood", platform_id="257", method_id="775", minutes=60
)
BODY = (
    b'{"ipCidr":"203.0.113.7/32","Comment":"[MIT-42] UDP flood","platformID":"257","methodId":"775",'
    b'"minutesBeforeAutoStop":"60"}'
)


def make_account(base_url: str = "https://api.kentik.com", **changes: Any) -> Account:
    """Impatient, so that no test waits long."""
    patience = {"connect": 0.2, "read": 0.2, "total": 1.0}
    return Account(**{"base_url": base_url, "email": EMAIL, "token": TOKEN, **patience, **changes})


def make_client(base_url: str = "https://api.kentik.com", **changes: Any) -> Client:
    return Client(make_account(base_url, **changes), now=lambda: NOW)


def start(base_url: str = "https://api.kentik.com", **changes: Any) -> Call:
    return make_client(base_url, **changes).start(MESSAGE)


def posts(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [call for call in sandbox.journal() if call["method"] == "POST"]
