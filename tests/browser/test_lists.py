"""Dana with attacks that are over: she finds, ticks and stops them, with as few presses as it takes."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.people import Person
from tests.browser.stack import Stack
from tests.browser.test_pages import SMALL, faults
from tests.browser.test_stopping import live

OpenAs = Callable[..., Page]
TARGETS = ("198.51.100.84/32", "198.51.100.85/32")


def test_what_is_ticked_in_a_list_is_stopped_by_one_page(
    open_as: OpenAs, people: dict[str, Person], stack: Stack
) -> None:
    for target in TARGETS:
        live(people["dana"], people["lee"], target)
    page = open_as("dana", "/mitigations/?column=observed&status=active&target=198.51.100.84/30")
    _until_kentik_shows_both(page)
    page.goto("/mitigations/")
    page.get_by_label("Address or prefix").fill("198.51.100.84/30")
    page.get_by_label("Address or prefix").press("Enter")
    page.wait_for_url("**/mitigations/?target=198.51.100.84%2F30&how=inside")
    bar = page.locator(".reach")
    expect(bar).to_be_hidden()
    page.locator("input[name=references]").first.check()
    expect(bar.get_by_role("button")).to_have_text(["Stop …"])
    page.get_by_role("link", name="none").click()
    expect(bar).to_be_hidden()
    page.get_by_role("link", name="all 2 on this page").click()
    expect(page.locator("input[name=references]:checked")).to_have_count(2)
    assert faults(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate(SMALL) == []

    page.get_by_role("button", name="Stop …").click()
    expect(page.locator("p.lead")).to_contain_text(TARGETS[0])
    page.get_by_label("Why it is to stop").fill("The attacks are over.")
    page.get_by_role("button", name="Stop what is ticked").click()
    expect(page.get_by_role("status")).to_have_text("2 of 2 are being stopped: the worker tells Kentik now.")
    expect(page.locator(".mark")).to_have_text(["ordered to stop"] * 2)
    for _ in range(60):
        if not any(map(stack.live, TARGETS)):
            break
        page.wait_for_timeout(250)
    assert not any(map(stack.live, TARGETS))


def test_what_can_be_done_is_offered_for_what_is_ticked(open_as: OpenAs, people: dict[str, Person]) -> None:
    waiting, running = people["dana"].ask("198.51.100.86"), live(people["dana"], people["lee"], "198.51.100.87/32")
    page = open_as("dana", "/mitigations/?target=198.51.100.86/31&how=inside")
    offered = page.locator(".reach button:visible")
    for ticked, deeds in (([], []), ([waiting], ["Withdraw …"]), ([waiting, running], ["Withdraw …", "Stop …"])):
        for reference in ticked:
            page.get_by_role("checkbox", name=f"Tick {reference}").check()
        expect(offered).to_have_text(deeds)
    page.get_by_role("link", name="198.51.100.86/32").click()
    page.wait_for_url(f"**/mitigations/{waiting}/")
    page.go_back()
    expect(page.locator(":checked[name=references]")).to_have_count(2)
    expect(offered).to_have_text(deeds)


def test_what_can_be_done_is_offered_without_a_script(open_as: OpenAs, people: dict[str, Person]) -> None:
    people["dana"].ask("198.51.100.251")
    page = open_as("dana", "/mitigations/?target=198.51.100.251", java_script_enabled=False)
    expect(page.get_by_role("button", name="Withdraw …")).to_be_visible()


def _until_kentik_shows_both(page: Page) -> None:
    """A list does not load itself anew."""
    for _ in range(60):
        if page.locator(".appearance-live").count() == len(TARGETS):
            return
        page.wait_for_timeout(500)
        page.reload()
