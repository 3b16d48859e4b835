from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenAs = Callable[..., Page]
SHOP = "Shop host under UDP flood"


def chosen(page: Page) -> None:
    expect(page.locator(".notice")).to_contain_text(f"Preset {SHOP}, for a single address inside 203.0.113.0/24.")


class TestStartingFromAPreset:
    def test_works_without_javascript_and_keeps_the_target(self, open_as: OpenAs) -> None:
        page = open_as("dana", "/mitigations/new/", java_script_enabled=False)
        page.get_by_label("Target").fill("198.51.100.77")
        page.get_by_role("button", name=SHOP).click()
        chosen(page)
        expect(page.get_by_label("Target")).to_have_value("198.51.100.77")
        expect(page.locator(".what")).to_contain_text("It is for targets inside 203.0.113.0/24")

    def test_works_by_keyboard(self, open_as: OpenAs) -> None:
        page = open_as("dana", "/mitigations/new/")
        page.get_by_role("button", name=SHOP).focus()
        page.keyboard.press("Enter")
        chosen(page)
        expect(page.get_by_label("Comment")).to_have_value("UDP flood on a shop host")

    def test_says_live_whether_the_target_fits(self, open_as: OpenAs) -> None:
        page = open_as("dana", "/mitigations/new/?preset=1")
        page.get_by_label("Target").press_sequentially("203.0.113.0/28")
        expect(page.locator(".what")).to_contain_text("It is for a single address, and 203.0.113.0/28 is 16 addresses.")
        page.get_by_label("Target").fill("203.0.113.87")
        expect(page.locator(".what")).to_contain_text("203.0.113.87/32 – 1 address – 1 h")

    def test_is_dropped_by_a_press_and_the_target_is_judged_as_ever(self, open_as: OpenAs) -> None:
        page = open_as("dana", "/mitigations/new/?preset=1")
        page.get_by_label("Target").fill("198.51.100.78")
        page.get_by_role("button", name="Drop the preset").click()
        expect(page.locator(".notice")).to_have_count(0)
        expect(page.locator(".what")).to_contain_text("198.51.100.78/32 – 1 address – 1 h")
