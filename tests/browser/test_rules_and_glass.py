from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.keyboard import tab_to
from tests.browser.people import Person
from tests.browser.stack import Stack
from tests.browser.test_main_job import approve, ask, exactly_one_post, fill_in

OpenAs = Callable[..., Page]
WHY = "The shop is down and nobody answers the phone."
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def max_(people: dict[str, Person]) -> Iterator[Person]:
    """Before a draft that is what is in force; whatever a test leaves in it is thrown away."""
    people["max"].throw_the_draft_away()
    yield people["max"]
    people["max"].throw_the_draft_away()


def write_a_rule(page: Page, *, inside: str, because: str) -> None:
    page.get_by_role("link", name="Add a rule").click()
    page.get_by_label("Inside the prefix").fill(inside)
    page.get_by_label("Approvals", exact=True).fill("2")
    page.get_by_label("Needed, because").fill(because)
    page.get_by_role("button", name="Keep it in the draft").click()
    expect(page.locator(".rule:target")).to_contain_text(because)


def publish(page: Page) -> None:
    page.get_by_role("link", name="Compare and publish").click()
    expect(page.locator(".change-added")).to_contain_text("is new")
    page.get_by_label("Note").fill("As agreed on Monday.")
    page.get_by_role("button", name="Publish version").click()
    expect(page.get_by_role("status")).to_contain_text("The rules are published as version")


class TestARule:
    @pytest.mark.parametrize(("script", "net", "target"), [(True, 208, 209), (False, 224, 225)])
    def test_is_published_read_before_asking_and_asks_for_two(
        self,
        script: bool,
        net: int,
        target: int,
        open_as: OpenAs,
        max_: Person,
        people: dict[str, Person],
        stack: Stack,
    ) -> None:
        host = f"198.51.100.{target}/32"
        desk = open_as("max", "/policy/rules/draft/", java_script_enabled=script)
        write_a_rule(desk, inside=f"198.51.100.{net}/30", because="the mail servers live there")
        publish(desk)

        page = open_as("dana", "/mitigations/new/", java_script_enabled=script)
        fill_in(page, host)
        if not script:
            page.get_by_role("button", name="Check").click()
        expect(page.locator(".what")).to_contain_text("Needs 2 approvals, because the mail servers live there (rule")
        reference = ask(page, host)

        approve(open_as("lee", "/approvals/", java_script_enabled=script), host)
        if not script:
            page.reload()
        expect(page.locator(".now-pending")).to_contain_text("Waits for 1 more approval of 2")
        assert stack.sent(host) == []
        approve(open_as("kim", "/approvals/", java_script_enabled=script), host)

        if not script:
            people["dana"].wait_for(reference, "active")
            page.reload()
        expect(page.locator(".now-active")).to_be_visible()
        exactly_one_post(stack, host, reference)


class TestTheOrder:
    def test_is_changed_by_keyboard_alone(self, open_as: OpenAs, max_: Person) -> None:
        two_rules(max_)
        page = open_as("max", "/policy/rules/draft/")
        first = last_place(page) - 1
        tab_to(page, f'button[name="down"][value="{first}"]')
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/policy/rules/draft/#rule-{first + 1}")
        assert page.evaluate("document.activeElement.id") == f"rule-{first + 1}"
        expect(page.locator(":focus")).to_contain_text("because one")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('li').id") == f"rule-{first + 1}"

    def test_is_changed_without_a_script(self, open_as: OpenAs, max_: Person) -> None:
        two_rules(max_)
        page = open_as("max", "/policy/rules/draft/", java_script_enabled=False)
        last = last_place(page)
        page.get_by_role("button", name=re.compile(rf"^Up\s+rule {last}$")).click()
        expect(page.locator(".rule:target")).to_contain_text("because two")
        assert page.url.endswith(f"#rule-{last - 1}")


def two_rules(max_: Person) -> None:
    for place, because in enumerate(("because one", "because two")):
        max_.add_rule(inside=f"192.0.2.{place}", because=because)


def last_place(page: Page) -> int:
    return page.get_by_role("button", name="Remove").count()


class TestBrokenGlass:
    def test_sends_at_once_and_is_reviewed_on_a_phone(self, open_as: OpenAs, stack: Stack) -> None:
        page = open_as("dana", "/mitigations/new/")
        reference = ask(page, "198.51.100.67/32")
        page.get_by_role("link", name="Break the glass").click()
        page.get_by_label("Why it cannot wait").fill(WHY)
        page.get_by_role("button", name="Break the glass and send 198.51.100.67/32").click()
        expect(page.locator(".now-active")).to_be_visible()
        exactly_one_post(stack, "198.51.100.67/32", reference)

        review(open_as("lee", "/approvals/"), "198.51.100.67/32")
        expect(open_as("kim", "/approvals/").locator("main")).not_to_contain_text("198.51.100.67/32")

    def test_needs_a_reason_and_keeps_what_was_typed(self, open_as: OpenAs, people: dict[str, Person]) -> None:
        reference = people["dana"].ask("198.51.100.68")
        page = open_as("dana", f"/mitigations/{reference}/break-glass/", java_script_enabled=False)
        page.get_by_label("Why it cannot wait").fill("It is urgent.")
        page.get_by_role("button", name="Break the glass and send").click()
        expect(page.get_by_role("alert")).to_contain_text("at least 20 characters")
        expect(page.get_by_label("Why it cannot wait")).to_have_value("It is urgent.")


def review(page: Page, target: str) -> None:
    page.set_viewport_size(PHONE)
    card = page.locator("article.glass", has=page.get_by_role("heading", name=target))
    expect(card).to_contain_text(WHY)
    card.get_by_role("link", name="Review").click()
    page.get_by_label("No, it should have waited.").check()
    page.get_by_label("Note").fill("I was awake.")
    page.get_by_role("button", name="Keep this review").click()
    page.get_by_role("status").get_by_role("link", name="MIT-").click()
    expect(page.locator(".decision-reject")).to_contain_text(re.compile(r"lee reviewed that .*: not justified"))


def test_the_simulator_answers_by_link(open_as: OpenAs) -> None:
    page = open_as("ana", "/policy/simulator/")
    page.get_by_label("Target").fill("198.51.100.77")
    page.get_by_label("Platform and method").select_option(label="Edge RTBH · Drop everything")
    page.get_by_role("button", name="Try it").click()
    expect(page.locator(".what")).to_contain_text("198.51.100.77/32 – 1 address")
    answer = page.locator(".what").inner_text()

    link = page.url.partition("/policy")[2]
    assert open_as("lee", f"/policy{link}", java_script_enabled=False).locator(".what").inner_text() == answer
