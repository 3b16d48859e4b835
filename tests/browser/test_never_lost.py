"""What somebody typed is there again: after their session has ended, and after they left by accident."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.stack import PASSWORD
from tests.browser.test_main_job import fill_in

OpenAs = Callable[..., Page]


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def holds(page: Page, target: str) -> None:
    expect(page.get_by_label("Target")).to_have_value(target)
    expect(page.get_by_role("radio", name="Edge RTBH · Drop everything")).to_be_checked()
    expect(page.get_by_label("Minutes until auto-stop")).to_have_value("60")
    expect(page.get_by_label("Reason")).to_have_value("UDP flood since 02:50, the shop is down.")


def test_when_the_session_ends_while_somebody_types(open_as: OpenAs) -> None:
    """In a browser of its own: its session is over."""
    page = open_as("dana", "/mitigations/new/", locale="de")
    page.context.clear_cookies(name="sessionid")
    fill_in(page, "203.0.113.208")
    expect(page.locator(".what")).to_contain_text("You are signed out")
    holds(page, "203.0.113.208")

    page.get_by_role("button", name="Ask for it").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing was done. What you typed is kept")
    sign_in(page, "dana")

    holds(page, "203.0.113.208")
    expect(page.locator(".what pre")).to_contain_text('"ipCidr": "203.0.113.208/32"')
    page.get_by_role("button", name="Ask for it: needs 1 approval").click()
    expect(page.locator(".now-pending")).to_be_visible()


def test_when_the_page_is_left_by_accident(open_as: OpenAs) -> None:
    page = open_as("dana", "/mitigations/new/")
    fill_in(page, "203.0.113.209")
    page.goto("/mitigations/")
    page.goto("/mitigations/new/")
    expect(page.get_by_label("Target")).to_have_value("")
    page.get_by_role("button", name="Bring it back").click()
    holds(page, "203.0.113.209")

    page.get_by_role("button", name="Ask for it").click()
    expect(page.locator(".now-pending")).to_be_visible()
    page.goto("/mitigations/new/")
    expect(page.get_by_role("button", name="Bring it back")).to_have_count(0)
