"""Many at once: dana in a carpet bombing, lee with a group on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.stack import Stack
from tests.browser.test_main_job import fill_in_terms

OpenAs = Callable[..., Page]
MANY = "/mitigations/new/many/"
PHONE = {"viewport": {"width": 390, "height": 844}}


def paste(page: Page, *lines: str) -> None:
    page.get_by_label("Targets").fill("\n".join(lines))
    fill_in_terms(page)


def check(page: Page) -> None:
    page.get_by_role("button", name="Check", exact=True).last.click()
    expect(page.locator(".judged")).to_be_visible()


def ask_for(page: Page, *lines: str) -> str:
    """The address of those that were asked for."""
    paste(page, *lines)
    check(page)
    page.get_by_role("button", name="Ask for all").click()
    page.wait_for_url("**/together/**")
    return page.url.partition("#")[0]


def box(page: Page, target: str) -> Locator:
    return page.get_by_role("checkbox", name=target, exact=True)


@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without"])
class TestTheJourney:
    def test_sends_what_lee_ticked_and_nothing_else(self, scripted: bool, open_as: OpenAs, stack: Stack) -> None:
        one, two, three = (f"192.0.2.{last if scripted else last + 100}/32" for last in (61, 62, 63))
        dana = open_as("dana", MANY, java_script_enabled=scripted)
        paste(dana, one, two, "203.0.113.256", three)
        check(dana)
        expect(dana.locator(".judged h2")).to_have_text("4 targets: 3 clear, 1 cannot be asked for")
        dana.get_by_role("button", name="Leave out 1, keep 3").click()
        dana.get_by_role("button", name="Ask for all 3").click()
        expect(dana.get_by_role("status")).to_contain_text("You asked for 3")

        lee = open_as("lee", "/approvals/", java_script_enabled=scripted, **PHONE)
        card = lee.locator("article", has_text=one)
        card.get_by_role("link", name="Decide on 3 …").click()
        box(lee, three).uncheck()
        lee.get_by_role("button", name="Approve what is ticked").click()
        expect(lee.get_by_role("status")).to_have_text("You approved 2 of 2.")

        lee.locator("article", has_text=three).get_by_role("link", name="Reject …").click()
        lee.get_by_label("Note").fill("Not ours.")
        lee.get_by_role("button", name="Reject").click()
        expect(lee.get_by_role("status")).to_contain_text("You rejected")

        for _ in range(40):
            dana.reload()
            if dana.locator("td .status-active").count() == 2:
                break
        expect(dana.locator("td .status-active")).to_have_count(2)
        assert [len(stack.sent(target)) for target in (one, two, three)] == [1, 1, 0]


class TestChecking:
    def test_leads_to_what_was_found(self, open_as: OpenAs) -> None:
        page = open_as("dana", MANY, **PHONE)
        paste(page, "192.0.2.71", "fish")
        check(page)
        expect(page.locator(".judged h2")).to_be_in_viewport()

    def test_leads_to_the_alarm_first_when_something_is_missing(self, open_as: OpenAs) -> None:
        page = open_as("dana", MANY, **PHONE)
        paste(page, "192.0.2.71", "fish")
        page.get_by_label("Reason").fill("")
        check(page)
        expect(page.locator(".alarm")).to_be_in_viewport()

    def test_mends_a_line_by_one_press_without_javascript(self, open_as: OpenAs) -> None:
        page = open_as("dana", MANY, java_script_enabled=False)
        paste(page, "192.0.2.71 # shop", "192.0.2.77/28 # login")
        check(page)
        page.get_by_role("button", name="192.0.2.77/32").click()
        expect(page.get_by_label("Targets")).to_have_value("192.0.2.71 # shop\n192.0.2.77/32 # login")
        expect(page.locator(".judged h2")).to_have_text("2 targets: 2 clear")

    def test_shows_a_file_as_if_it_had_been_pasted(self, open_as: OpenAs) -> None:
        page = open_as("dana", MANY)
        file = {"name": "targets.csv", "mimeType": "text/csv", "buffer": b"target,note\n192.0.2.72,shop\n"}
        page.get_by_label("or a file").set_input_files([file])
        fill_in_terms(page)
        check(page)
        expect(page.get_by_label("Targets")).to_have_value("\n192.0.2.72")

    def test_by_enter_asks_nobody(self, open_as: OpenAs) -> None:
        page = open_as("dana", MANY)
        paste(page, "192.0.2.71")
        page.get_by_label("Ticket").press("Enter")
        expect(page.get_by_role("button", name="Ask for it")).to_be_visible()


def test_whoever_approves_has_gone_past_all_that_is_ticked(open_as: OpenAs) -> None:
    group = ask_for(open_as("dana", MANY), *(f"198.51.100.{150 + n}" for n in range(14)))
    page = open_as("lee", f"{group}decide/", **PHONE)
    boxes = [
        each.evaluate("each => each.getBoundingClientRect().bottom + scrollY")
        for each in page.locator("main :checked").all()
    ]
    assert len(boxes) == 14
    approve = page.get_by_role("button", name="Approve what is ticked")
    assert max(boxes) < approve.evaluate("each => each.getBoundingClientRect().top + scrollY")
    assert page.evaluate(
        "[...document.querySelectorAll('.ticks')].every(each => each.scrollHeight <= each.clientHeight)"
    )


class TestDeciding:
    @pytest.fixture
    def group(self, open_as: OpenAs, request: pytest.FixtureRequest) -> str:
        start = 80 + 4 * ["ticked", "enter"].index(request.node.name.rpartition("_")[2])
        return ask_for(open_as("dana", MANY), *(f"192.0.2.{start + n}" for n in range(2)))

    def test_shows_on_the_button_how_many_are_ticked(self, open_as: OpenAs, group: str) -> None:
        page = open_as("lee", f"{group}decide/", viewport={"width": 390, "height": 1600})
        approve = page.get_by_role("button", name="Approve what is ticked", exact=True)
        two = approve.screenshot()
        page.get_by_role("checkbox").first.uncheck()
        assert approve.screenshot() != two
        page.get_by_role("checkbox").first.check()
        assert approve.screenshot() == two

    def test_happens_by_no_enter(self, open_as: OpenAs, group: str) -> None:
        page = open_as("lee", f"{group}decide/")
        page.get_by_role("checkbox").first.press("Enter")
        expect(page.locator(".alarm")).to_contain_text("Press one of the two buttons.")
