"""What a script does for people everywhere: single keys that lead to pages, and times that stay true."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.people import Person
from tests.browser.test_pages import faults

OpenAs = Callable[..., Page]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def leads(page: Page, *keys: str, to: str) -> None:
    press(page, *keys)
    page.wait_for_url(to)
    page.wait_for_load_state()


def test_every_shortcut_leads_where_it_says(open_as: OpenAs, people: dict[str, Person]) -> None:
    dana = open_as("dana", "/catalogue/")
    leads(dana, "g", "m", to="**/mitigations/")
    leads(dana, "g", "o", to=re.compile(r":\d+/$"))
    leads(dana, "n", to="**/mitigations/new/")

    # Never while somebody types, never with a key that is the browser's, and none whose page is not theirs.
    dana.get_by_label("Reason").press_sequentially("n?/a go")
    expect(dana.get_by_label("Reason")).to_have_value("n?/a go")
    dana.get_by_role("heading", level=1).click()
    press(dana, "Control+n", "Alt+n", "Meta+n", "a", "g", "l")
    assert dana.url.endswith("/mitigations/new/")

    press(dana, "/")
    expect(dana.get_by_label("Search everywhere")).to_be_focused()
    press(dana, "Tab")

    press(dana, "?")
    dialog = dana.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    assert faults(dana) == []
    press(dana, "Escape")
    expect(dialog).to_be_hidden()

    leads(open_as("lee", "/"), "a", to="**/approvals/")
    leads(open_as("ana", "/"), "g", "l", to="**/audit/")
    assert open_as("lee", "/").locator("nav a[aria-keyshortcuts=a]").inner_text().startswith("Approvals")

    people["kim"].post("/account/preferences/", hours="24")
    kim = open_as("kim", "/")
    press(kim, "a", "?", "/")
    assert kim.url.endswith("/")
    expect(kim.get_by_label("Search everywhere")).not_to_be_focused()
    people["kim"].post("/account/preferences/", hours="24", shortcuts="on")


def test_a_page_that_stands_open_goes_on_telling_the_time(open_as: OpenAs, people: dict[str, Person]) -> None:
    reference = people["dana"].ask("203.0.113.140")
    people["lee"].press(reference, "approve", note="Seen.")
    people["dana"].wait_for(reference, "active")
    page = open_as("dana", "/mitigations/?target=203.0.113.140")

    # Whatever this machine's clock says: it is an hour slow here.
    page.clock.install(time="2026-11-23T02:00:00Z")
    page.reload()
    ago, left = page.locator("td time.ago").first, page.locator("time.countdown").first
    expect(left).to_have_text(re.compile(r"^59 min \d+ s left$"))
    page.clock.run_for(5 * 60 * 1000)
    expect(ago).to_have_text(re.compile(r"^[56] min ago$"))
    expect(left).to_have_text(re.compile(r"^5[34] min( \d+ s)? left$"))
    page.clock.run_for(60 * 60 * 1000)
    expect(ago).to_have_text(re.compile(r"^1 h [56] min ago$"))
    expect(left).to_have_text("over")


def test_the_pages_of_the_search_and_of_ones_own_account_are_in_order(
    open_as: OpenAs, people: dict[str, Person]
) -> None:
    ticket = f"INC-1{'x' * 95}"
    for target in ("203.0.113.141", "203.0.113.142"):
        people["dana"].ask(target, ticket=ticket)
    queries = ("203.0.113.0/24", "203.0.113.7/24", "inc", ticket, "dana", "x" * 190, "x" * 201)
    pages = [f"/search/?q={query}" for query in queries] + ["/account/preferences/", "/account/shortcuts/"]
    assert {path: found for path in pages if (found := faults(open_as("ana", path)))} == {}
