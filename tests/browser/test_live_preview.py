from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_main_job import fill_in

OpenAs = Callable[..., Page]


class TestWhileSomebodyTypes:
    def test_the_panel_says_what_will_happen_and_the_focus_stays(self, open_as: OpenAs) -> None:
        page = open_as("dana", "/mitigations/new/")
        panel = page.locator(".what")
        page.get_by_label("Target").press_sequentially("203.0.113.245")
        expect(panel).to_contain_text("203.0.113.245/32 – 1 address")

        fill_in(page, "203.0.113.245")
        expect(panel).to_contain_text("Routers and monitoring")
        expect(panel.locator("pre")).to_contain_text('"ipCidr": "203.0.113.245/32"')
        assert page.evaluate("document.activeElement.name") == "reason"

    def test_a_mend_in_the_panel_is_one_press_and_loses_nothing(self, open_as: OpenAs) -> None:
        page = open_as("dana", "/mitigations/new/")
        page.get_by_label("Comment").fill("Login")
        page.get_by_label("Target").press_sequentially("203.0.113.67/24")

        page.locator(".what").get_by_role("button", name="203.0.113.67/32").click()

        expect(page.get_by_label("Target")).to_have_value("203.0.113.67/32")
        expect(page.get_by_label("Comment")).to_have_value("Login")
        expect(page.locator(".alarm")).to_have_count(0)

    def test_what_is_unfolded_in_the_panel_stays_so(self, open_as: OpenAs) -> None:
        page = open_as("dana", "/mitigations/new/")
        fill_in(page, "203.0.113.246")
        page.get_by_text("What Kentik will get", exact=True).click()
        page.get_by_label("Target").fill("203.0.113.247")
        expect(page.locator(".what pre")).to_contain_text("203.0.113.247/32")
        expect(page.locator(".what pre")).to_be_visible()

    def test_the_last_word_wins(self, open_as: OpenAs) -> None:
        page = open_as("dana", "/mitigations/new/")
        target = page.get_by_label("Target")
        for text in ("203.0.113.1", "203.0.113.2", "203.0.113.3"):
            target.fill(text)
            page.wait_for_timeout(120)

        expect(page.locator(".what")).to_contain_text("203.0.113.3/32")


@pytest.mark.parametrize(("of", "told"), [({}, True), ({"is_mobile": True, "has_touch": True}, False)])
def test_keys_are_told_of_where_there_is_a_keyboard(of: dict[str, bool], told: bool, open_as: OpenAs) -> None:
    hint = open_as("dana", "/mitigations/new/", **of).get_by_text("Ctrl + Enter asks.")
    expect(hint).to_be_visible(visible=told)
