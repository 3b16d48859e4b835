"""Dana stops what runs: the worker does it where V6 is open, and she does it in Kentik where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import Person
from tests.browser.stack import Stack, running
from tests.browser.test_pages import faults

OpenAs = Callable[..., Page]


def live(dana: Person, lee: Person, target: str) -> str:
    """The reference of one that Kentik accepted."""
    reference = dana.ask(target)
    lee.press(reference, "approve", note="Seen.")
    dana.wait_for(reference, "active")
    return reference


class TestWithV6:
    @pytest.fixture
    def page(self, open_as: OpenAs, people: dict[str, Person]) -> Page:
        """Dana's open page of one that Kentik shows."""
        page = open_as("dana", f"/mitigations/{live(people['dana'], people['lee'], '198.51.100.77/32')}/")
        expect(page.locator(".observed .big")).to_have_text("Active")
        return page

    def test_her_open_page_turns_to_stopped_by_itself(self, page: Page, stack: Stack) -> None:
        expect(page.locator(".observed dd .mono").first).to_have_text(stack.kentik_id("198.51.100.77/32"))
        page.get_by_role("link", name="Stop …").click()
        page.get_by_label("Why it is to stop").wait_for()
        assert faults(page) == []
        page.get_by_label("Why it is to stop").fill("The attack is over.")
        page.get_by_role("button", name="Stop 198.51.100.77/32").click()
        expect(page.locator(".order")).to_contain_text("The attack is over.")
        expect(page.locator(".now-stopped")).to_be_visible()
        expect(page.locator(".order-done")).to_contain_text("Done")
        assert not stack.live("198.51.100.77/32")
        assert faults(page) == []

    def test_what_she_has_unfolded_stays_so_when_her_page_is_loaded_anew(
        self, open_as: OpenAs, people: dict[str, Person]
    ) -> None:
        reference = live(people["dana"], people["lee"], "198.51.100.75/32")
        page = open_as("dana", f"/mitigations/{reference}/")
        expect(page.locator(".observed .big")).to_have_text("Active")
        first = page.locator("details.exchange").first
        first.locator("summary").click()
        sent = first.locator("pre").first
        sent.scroll_into_view_if_needed()
        people["dana"].press(reference, "stop", note="The attack is over.")
        expect(page.locator(".now-stopped")).to_be_visible()
        expect(sent).to_be_visible()
        expect(sent).to_be_in_viewport()
        expect(page.locator("details.exchange[open]")).to_have_count(1)

    def test_what_could_not_be_removed_is_an_alarm(
        self, open_as: OpenAs, people: dict[str, Person], stack: Stack
    ) -> None:
        reference = live(people["dana"], people["lee"], "198.51.100.76/32")
        page = open_as("dana", f"/mitigations/{reference}/")
        expect(page.locator(".observed .big")).to_have_text("Active")
        stack.fault(kind="clear-fails", api="v6")
        people["dana"].press(reference, "stop", note="The attack is over.")
        expect(page.locator(".observed .big")).to_have_text("Failed to clear")
        expect(page.get_by_role("alert")).to_contain_text("could not be removed from the network")
        expect(page.locator(".by-hand")).to_contain_text("Do not archive it")
        assert faults(page) == []

    def test_what_somebody_started_in_kentik_is_listed(self, open_as: OpenAs, stack: Stack) -> None:
        stack.start_elsewhere("198.51.100.78/32")
        page = open_as("ana", "/")
        page.get_by_role("link", name="started elsewhere").click()
        shown = page.get_by_role("cell", name="198.51.100.78/32")
        for _ in range(70):  # the next look may be a minute away
            if shown.count():
                break
            page.wait_for_timeout(1000)
            page.reload()
        expect(shown).to_be_visible()


class TestWhereKentikRefusesV6:
    @pytest.fixture
    def blind(self) -> Iterator[Stack]:
        with running(prepare=Stack.refuse_v6) as stack:
            yield stack

    @pytest.fixture
    def page(self, blind: Stack, browser: Browser) -> Iterator[Page]:
        """Dana's open page of one that Kentik accepted."""
        dana, lee = Person(blind, "dana"), Person(blind, "lee")
        reference = live(dana, lee, "198.51.100.79/32")
        context = browser.new_context(base_url=blind.url, reduced_motion="reduce")
        context.add_cookies(dana.cookies)
        page = context.new_page()
        page.troubles = []
        page.goto(f"/mitigations/{reference}/")
        yield page
        context.close()

    def test_she_stops_it_in_kentik_and_says_so(self, page: Page) -> None:
        expect(page.locator(".observed")).to_contain_text("Kentik’s own page shows whether it is in force.")
        page.get_by_role("link", name="Record a stop …").click()
        expect(page.locator(".by-hand")).to_contain_text("In Kentik, open Protect › Mitigations")
        assert faults(page) == []
        page.get_by_label("What you saw in Kentik").fill("Cleared.")
        page.get_by_role("button", name="Record the stop").click()
        expect(page.locator(".now-stopped")).to_be_visible()
        page.goto("/")
        expect(page.get_by_role("alert")).to_contain_text("Kentik refuses its mitigation API (V6) to the portal")
        assert faults(page) == []
