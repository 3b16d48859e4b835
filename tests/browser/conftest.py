"""Chromium and the whole product.

Both live as long as the tests of this folder, and no longer: while Playwright runs, Django refuses the ORM in this
process, which these tests do not need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chromium import CHROMIUM, launched
from tests.browser.people import Person
from tests.browser.stack import Stack, running

# Milliseconds: what comes at all may come late on a busy machine.
_PATIENCE = 30_000
expect.set_options(timeout=_PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    missing = pytest.mark.skip(reason="install Debian's chromium-headless-shell or chromium to run the browser tests")
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
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
            contexts[key].set_default_timeout(_PATIENCE)
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
        pages.append(_tab(context_of(name, **options)))
        _go(pages[-1], path)
        return pages[-1]

    yield open_as
    for page in pages:
        page.close()


@pytest.fixture(scope="package")
def look_as(context_of: Callable[..., BrowserContext]) -> Iterator[Callable[[str, str], Page]]:
    """The same for who only looks: in the tab that they looked at the last page in, wide and by day. Another tab would
    take longer than the page.
    """
    tabs: dict[str, Page] = {}

    def look_as(name: str, path: str) -> Page:
        if name not in tabs:
            tabs[name] = _tab(context_of(name))
        page = tabs[name]
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(color_scheme="light")
        page.goto("about:blank")
        page.troubles.clear()
        _go(page, path)
        return page

    yield look_as
    for page in tabs.values():
        page.close()


def _tab(context: BrowserContext) -> Page:
    page = context.new_page()
    page.troubles = []
    page.on("console", lambda message: page.troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    return page


def _go(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status < 500, f"{path} is broken"
