"""Calls to the sandbox as a client would make them, and small helpers to watch it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

PATH = "/api/v5/alerts/manual-mitigate"
AUTH = {"X-CH-Auth-Email": "portal@example.net", "X-CH-Auth-API-Token": "a-token"}
ORDER = {
    "ipCidr": "203.0.113.7/32",
    "Comment": "[MIT-1] flood",
    "platformID": "257",
    "methodId": "775",
    "minutesBeforeAutoStop": "60",
}
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: int) -> None:
        self.now += timedelta(**by)


def order(**changes: object) -> dict[str, object]:
    """The order with some fields changed; None takes a field out."""
    return {key: value for key, value in {**ORDER, **changes}.items() if value is not None}


def mitigate(url: str, *, timeout: float = 5, **changes: object) -> requests.Response:
    return requests.post(url + PATH, json=order(**changes), headers=AUTH, timeout=timeout, allow_redirects=False)


def send(url: str, body: bytes, content_type: str = "application/json") -> requests.Response:
    return requests.post(url + PATH, data=body, headers={**AUTH, "Content-Type": content_type}, timeout=5)


def control(url: str, name: str) -> Any:  # JSON
    return requests.get(f"{url}/_sandbox/{name}", timeout=5).json()


def ask_for(url: str, payload: object) -> requests.Response:
    return requests.post(f"{url}/_sandbox/faults", json=payload, timeout=5)


def wait_for(condition: Callable[[], object]) -> None:
    """Look until it holds; a test that waits in vain fails after two seconds."""
    until = time.monotonic() + 2
    while not condition():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.005)


# --- V6 ---------------------------------------------------------------------------------------------------------------

MITIGATIONS = "/v202505/mitigations"


def ask(url: str, name: str = "", *query: tuple[str, str]) -> requests.Response:
    """GET from V6: `ask(url)` lists mitigations, `ask(url, "/platforms")` platforms."""
    return requests.get(url + MITIGATIONS + name, params=list(query), headers=AUTH, timeout=5)


def rows(url: str, *query: tuple[str, str]) -> Any:  # JSON
    return ask(url, "", *query).json()["mitigations"]


def act(url: str, action: str, *ids: str) -> requests.Response:
    body = {"ids": list(ids)}
    path = f"{MITIGATIONS}/MITIGATION_USER_ACTION_{action}"
    return requests.post(url + path, json=body, headers=AUTH, timeout=5)


def state(url: str) -> str:
    """The state of the only mitigation."""
    [row] = rows(url)
    return str(row["currentState"]).removeprefix("MITIGATION_STATE_")


def trail(url: str) -> list[tuple[str, str]]:
    """How the only mitigation came there."""
    [row] = rows(url)
    return [
        (entry["state"].removeprefix("MITIGATION_STATE_"), entry["event"].removeprefix("MITIGATION_EVENT_"))
        for entry in row["states"]
    ]
