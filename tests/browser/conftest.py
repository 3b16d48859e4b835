"""Chromium and the whole product.

Both live as long as the tests of this folder, and no longer: while Playwright runs, Django refuses the ORM in this
process, which these tests do not need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.people import Person
from tests.browser.stack import Stack, running

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    missing = pytest.mark.skip(reason=f"{CHROMIUM} is not there: install Debian's chromium to run the browser tests")
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
            if not CHROMIUM.exists():
                item.add_marker(missing)


@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    with running() as stack:
        yield stack


@pytest.fixture(scope="package")
def people(stack: Stack) -> dict[str, Person]:
    return {name: Person(stack, name) for name in ("dana", "lee", "kim", "ana", "max", "eve")}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_as(browser: Browser, stack: Stack, people: dict[str, Person]) -> Iterator[Callable[..., Page]]:
    """`open_as("dana", "/approvals/")` is that page in a browser in which dana is signed in."""
    contexts: list[BrowserContext] = []

    def open_as(name: str, path: str, **options: Any) -> Page:
        context = browser.new_context(base_url=stack.url, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        if name != "anybody":
            context.add_cookies(people[name].cookies)
        page = context.new_page()
        page.troubles = []
        page.on("console", lambda message: page.troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.goto(path)
        return page

    yield open_as
    for context in contexts:
        context.close()
