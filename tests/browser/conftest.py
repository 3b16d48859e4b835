"""Chromium and the whole product.

Both live as long as the tests of this folder, and no longer: while Playwright runs, Django refuses the ORM in this
process, which these tests do not need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.chromium import CHROMIUM, launched
from tests.browser.people import Person
from tests.browser.stack import Stack, running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    missing = pytest.mark.skip(reason=f"{CHROMIUM} is not there: install Debian's chromium to run the browser tests")
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
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
    with launched() as browser:
        yield browser


@pytest.fixture(scope="package")
def context_of(browser: Browser, stack: Stack, people: dict[str, Person]) -> Iterator[Callable[..., BrowserContext]]:
    """The browser of one person, kept for the next test, as people keep theirs."""
    contexts: dict[str, BrowserContext] = {}

    def context_of(name: str, **options: Any) -> BrowserContext:
        key = f"{name} {options}"
        if key not in contexts:
            contexts[key] = browser.new_context(base_url=stack.url, reduced_motion="reduce", **options)
            contexts[key].set_default_timeout(15_000)
            if name != "anybody":
                contexts[key].add_cookies(people[name].cookies)
        return contexts[key]

    yield context_of
    for context in contexts.values():
        context.close()


@pytest.fixture
def open_as(context_of: Callable[..., BrowserContext]) -> Iterator[Callable[..., Page]]:
    """`open_as("dana", "/approvals/")` is that page in dana's browser; what its console says is in `troubles`."""
    pages: list[Page] = []

    def open_as(name: str, path: str, **options: Any) -> Page:
        page = context_of(name, **options).new_page()
        pages.append(page)
        page.troubles = []
        page.on("console", lambda message: page.troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        answer = page.goto(path)
        assert answer is not None
        assert answer.status < 500, f"{path} is broken"
        return page

    yield open_as
    for page in pages:
        page.close()
