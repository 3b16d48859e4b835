"""Somebody is invited, comes, is given another role and leaves: on a phone, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_pages import SIDEWAYS

OpenAs = Callable[..., Page]
PHONE = {"java_script_enabled": False, "viewport": {"width": 390, "height": 844}}
PASSWORD = "harbour-lantern-1"


def is_in_order(page: Page) -> None:
    """Playwright runs its own scripts also where the page may not."""
    assert page.evaluate(SIDEWAYS)[0] <= 0


def test_somebody_comes_and_goes(open_as: OpenAs) -> None:
    max_ = open_as("max", "/people/", **PHONE)
    max_.get_by_role("link", name="Invite somebody").click()
    max_.get_by_label("Name to sign in with").fill("noor")
    max_.get_by_label("Whole name").fill("Noor Haddad")
    max_.get_by_label("viewer").check()
    is_in_order(max_)
    max_.get_by_role("button", name="Invite").click()
    link = max_.locator("main code").inner_text()
    is_in_order(max_)

    noor = open_as("anybody", link, **PHONE)
    is_in_order(noor)
    noor.get_by_label("Password").fill(PASSWORD)
    noor.get_by_label("The same once more").fill(PASSWORD)
    noor.get_by_role("button", name="Set the password").click()
    noor.get_by_label("Username").fill("noor")
    noor.get_by_label("Password").fill(PASSWORD)
    noor.get_by_role("button", name="Sign in").click()
    expect(noor.get_by_role("heading", name="Overview")).to_be_visible()

    max_.get_by_role("link", name="I have copied it").click()
    max_.get_by_role("link", name="Change roles").click()
    max_.get_by_label("requester").check()
    max_.get_by_role("button", name="Save").click()
    expect(max_.locator(".notice").first).to_have_text("It is changed what noor may do.")
    assert noor.goto("/mitigations/new/").status == 200

    max_.get_by_role("link", name="Deactivate").click()
    max_.get_by_role("button", name="Deactivate noor").click()
    expect(max_.get_by_text("noor cannot sign in")).to_be_visible()
    is_in_order(max_)
    noor.goto("/")
    expect(noor.get_by_role("heading", name="Sign in")).to_be_visible()
