from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.keyboard import tab_to
from tests.browser.people import Person
from tests.browser.stack import Stack

OpenAs = Callable[..., Page]


def fill_in(page: Page, target: str) -> None:
    page.get_by_label("Target").fill(target)
    fill_in_terms(page)


def fill_in_terms(page: Page) -> None:
    page.get_by_role("radio", name="Edge RTBH · Drop everything").check()
    page.get_by_label("Minutes until auto-stop").fill("60")
    page.get_by_label("Reason").fill("UDP flood since 02:50, the shop is down.")


def ask(page: Page, target: str) -> str:
    fill_in(page, target)
    page.get_by_role("button", name="Ask for it").click()
    expect(page.locator(".now-pending")).to_be_visible()
    reference = re.search(r"MIT-\d+", page.url)
    assert reference is not None
    return reference[0]


def approve(page: Page, target: str) -> None:
    card = page.locator("article", has=page.get_by_role("heading", name=target))
    card.get_by_role("link", name="Approve").click()
    page.get_by_role("button", name=f"Approve {target}").click()
    expect(page.get_by_role("status")).to_contain_text("You approved")


def exactly_one_post(stack: Stack, target: str, reference: str) -> None:
    (call,) = stack.sent(target)
    body = json.loads(call["body"])
    assert call["method"] == "POST"
    assert body.pop("Comment").startswith(f"[{reference}]")
    assert body == {
        "ipCidr": target,
        "platformID": "257",
        "methodId": "775",
        "minutesBeforeAutoStop": "60",
    }


class TestTheMainJob:
    def test_reaches_kentik_once_and_turns_danas_open_page_to_active_by_itself(
        self, open_as: OpenAs, stack: Stack
    ) -> None:
        page = open_as("dana", "/mitigations/new/")
        reference = ask(page, "203.0.113.7/32")
        approve(open_as("lee", "/approvals/"), "203.0.113.7/32")
        expect(page.locator(".now-active")).to_be_visible()
        exactly_one_post(stack, "203.0.113.7/32", reference)
        counts_down(page)
        shows_the_exchange(page, reference)


def counts_down(page: Page) -> None:
    countdown = page.locator(".now-active time.countdown")
    first = countdown.text_content() or ""
    expect(countdown).not_to_have_text(first)
    assert re.fullmatch(r"(1 h|5\d min( \d+ s)?) left", countdown.text_content() or "")


def shows_the_exchange(page: Page, reference: str) -> None:
    page.locator("details.exchange summary").click()
    sent, received = page.locator("details.exchange pre").all_text_contents()
    assert f'"Comment":"[{reference}]' in sent
    assert '"result"' in received
    assert "canary-7f3a9c51" not in page.content()


class TestWithoutJavaScript:
    def test_the_main_job_is_done_all_the_same(self, open_as: OpenAs, stack: Stack, people: dict[str, Person]) -> None:
        page = open_as("dana", "/mitigations/new/", java_script_enabled=False)
        fill_in(page, "203.0.113.27/32")
        page.get_by_role("button", name="Check").click()
        expect(page.locator("pre")).to_contain_text('"ipCidr": "203.0.113.27/32"')
        reference = ask(page, "203.0.113.27/32")
        approve(open_as("lee", "/approvals/", java_script_enabled=False), "203.0.113.27/32")
        people["dana"].wait_for(reference, "active")
        page.reload()
        expect(page.locator(".now-active time.countdown")).to_contain_text("left")
        exactly_one_post(stack, "203.0.113.27/32", reference)

    def test_a_mend_is_one_press(self, open_as: OpenAs) -> None:
        page = open_as("dana", "/mitigations/new/", java_script_enabled=False)
        fill_in(page, "203.0.113.37/24")
        page.get_by_role("button", name="Ask for it").click()
        page.get_by_role("button", name="203.0.113.37/32").click()
        expect(page.get_by_label("Target")).to_have_value("203.0.113.37/32")
        expect(page.get_by_label("Reason")).to_have_value("UDP flood since 02:50, the shop is down.")


class TestByKeyboard:
    def choose(self, page: Page, words: str) -> None:
        page.keyboard.press("Space")
        for _ in range(20):
            if words in page.evaluate("document.activeElement.labels[0].textContent"):
                return
            page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrow keys never reach {words}")

    def test_dana_can_ask(self, open_as: OpenAs) -> None:
        page = open_as("dana", "/mitigations/")
        tab_to(page, "a.primary")
        page.keyboard.press("Enter")
        page.wait_for_url("**/mitigations/new/")
        expect(page.get_by_label("Target")).to_be_focused()
        page.keyboard.type("203.0.113.47")
        tab_to(page, "[name=pairing]")
        self.choose(page, "Edge Flowspec · Discard UDP fragments")
        tab_to(page, "button[name=lasts][value='30']")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Minutes until auto-stop")).to_have_value("30")
        tab_to(page, "[name=reason]")
        page.keyboard.type("UDP flood since 02:50, the shop is down.")
        expect(page.locator("button[name=ask]")).to_have_text("Ask for it: needs 1 approval")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".now-pending")).to_be_visible()
        assert "203.0.113.47/32" in (page.locator("h1").text_content() or "")

    def test_enter_in_a_field_checks_and_asks_nobody(self, open_as: OpenAs) -> None:
        page = open_as("dana", "/mitigations/new/")
        fill_in(page, "203.0.113.57")
        page.get_by_label("Target").press("Enter")
        expect(page.locator("pre")).to_contain_text('"ipCidr": "203.0.113.57/32"')
        assert page.url.endswith("/mitigations/new/#what")

    def test_the_first_tab_offers_to_skip_to_the_content(self, open_as: OpenAs) -> None:
        page = open_as("dana", "/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        expect(page.locator(":focus")).to_be_in_viewport()
