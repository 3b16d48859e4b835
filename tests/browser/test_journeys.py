"""What each person comes for, from the first page on: by keyboard alone, on a phone, and without a script."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.keyboard import tab_to
from tests.browser.people import Person
from tests.browser.stack import Stack
from tests.browser.test_main_job import exactly_one_post

OpenAs = Callable[..., Page]

PHONE = {"width": 390, "height": 844}
# With a script, and without one.
SCRIPTS = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


def tap(link: Locator) -> None:
    """As a thumb does: on what is on the screen without scrolling."""
    expect(link).to_be_in_viewport()
    link.click()


@SCRIPTS
class TestLeeOnAPhoneAtNight:
    def test_approves_within_three_taps_from_the_link_in_the_message(
        self, script: bool, open_as: OpenAs, people: dict[str, Person], stack: Stack
    ) -> None:
        target = f"198.51.100.{81 + script}/32"
        reference = people["dana"].ask(target, minutes_before_auto_stop="60")
        # The first tap is the one on the link itself.
        page = open_as("lee", f"/mitigations/{reference}/", viewport=PHONE, java_script_enabled=script)
        tap(page.get_by_role("link", name="Approve …"))
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Approve {target}")
        tap(page.get_by_role("button", name=f"Approve {target}"))
        expect(page.get_by_role("status")).to_contain_text(f"You approved {target}")
        people["dana"].wait_for(reference, "active")
        exactly_one_post(stack, target, reference)

    def test_who_presses_one_place_twice_does_not_decide_twice(
        self, script: bool, open_as: OpenAs, people: dict[str, Person], stack: Stack
    ) -> None:
        first, second = (people["dana"].ask(f"198.51.100.{94 + 2 * script + more}/32") for more in (0, 1))
        page = open_as("lee", f"/mitigations/{first}/approve/", viewport=PHONE, java_script_enabled=script)
        button = page.get_by_role("button", name="Approve 198").bounding_box()
        assert button is not None
        at = (button["x"] + button["width"] / 2, button["y"] + button["height"] / 2)
        with page.expect_navigation():
            page.mouse.click(*at)
        page.mouse.click(*at)
        people["dana"].wait_for(first, "active")
        people["dana"].wait_for(second, "pending")


class TestLeeByKeyboard:
    def test_approves_what_waits(self, open_as: OpenAs, people: dict[str, Person], stack: Stack) -> None:
        reference = people["dana"].ask("198.51.100.88/32", minutes_before_auto_stop="60")
        page = open_as("lee", "/")
        page.keyboard.press("a")
        page.wait_for_url("**/approvals/")
        tab_to(page, f'a[href="/mitigations/{reference}/approve/"]')
        page.keyboard.press("Enter")
        page.wait_for_url("**/approve/")
        tab_to(page, "button.primary")
        expect(page.locator(":focus")).to_have_text("Approve 198.51.100.88/32")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("You approved 198.51.100.88/32")
        people["dana"].wait_for(reference, "active")
        exactly_one_post(stack, "198.51.100.88/32", reference)


@SCRIPTS
class TestAnaBeforeFriday:
    def test_takes_what_wants_a_look_asks_nobody_and_closes_it(
        self, script: bool, open_as: OpenAs, people: dict[str, Person]
    ) -> None:
        people["max"].add_channel(f"Pager {script}", "json://127.0.0.1:9/hook")
        page = open_as("ana", "/", viewport=PHONE if script else None, java_script_enabled=script)
        page.goto("/audit/reviews/?kind=channels")
        page.get_by_role("row", name=f"Pager {script}").get_by_role("link").first.click()
        page.get_by_role("button", name="Take it").click()
        page.get_by_label("It is in order").check()
        page.get_by_label("In your words").fill("The pager of the NOC, as announced.")
        page.get_by_role("button", name="Close it").click()
        expect(page.get_by_text("The pager of the NOC, as announced.")).to_be_visible()

    def test_finds_a_word_in_the_log_and_takes_it_out_as_a_file(
        self, script: bool, open_as: OpenAs, people: dict[str, Person]
    ) -> None:
        word = f"marlin{script}".lower()
        people["dana"].ask(f"198.51.100.{90 + script}", reason=f"The shop is down, says {word}.")
        page = open_as("ana", "/audit/", java_script_enabled=script)
        page.get_by_label("Words").fill(word)
        page.get_by_role("button", name="Search").click()
        expect(page.locator("main")).to_contain_text(f"198.51.100.{90 + script}/32")
        page.goto("/audit/export/?what=events")
        page.get_by_label("CSV").check()
        page.get_by_role("button", name="Make the export").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download").click()
        assert any(word in text for text in held(download.value.path()))


def held(archive: Path) -> list[str]:
    """The texts in a ZIP file."""
    with zipfile.ZipFile(archive) as found:
        return [found.read(name).decode() for name in found.namelist()]


@SCRIPTS
class TestMaxByDay:
    def test_protects_a_prefix_and_dana_is_told_so(
        self, script: bool, open_as: OpenAs, people: dict[str, Person]
    ) -> None:
        prefix = f"198.51.100.{92 + script}/32"
        page = open_as("max", "/policy/protected/", java_script_enabled=script)
        page.get_by_role("link", name="Protect a prefix").click()
        page.get_by_label("Prefix").fill(prefix)
        page.get_by_label("Reason").fill("The name server.")
        page.get_by_role("button", name="See what it touches").click()
        page.get_by_role("button", name=f"Save {prefix}").click()
        expect(page.locator("main")).to_contain_text(prefix)
        asking = open_as("dana", "/mitigations/new/", java_script_enabled=script)
        asking.get_by_label("Target").fill(prefix)
        asking.get_by_role("radio", name="Edge RTBH · Drop everything").check()
        asking.get_by_label("Reason").fill("UDP flood since 02:50, the shop is down.")
        asking.get_by_role("button", name="Ask for it").click()
        expect(asking.locator("main")).to_contain_text("The name server.")
        assert asking.url.startswith(asking.url.partition("/mitigations/")[0] + "/mitigations/new/")
