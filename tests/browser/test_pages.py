"""Every page as its person sees it: for axe, on a phone, in the dark, and without a word in the console."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit
from zlib import crc32

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import resolve
from playwright.sync_api import Page

from tests.browser.addresses import (
    LONG,
    NUMBERS,
    PAGES,
    RULES,
    SIX,
    for_managers,
    in_each_status,
    rows,
    under_broken_glass,
)
from tests.browser.people import Person
from tests.browser.stack import Stack
from tests.views.test_every_url import routes

OpenAs = Callable[..., Page]
LookAs = Callable[[str, str], Page]

WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
# By how much the page is wider than the window, and the innermost elements that stick out of it.
SIDEWAYS = """() => {
    const wide = document.scrollingElement.scrollWidth - innerWidth;
    const sticksOut = element => element.getBoundingClientRect().left + element.scrollWidth > innerWidth + 1;
    const innermost = element => sticksOut(element) && ![...element.children].some(sticksOut);
    const found = [...document.querySelectorAll("body *")].filter(innermost).slice(0, 3);
    return [wide, found.map(element => element.outerHTML.slice(0, 120))];
}"""


# What a finger is to hit and is smaller than a finger. A box to tick is hit by its label.
SMALL = """() => [...document.querySelectorAll("main :is(a.button, button, label.check, summary, select, textarea)")]
    .filter(each => each.getBoundingClientRect().height)
    .filter(each => Math.min(each.getBoundingClientRect().height, each.getBoundingClientRect().width) < 43.9)
    .map(each => each.outerHTML.slice(0, 120))"""


# The parts of prefixes that stand in two lines. A prefix breaks before a group of IPv6, where a part of it ends.
BROKEN = """() => [...document.querySelectorAll("main .prefix")].flatMap(each => [...each.childNodes]).filter(node => {
    const part = document.createRange();
    part.selectNodeContents(node);
    return new Set([...part.getClientRects()].map(each => each.top)).size > 1;
}).map(node => node.textContent)"""


@pytest.fixture(scope="package")
def references(stack: Stack, people: dict[str, Person]) -> dict[str, str]:
    return in_each_status(stack, people) | for_managers(people)


@pytest.fixture(scope="package")
def rules(stack: Stack, people: dict[str, Person], references: dict[str, str]) -> Iterator[dict[str, str]]:
    """A published version, a draft with much to say and something wrong, and glass broken twice, reviewed once."""
    max_ = people["max"]
    max_.add_rule(inside="198.51.100.240/28", because="the name servers live there")
    max_.publish_rules()
    max_.add_rule(inside="2001:db8:1234:5678:9abc:def0:1234:5678", no_auto_stop="on", because=LONG[:150])
    max_.add_rule(longer_than="600", approvals="5")
    yield references | under_broken_glass(people)
    max_.throw_the_draft_away()


def faults(page: Page) -> list[str]:
    """What axe, the width and the console say of a page: all of it wide and by day, its colours narrow and by night.

    Axe takes a second or two. Unless EVERY_LOOK is set, only every fourth page has its night.
    """
    found = [*_complaints(page)]
    by_night = "EVERY_LOOK" in os.environ or crc32(urlsplit(page.url).path.encode()) % 4 == 0
    for width, scheme in zip(WIDTHS, SCHEMES, strict=True):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        looked_through = _axe(page, scheme) if scheme == "light" or by_night else []
        found += [f"{width} {scheme}: {fault}" for fault in (*_sideways(page), *looked_through)]
    return found


def _complaints(page: Page) -> list[str]:
    """Chromium also names each answer that is an error, such as the 404 that the test asked for; and htmx each preview
    that was cut off, because somebody pressed the button before it came.
    """
    of_no_harm = ("Failed to load resource", "htmx:afterRequest", "htmx:sendAbort")
    return [trouble for trouble in page.troubles if not trouble.startswith(of_no_harm)]


def _sideways(page: Page) -> list[str]:
    wide, because = page.evaluate(SIDEWAYS)
    return [f"scrolls sideways by {wide} px, because of {because}"] if wide > 0 else []


def _axe(page: Page, scheme: str) -> list[str]:
    """Everything by day; by night the colours, which alone are others."""
    # Axe puts its half megabyte of script into the page at each run; once is enough.
    axe = Axe("0") if page.evaluate("'axe' in window") else Axe()
    options = {"resultTypes": ["violations"], **({"runOnly": ["color-contrast"]} if scheme == "dark" else {})}
    violations = axe.run(page, options=options).response["violations"]
    return [f"{each['id']}: {node['html'][:150]}" for each in violations for node in each["nodes"]]


# Addresses that show no page of ours: files, probes, what is only ever posted to, and Django's own admin.
NO_PAGE = re.compile(
    r"livez|readyz|admin/|api/v1/|api/openapi.json|mitigations/csv/|audit/checkpoints/|account/logout/|account/questions/<"
    r"|account/login/(second-step|passkey)/|account/oidc/|account/sessions/|account/second-factor/(codes|<)"
    r"|.*/(delete|take-over|read|retire|restore|arrange|start-over|test|download|ask|sign|countersign"
    r"|revoke|off|on|<step:step>)/$"
)


def test_every_address_with_a_page_is_looked_at() -> None:
    words: dict[str, str] = defaultdict(lambda: "MIT-1", month="2026-11", **dict.fromkeys(NUMBERS, "1"))
    paths = [path.format_map(words).partition("?")[0] for _, path in [*rows(PAGES), *rows(RULES)]]
    looked_at = {resolve(path).route for path in paths if path != "/nowhere/"}
    assert {route for route in routes() if not NO_PAGE.match(route)} - looked_at == set()


@pytest.mark.parametrize(("who", "path"), rows(PAGES), ids=[" ".join(row) for row in rows(PAGES)])
def test_a_page_is_in_order(who: str, path: str, look_as: LookAs, references: dict[str, str]) -> None:
    assert faults(look_as(who, path.format(**references))) == []


@pytest.mark.parametrize(("who", "path"), rows(RULES), ids=[" ".join(row) for row in rows(RULES)])
def test_a_page_of_the_rules_or_of_broken_glass_is_in_order_and_has_nothing_too_small_for_a_finger(
    who: str, path: str, look_as: LookAs, rules: dict[str, str]
) -> None:
    page = look_as(who, path.format(**rules))
    assert faults(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate(SMALL) == []


def test_all_the_rules_of_the_draft_opened_are_in_order(open_as: OpenAs, rules: dict[str, str]) -> None:
    page = open_as("max", "/policy/rules/publish/")
    page.locator("summary").click()
    assert faults(page) == []


def test_a_rule_that_is_wrong_is_told_in_order(open_as: OpenAs, rules: dict[str, str]) -> None:
    page = open_as("max", "/policy/rules/draft/new/")
    page.get_by_label("Inside the prefix").fill("203.0.113.7/24")
    page.get_by_label("Approvals").fill("6")
    page.get_by_role("button", name="Keep it in the draft").click()
    page.get_by_role("alert").wait_for()
    assert faults(page) == []


@pytest.mark.parametrize(
    "path",
    [
        "/approvals/",
        "/mitigations/",
        "/mitigations/{six}/",
        "/mitigations/{six}/approve/",
        "/mitigations/{group}/together/decide/",
        "/mitigations/chosen/approve/?references={pending}&references={six}",
    ],
)
def test_a_prefix_never_breaks_into_other_numbers(path: str, open_as: OpenAs, references: dict[str, str]) -> None:
    page = open_as("lee", path.format(**references))
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.locator("main .prefix").count()
        assert page.evaluate(BROKEN) == []


def test_a_prefix_is_copied_as_it_is(open_as: OpenAs, references: dict[str, str]) -> None:
    page = open_as("lee", f"/mitigations/{references['six']}/", viewport={"width": 390, "height": 844})
    page.evaluate("getSelection().selectAllChildren(document.querySelector('h1 .prefix'))")
    assert page.evaluate("getSelection().toString()") == f"{SIX[0]}/128"


def test_the_course_breaks_no_word_on_a_phone(open_as: OpenAs, references: dict[str, str]) -> None:
    page = open_as("lee", f"/mitigations/{references['unknown']}/", viewport={"width": 390, "height": 844})
    word = page.locator(".course .step-wrong span")
    assert word.inner_text() == "unknown"
    assert (
        word.evaluate("each => each.getBoundingClientRect().height / parseFloat(getComputedStyle(each).lineHeight)")
        < 1.5
    )


class TestTheForm:
    def press(self, page: Page, button: str, target: str) -> Page:
        page.get_by_label("Target").fill(target)
        page.locator("[name=pairing]").first.check()
        page.get_by_label("Reason").fill("Down.")
        page.locator(".what .finding").first.wait_for()
        page.wait_for_load_state("networkidle")  # a preview that is cut off by the next page is logged as an error
        with page.expect_navigation():
            page.get_by_role("button", name=button).last.click()
        page.locator(".finding, .alarm").first.wait_for()
        return page

    @pytest.mark.parametrize(
        ("button", "target"), [("Check", "203.0.113.0/24"), ("Check", "203.0.113.7/24"), ("Ask for it", "198.51.100.1")]
    )
    def test_is_in_order_with_its_answer(self, button: str, target: str, open_as: OpenAs, references: object) -> None:
        assert faults(self.press(open_as("dana", "/mitigations/new/"), button, target)) == []


class TestManyAtOnce:
    LINES = ("203.0.113.90", "203.0.113.7/24", "fish", LONG, "203.0.113.96/28", "203.0.113.97", "10.0.0.1")

    @pytest.mark.parametrize(
        "lines",
        [LINES, LINES[:1], [f"{SIX[0][:-4]}77{number}" for number in range(10, 13)]],
        ids=["some of them wrong", "all of them right", "all of them long"],
    )
    def test_are_in_order_with_their_answer(self, lines: tuple[str, ...], open_as: OpenAs, references: object) -> None:
        page = open_as("dana", "/mitigations/new/many/")
        page.get_by_label("Targets").fill("\n".join(lines))
        page.locator("[name=pairing]").first.check()
        page.get_by_label("Reason").fill("Down.")
        page.get_by_role("button", name="Check", exact=True).last.click()
        page.locator(".judged").wait_for()
        assert faults(page) == []

    def test_are_in_order_when_no_decision_was_made(self, open_as: OpenAs, references: dict[str, str]) -> None:
        page = open_as("lee", f"/mitigations/{references['group']}/together/decide/")
        page.get_by_role("button", name="Reject what is ticked").click()
        page.get_by_role("alert").wait_for()
        assert faults(page) == []


def test_a_new_token_is_shown_and_listed_in_order(open_as: OpenAs) -> None:
    page = open_as("dana", "/account/tokens/new/")
    page.get_by_label("Name").fill("soar")
    page.get_by_label("What for").fill(LONG)
    page.get_by_label("read: look").check()
    page.get_by_label("Only from these networks").fill("198.51.100.0/24\n2001:db8:1234:5678:9abc:def0:1234:5678")
    page.get_by_role("button", name="Make the token").click()
    page.get_by_role("heading", name="Your token soar").wait_for()
    assert faults(page) == []

    page.goto("/account/tokens/")
    assert faults(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate(SMALL) == []


def test_a_wrong_password_is_told_in_order(open_as: OpenAs, stack: Stack) -> None:
    page = open_as("anybody", "/account/login/")
    page.get_by_label("Username").fill("dana")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    assert faults(page) == []


def test_an_opened_exchange_is_in_order(open_as: OpenAs, references: dict[str, str]) -> None:
    page = open_as("dana", f"/mitigations/{references['active']}/")
    page.locator("details.exchange summary").first.click()
    assert faults(page) == []


def test_the_opened_filter_is_in_order(open_as: OpenAs, references: dict[str, str]) -> None:
    page = open_as("dana", "/mitigations/")
    page.get_by_text("Filter", exact=True).first.click()
    assert faults(page) == []


@pytest.mark.parametrize("path", ["/admin/", "/admin/mitigations/mitigation/", "/admin/mitigations/platform/1/change/"])
def test_the_admin_keeps_to_the_content_security_policy(path: str, look_as: LookAs, references: object) -> None:
    assert _complaints(look_as("max", path)) == []
