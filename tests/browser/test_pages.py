"""Every page as its person sees it: for axe, on a phone, in the dark, and without a word in the console."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.people import Person
from tests.browser.stack import Stack

OpenAs = Callable[..., Page]

WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
# A word without a space, as long as the form lets it be: what would push a phone's page sideways.
LONG = "x" * 190

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


@pytest.fixture(scope="package")
def references(stack: Stack, people: dict[str, Person]) -> dict[str, str]:
    """One mitigation in each status that looks different."""
    dana, lee = people["dana"], people["lee"]
    made = {"pending": dana.ask("198.51.100.1", comment=LONG, ticket="INC-1", reason=f"Down. {LONG}")}
    for status, target in (("active", "203.0.113.2"), ("unknown", "203.0.113.3"), ("refused", "198.51.100.2")):
        if status == "unknown":
            stack.lose_the_next_answer()
        made[status] = _sent(dana, lee, target, status) if status != "refused" else _rejected(dana, lee)
    stack.start_elsewhere("198.51.100.200/32", comment=LONG)
    made["channel"] = people["max"].add_channel("NOC room", "json://127.0.0.1:9/hook")
    made["group"] = dana.ask_many("203.0.113.105", "203.0.113.106", "203.0.113.64/28", "203.0.113.70", "2001:db8:77::7")
    made["six"] = dana.ask("2001:db8:1234:5678:9abc:def0:1234:5678")
    return made


@pytest.fixture(scope="package")
def rules(stack: Stack, people: dict[str, Person], references: dict[str, str]) -> Iterator[dict[str, str]]:
    """A published version, a draft with much to say and something wrong, and glass broken twice, reviewed once."""
    dana, kim, max_ = people["dana"], people["kim"], people["max"]
    made = dict(references)
    max_.add_rule(inside="198.51.100.240/28", because="the name servers live there")
    max_.publish_rules()
    max_.add_rule(inside="2001:db8:1234:5678:9abc:def0:1234:5678", no_auto_stop="on", because=LONG[:150])
    max_.add_rule(longer_than="600", approvals="5")
    for name, target in (("broken", "198.51.100.5"), ("reviewed", "198.51.100.6")):
        made[name] = dana.ask(target)
        dana.press(made[name], "break-glass", note=f"The shop is down. {LONG}")
        dana.wait_for(made[name], "active")
    kim.press(made["reviewed"], "review", justified="no", note="I was awake.")
    yield made
    max_.throw_the_draft_away()


def _sent(dana: Person, lee: Person, target: str, status: str) -> str:
    reference = dana.ask(target)
    lee.press(reference, "approve", note="Seen.")
    dana.wait_for(reference, status)
    return reference


def _rejected(dana: Person, lee: Person) -> str:
    reference = dana.ask("198.51.100.4")
    lee.press(reference, "reject", note="Wrong host.")
    return reference


PAGES = [
    ("anybody", "/account/login/"),
    ("dana", "/"),
    ("dana", "/mitigations/"),
    ("dana", "/mitigations/?target=fish&status=active"),
    ("dana", "/mitigations/?group=status&column=target&column=status&column=observed&column=reason&tick=all"),
    ("lee", "/mitigations/chosen/approve/?references={pending}&references={active}&references={six}"),
    ("dana", "/mitigations/new/"),
    ("dana", "/mitigations/{pending}/"),
    ("dana", "/mitigations/{active}/"),
    ("dana", "/mitigations/{refused}/"),
    ("dana", "/mitigations/{six}/"),
    ("dana", "/mitigations/{pending}/withdraw/"),
    ("dana", "/nowhere/"),
    ("dana", "/audit/"),
    ("lee", "/"),
    ("lee", "/approvals/"),
    ("lee", "/mitigations/{unknown}/"),
    ("lee", "/mitigations/{pending}/approve/"),
    ("lee", "/mitigations/{active}/approve/"),
    ("lee", "/mitigations/{pending}/reject/"),
    ("lee", "/mitigations/{active}/stop/"),
    ("lee", "/mitigations/{active}/stop/?record=1"),
    ("lee", "/mitigations/{unknown}/settle/"),
    ("dana", "/mitigations/new/many/"),
    ("dana", "/mitigations/{group}/together/"),
    ("lee", "/mitigations/{group}/together/decide/"),
    ("lee", "/mitigations/{active}/together/decide/"),
    ("lee", "/mitigations/{unknown}/identify/"),
    ("ana", "/mitigations/elsewhere/"),
    ("ana", "/audit/"),
    ("ana", "/catalogue/"),
    ("max", "/catalogue/"),
    ("max", "/catalogue/kentik/"),
    ("max", "/catalogue/platform/new/"),
    ("max", "/catalogue/platform/1/"),
    ("max", "/catalogue/pairing/new/"),
    ("max", "/catalogue/pairing/1/"),
    ("dana", "/presets/"),
    ("dana", "/mitigations/new/?preset=1"),
    ("max", "/presets/"),
    ("max", "/presets/new/"),
    ("max", "/presets/1/"),
    ("max", "/presets/1/delete/"),
    ("dana", "/policy/address-space/"),
    ("max", "/policy/protected/"),
    ("max", "/policy/protected/new/"),
    ("max", "/policy/protected/import/"),
    ("max", "/policy/teams/new/"),
    ("max", "/policy/channels/"),
    ("max", "/policy/channels/new/"),
    ("max", "/policy/channels/{channel}/"),
    ("max", "/policy/channels/{channel}/delete/"),
    ("dana", "/account/messages/"),
    ("dana", "/account/"),
    ("dana", "/account/password/"),
    ("dana", "/account/second-factor/"),
    ("dana", "/account/second-factor/app/"),
    ("dana", "/account/second-factor/passkey/"),
    ("dana", "/account/proof/"),
    ("eve", "/account/messages/"),
    ("eve", "/"),
]


def faults(page: Page) -> list[str]:
    """What axe, the width and the console say of a page, at each width in each scheme."""
    found = [*_complaints(page)]
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{width} {scheme}: {fault}" for fault in (*_sideways(page), *_axe(page, scheme))]
    return found


def _complaints(page: Page) -> list[str]:
    """Chromium also names each answer that is an error, such as the 404 that the test asked for."""
    return [trouble for trouble in page.troubles if not trouble.startswith("Failed to load resource")]


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


@pytest.mark.parametrize(("who", "path"), PAGES, ids=[f"{who} {path}" for who, path in PAGES])
def test_a_page_is_in_order(who: str, path: str, open_as: OpenAs, references: dict[str, str]) -> None:
    assert faults(open_as(who, path.format(**references))) == []


RULES = [
    ("dana", "/policy/rules/"),
    ("dana", "/policy/rules/1/"),
    ("max", "/policy/rules/"),
    ("max", "/policy/rules/draft/"),
    ("max", "/policy/rules/draft/new/"),
    ("max", "/policy/rules/draft/2/"),
    ("max", "/policy/rules/publish/"),
    ("dana", "/policy/simulator/"),
    ("dana", "/policy/simulator/?ip_cidr=fish"),
    ("max", "/policy/simulator/?who=1&ip_cidr=198.51.100.241&pairing=1&minutes=0&against=draft"),
    ("dana", "/mitigations/{pending}/break-glass/"),
    ("lee", "/mitigations/{broken}/review/"),
    ("lee", "/mitigations/{pending}/review/"),
    ("lee", "/mitigations/{broken}/"),
    ("dana", "/mitigations/{reviewed}/"),
    ("lee", "/approvals/"),
    ("ana", "/audit/"),
]


@pytest.mark.parametrize(("who", "path"), RULES, ids=[f"{who} {path}" for who, path in RULES])
def test_a_page_of_the_rules_or_of_broken_glass_is_in_order_and_has_nothing_too_small_for_a_finger(
    who: str, path: str, open_as: OpenAs, rules: dict[str, str]
) -> None:
    page = open_as(who, path.format(**rules))
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

    @pytest.mark.parametrize("lines", [LINES, LINES[:1]], ids=["some of them wrong", "all of them right"])
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
def test_the_admin_keeps_to_the_content_security_policy(path: str, open_as: OpenAs, references: object) -> None:
    assert _complaints(open_as("max", path)) == []
