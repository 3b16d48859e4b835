"""Pictures of the pages in both themes and widths, of a portal that has something to show: `make screenshots`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.chromium import launched
from tests.browser.people import Person
from tests.browser.stack import Stack, running

WIDTHS = {"wide": (1280, 860), "phone": (390, 844)}
SCHEMES = ("light", "dark")
REASON = "UDP flood on port 443, 14 Gbit/s since 02:50: the checkout of the shop times out."
# The name of the picture, who looks, and at what; {live} and the like are references of mitigations.
PAGES = (
    ("overview", "lee", "/"),
    ("wall", "lee", "/?wall=1"),
    ("mitigations", "dana", "/mitigations/"),
    ("asking", "dana", "/mitigations/new/"),
    ("many", "dana", "/mitigations/new/many/"),
    ("mitigation", "dana", "/mitigations/{live}/"),
    ("unknown", "lee", "/mitigations/{unknown}/"),
    ("approvals", "lee", "/approvals/"),
    ("approving", "lee", "/mitigations/{waiting}/approve/"),
    ("stopping", "lee", "/mitigations/{live}/stop/"),
    ("target", "dana", "/targets/203.0.113.7/32/"),
    ("elsewhere", "lee", "/mitigations/elsewhere/"),
    ("catalogue", "dana", "/catalogue/"),
    ("presets", "dana", "/presets/"),
    ("sources", "max", "/sources/"),
    ("source", "max", "/sources/{source}/"),
    ("rules", "max", "/policy/rules/"),
    ("simulator", "max", "/policy/simulator/"),
    ("reports", "ana", "/reports/"),
    ("audit", "ana", "/audit/"),
    ("reviews", "ana", "/audit/reviews/"),
    ("periods", "ana", "/audit/periods/"),
    ("verification", "ana", "/audit/verify/"),
    ("tokens", "dana", "/account/tokens/"),
    ("token", "dana", "/account/tokens/new/"),
    ("api", "dana", "/api/"),
    ("gallery", "max", "/account/gallery/"),
)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with running() as stack, launched() as browser:
        people = {name: Person(stack, name) for name in ("dana", "lee", "kim", "ana", "max")}
        references = act(stack, people)
        for width, scheme in ((width, scheme) for width in WIDTHS for scheme in SCHEMES):
            shown = _pages(browser, stack, people, width, scheme)
            for (name, _, path), page in zip(PAGES, shown, strict=True):
                _take(page, path.format(**references), folder / f"{name}-{width}-{scheme}.png")


def act(stack: Stack, people: dict[str, Person]) -> dict[str, str]:
    """A night in which something happened."""
    dana, lee = people["dana"], people["lee"]
    made = {}
    for name, target, minutes in (("live", "203.0.113.7", "60"), ("second", "203.0.113.42", "240")):
        made[name] = dana.ask(target, minutes_before_auto_stop=minutes, reason=REASON, ticket="INC-4711")
        lee.press(made[name], "approve", note="Seen on the graphs.")
        dana.wait_for(made[name], "active")
        dana.until(f"/mitigations/{made[name]}/", "appearance-live")
    stack.lose_the_next_answer()
    made["unknown"] = dana.ask("203.0.113.99", reason=REASON)
    lee.press(made["unknown"], "approve", note="Go.")
    dana.wait_for(made["unknown"], "unknown")
    rejected = dana.ask("203.0.113.50", reason=REASON)
    lee.press(rejected, "reject", note="Wrong host: that is the monitoring probe.")
    made["waiting"] = dana.ask("203.0.113.40", reason=REASON, ticket="INC-4712")
    dana.ask("203.0.113.140", reason=REASON)
    dana.ask("2001:db8:77::9", reason=REASON)
    dana.ask_many("198.51.100.33", "198.51.100.34", "198.51.100.64/28")
    stack.start_elsewhere("198.51.100.200/32")
    return {**made, "source": _source(dana, people["max"])}


def _source(dana: Person, max_: Person) -> str:
    """One that proposed a mitigation."""
    max_.add_source("edge-fnm", kind="fastnetmon", proof="secret", networks="127.0.0.0/8")
    number = max_.number("/sources/", r"/sources/(\d+)/")
    uuid = "041eb504-2b33-4ff7-a6b7-8235408d5062"
    attack = {"attack_uuid": uuid, "attack_type": "udp_flood", "attack_direction": "incoming"}
    dana.tell("edge-fnm", dana.secret_of(number), {"ip": "203.0.113.10", "action": "ban", "attack_details": attack})
    return number


def _pages(browser: Browser, stack: Stack, people: dict[str, Person], width: str, scheme: str) -> Iterator[Page]:
    """For each picture a page of whoever looks."""
    across, down = WIDTHS[width]
    size = {"width": across, "height": down}
    pages = {}
    for name, person in people.items():
        context = browser.new_context(
            base_url=stack.url, viewport=size, color_scheme=scheme, device_scale_factor=2, reduced_motion="reduce"
        )
        context.add_cookies(person.cookies)
        pages[name] = context.new_page()
    yield from (pages[who] for _, who, _ in PAGES)


def _take(page: Page, path: str, file: Path) -> None:
    page.goto(path, wait_until="networkidle")
    if path == "/mitigations/new/":
        _fill(page)
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=file, full_page=True)


def _fill(page: Page) -> None:
    """As it looks while somebody asks."""
    page.get_by_label("Target").fill("203.0.113.77")
    page.get_by_text("Edge RTBH · Drop everything").first.click()
    page.get_by_label("Reason").fill(REASON)
    page.locator(".what .finding").first.wait_for()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
