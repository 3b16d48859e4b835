"""From the approving click to the POST's arrival at Kentik."""

from __future__ import annotations

import random
import re
import statistics
import time
from datetime import UTC, datetime

import requests

from bench.report import Report
from bench.stack import PASSWORD, Stack

ROUNDS = 80
GOAL = 60.0  # milliseconds, at the median


def measure(stack: Stack, report: Report) -> None:
    dana, lee = Person(stack.portal, "dana"), Person(stack.portal, "lee")
    clicks, answers = [], []
    for number in range(ROUNDS):
        reference = dana.asks_for(f"203.0.113.{number}/32")
        time.sleep(random.uniform(0.02, 0.08))  # arrivals at random, so that no poll is met in step
        clicked = datetime.now(UTC)
        lee.approves(reference)
        answered = datetime.now(UTC)
        arrived = _arrival(stack, number)
        clicks.append((arrived - clicked).total_seconds() * 1000)
        answers.append((answered - clicked).total_seconds() * 1000)
    bare = _bare_posts(stack)
    report.add("approving click to the POST's arrival, median", _at(clicks, 50), "ms", beside=_at(bare, 50), below=GOAL)
    report.add("approving click to the POST's arrival, p99", _at(clicks, 99), "ms", beside=_at(bare, 99))
    report.add("the approving click itself, median", _at(answers, 50), "ms", beside=_at(bare, 50))


class Person:
    """Somebody with a browser, as far as forms go."""

    def __init__(self, portal: str, name: str) -> None:
        self._portal, self._session = portal, requests.Session()
        self._send("/account/login/", username=name, password=PASSWORD)

    def asks_for(self, target: str) -> str:
        page = self._session.get(f"{self._portal}/mitigations/new/", timeout=10).text
        pairing = re.search(r'id="pairing-(\d+)">Edge RTBH · Drop everything<', page)
        assert pairing is not None, "the demo's catalogue has this pairing"
        form = {"ip_cidr": target, "pairing": pairing[1], "minutes_before_auto_stop": "60", "reason": "bench"}
        answer = self._send("/mitigations/new/", **form, ask="1")
        return answer.url.rstrip("/").rsplit("/", 1)[1]

    def approves(self, reference: str) -> None:
        self._send(f"/mitigations/{reference}/approve/", note="")

    def _send(self, path: str, **form: str) -> requests.Response:
        if "csrftoken" not in self._session.cookies:
            self._session.get(f"{self._portal}{path}", timeout=10)
        token = self._session.cookies["csrftoken"]
        data = {**form, "csrfmiddlewaretoken": token}
        answer = self._session.post(f"{self._portal}{path}", data=data, timeout=10)
        assert answer.ok, f"{path} answered {answer.status_code}"
        return answer


def _arrival(stack: Stack, number: int) -> datetime:
    while len(calls := stack.sandbox.journal()) <= number:
        time.sleep(0.005)
    return datetime.fromisoformat(calls[number]["received_at"])


def _bare_posts(stack: Stack) -> list[float]:
    """The same POST by plain requests, from the call to its arrival."""
    times = []
    for _ in range(ROUNDS):
        started = datetime.now(UTC)
        requests.post(f"{stack.sandbox.url}/api/v5/alerts/manual-mitigate", json={}, timeout=5)
        times.append(
            (datetime.fromisoformat(stack.sandbox.journal()[-1]["received_at"]) - started).total_seconds() * 1000
        )
    return times


def _at(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
