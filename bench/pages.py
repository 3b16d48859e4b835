"""What a page weighs, what it asks the database, and how soon it is seen: in Chromium, from the running portal."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from bench.report import Report
from bench.stack import PASSWORD, Stack
from tests.browser.chromium import launched

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROUNDS = 7
HEAVIEST = 60  # kilobytes over the wire, with everything that the page loads
# Who looks at what; {newest} is the newest mitigation.
PAGES = (
    ("dana", "/"),
    ("dana", "/mitigations/"),
    ("dana", "/mitigations/new/"),
    ("dana", "/mitigations/{newest}/"),
    ("lee", "/approvals/"),
    ("dana", "/catalogue/"),
    ("dana", "/policy/rules/"),
    ("ana", "/reports/"),
    ("ana", "/audit/"),
    ("max", "/account/gallery/"),
)
# From when one goes there: until something is seen, until all is there, and the bytes of it all.
_TIMES = """async () => {
    const paint = await new Promise(done => new PerformanceObserver(list =>
        list.getEntriesByName("first-contentful-paint").forEach(done)).observe({type: "paint", buffered: true}));
    const [page] = performance.getEntriesByType("navigation");
    const bytes = [page, ...performance.getEntriesByType("resource")].reduce((sum, each) => sum + each.transferSize, 0);
    return [paint.startTime, page.loadEventEnd, bytes];
}"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Milliseconds at the median, kilobytes with an empty cache, and queries."""

    painted: float
    loaded: float
    weight: float
    queries: int


def look(stack: Stack) -> dict[str, Seen]:
    """Each page with what is in the database now, on which the portal runs too. Needs Django."""
    newest = _newest()
    addresses = {f"{who} {path}": (who, path.format(newest=newest)) for who, path in PAGES}
    queries = {name: _queries(*address) for name, address in addresses.items()}
    cookies = {who: _signed_in(stack, who) for who, _ in PAGES}
    with launched() as browser:
        seen = {name: _seen(browser, stack, cookies[who], path) for name, (who, path) in addresses.items()}
    return {
        name: Seen(painted=painted, loaded=loaded, weight=weight, queries=queries[name])
        for name, (painted, loaded, weight) in seen.items()
    }


def tell(report: Report, *, small: dict[str, Seen], large: dict[str, Seen]) -> None:
    """With a million mitigations, beside the same page with a hundred."""
    for name, seen in large.items():
        few = small[name]
        report.add(f"{name}: first contentful paint", seen.painted, "ms", beside=few.painted)
        report.add(f"{name}: fully loaded", seen.loaded, "ms", beside=few.loaded)
        report.add(f"{name}: weight", seen.weight, "KB", beside=few.weight, below=HEAVIEST)
        report.add(f"{name}: queries", seen.queries, "", beside=few.queries)


def _newest() -> str:
    from mitigations.models import Mitigation

    return f"MIT-{Mitigation.objects.latest('pk').pk}"


def _queries(who: str, path: str) -> int:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User

    client = Client()
    client.force_login(User.objects.get(username=who))
    client.get(path, headers={"Host": "127.0.0.1"})
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path, headers={"Host": "127.0.0.1"}).status_code == 200, path
    return len(captured)


def _signed_in(stack: Stack, who: str) -> list[dict[str, Any]]:
    session = requests.Session()
    session.get(f"{stack.portal}/account/login/", timeout=10)
    form = {"username": who, "password": PASSWORD, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
    assert session.post(f"{stack.portal}/account/login/", data=form, timeout=10).ok
    return [{"name": each.name, "value": str(each.value), "url": stack.portal} for each in session.cookies]


def _seen(browser: Browser, stack: Stack, cookies: list[dict[str, Any]], path: str) -> tuple[float, float, float]:
    """Each round in a new context, so with an empty cache."""
    rounds = []
    for _ in range(ROUNDS):
        with _page(browser, cookies) as page:
            page.goto(f"{stack.portal}{path}", wait_until="load")
            rounds.append(page.evaluate(_TIMES))
    painted, loaded, weight = (statistics.median(each) for each in zip(*rounds, strict=True))
    return painted, loaded, weight / 1000


@contextmanager
def _page(browser: Browser, cookies: Any) -> Iterator[Page]:
    context = browser.new_context()
    context.add_cookies(cookies)
    yield context.new_page()
    context.close()
