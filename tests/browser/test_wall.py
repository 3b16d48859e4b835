"""The overview keeps itself current while somebody looks, and does not lie when it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Person

OpenAs = Callable[..., Page]


@pytest.fixture
def wall(open_as: OpenAs, people: dict[str, Person]) -> Page:
    """With a clock that the test turns: the page looks every five seconds."""
    page = open_as("kim", "/?wall=1")
    page.clock.install()
    page.reload()
    page.evaluate("window.stillHere = true")
    return page


def test_shows_what_is_new_without_losing_anybodys_place(wall: Page, people: dict[str, Person]) -> None:
    people["dana"].ask("198.51.100.130")
    wall.clock.run_for(6_000)
    held = wall.get_by_role("link", name="198.51.100.130/32").first
    held.focus()

    people["dana"].ask("198.51.100.131")
    wall.clock.run_for(6_000)

    expect(wall.get_by_role("link", name="198.51.100.131/32").first).to_be_visible()
    expect(held).to_be_focused()
    expect(wall.locator("#said")).to_have_text(re.compile(r"\d+ live, \d+ waiting"))
    assert wall.evaluate("window.stillHere"), "it was loaded anew"
    assert wall.troubles == []


def test_says_when_it_last_looked_rests_when_told_to_and_says_so_when_nobody_answers(
    wall: Page, people: dict[str, Person]
) -> None:
    line = wall.locator("#fresh .words")
    # What the worker does meanwhile is news.
    assert 304 in (_answer_to_a_look(wall) for _ in range(5))
    expect(line).to_have_text(re.compile(r"^Current, looked \d s ago$"))

    wall.get_by_role("button", name="Pause").click()
    people["dana"].ask("198.51.100.132")
    wall.clock.run_for(60_000)
    expect(line).to_have_text(re.compile(r"^Paused"))
    assert wall.get_by_role("link", name="198.51.100.132/32").count() == 0

    wall.get_by_role("button", name="Pause").click()
    wall.context.set_offline(True)
    wall.clock.run_for(30_000)
    expect(line).to_have_text(re.compile(r"^Not current: no answer for \d+ s$"))
    wall.context.set_offline(False)
    wall.clock.run_for(6_000)
    expect(wall.get_by_role("link", name="198.51.100.132/32").first).to_be_visible()
    wall.clock.run_for(1_000)
    expect(line).to_have_text(re.compile(r"^Current"))


def _answer_to_a_look(wall: Page) -> int:
    with wall.expect_response(lambda answer: answer.request.resource_type in {"fetch", "xhr"}) as found:
        wall.clock.run_for(6_000)
    return found.value.status
