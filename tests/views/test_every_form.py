"""Every form and every address that takes a POST: only a page of ours may send it. And no page leads anywhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.people import Cast, browser_of
from tests.views.facts import by_part, everything
from tests.views.pages import Element, Page
from tests.views.test_every_url import EXPECTED, address, routes

pytestmark = [pytest.mark.any_database, pytest.mark.no_cover]

ROUTES = sorted(set(routes()))
NOBODY_MAY = {"403", "gate", "sign-in"}


def who_may(method: str, route: str) -> str:
    """The first for whom there is more than a refusal, else dana."""
    gotten = EXPECTED[method, route]
    return next((who for who, word in gotten.items() if who != "anybody" and word not in NOBODY_MAY), "dana")


def pages(cast: Cast) -> Iterator[tuple[str, Page]]:
    for route in ROUTES:
        place = address(route)
        answer = browser_of(getattr(cast, who_may("GET", route))).get(place)
        if not answer.streaming and answer.headers.get("Content-Type", "").startswith("text/html"):
            yield place, Page(answer)
    yield "/account/login/", Page(Client().get("/account/login/"))


def test_every_form_that_posts_carries_a_token_and_no_other_does(cast: Cast) -> None:
    """In an address, where a GET would put it, others could read it."""
    posting = 0
    for place, page in pages(cast):
        for form in page.all("form"):
            tokens = form.all("input", name="csrfmiddlewaretoken")
            posts = form.attributes.get("method", "get").lower() == "post"
            posting += posts
            assert len(tokens) == (1 if posts else 0), f"{place}: {form.attributes}"
            assert is_ours(place, form.attributes.get("action", "")), f"{place}: {form.attributes}"
    assert posting > 60


def test_what_htmx_sends_is_a_form_with_its_token(cast: Cast) -> None:
    page = Page(browser_of(cast.dana).get("/mitigations/new/"))
    sending = [each for each in page.all() if {"hx-post", "hx-put", "hx-patch", "hx-delete"} & set(each.attributes)]
    in_forms = [each for form in page.all("form") for each in [form, *form.all()] if "hx-post" in each.attributes]
    assert sending
    assert sending == in_forms


@pytest.mark.parametrize("forged", ["without a token", "with a token of somebody else", "from another site"])
def test_no_post_is_heeded_that_no_page_of_ours_sent(forged: str, cast: Cast) -> None:
    other = Page(browser_of(cast.kim).get("/account/preferences/"))
    (token, *_) = [each.attributes["value"] for each in other.all("input", name="csrfmiddlewaretoken")]
    typed: dict[str, Any] = {"note": "Yes.", "do": "yes", "ask": "1"}
    if forged != "without a token":
        typed["csrfmiddlewaretoken"] = token
    # No session opens the API, so that there is nothing to forge.
    for part, found in by_part(route for route in ROUTES if not route.startswith("api/v1/")):
        places = [(address(route), browser_of(getattr(cast, who_may("POST", route)))) for route in found]
        before = everything()
        for place, browser in places:
            assert _forged(forged, browser, place, typed).status_code == 403, place
        assert everything() == before, part


def _forged(forged: str, browser: Client, place: str, typed: dict[str, Any]) -> HttpResponse:
    browser.handler.enforce_csrf_checks = True
    if forged != "from another site":
        return browser.post(place, typed)
    browser.get("/account/preferences/")
    token = browser.cookies["csrftoken"].value
    return browser.post(place, {**typed, "csrfmiddlewaretoken": token}, headers={"Origin": "https://evil.example"})


# --- Where pages lead -------------------------------------------------------------------------------------------------

ELSEWHERE = [
    *("//evil.example", "///evil.example", "\\\\evil.example", "/\\evil.example", "/\t/evil.example"),
    *("\x0b//evil.example", "https:evil.example", "https:///evil.example", "http://testserver@evil.example/"),
    *("javascript:alert(1)//", "/%0d%0aLocation:%20//evil.example", "/\r\nLocation: //evil.example"),
    *("%0d%0aSet-Cookie:%20evil=1", "//evil%2eexample"),
]
NAMES = [
    *(
        "next",
        "back",
        "return",
        "return_to",
        "url",
        "redirect",
        "redirect_to",
        "continue",
        "goto",
        "to",
        "path",
        "page",
    ),
]


def is_ours(place: str, where: str) -> bool:
    """Whether a browser that is at `place` and goes to `where` stays with us."""
    as_read = re.sub(r"[\t\r\n]", "", where).strip("\x00\x0b\x0c \x1f").replace("\\", "/")
    parts = urlsplit(urljoin(f"http://testserver{place}", as_read))
    return parts.scheme in {"http", "https"} and parts.netloc == "testserver" and not as_read.startswith("//")


def leads_to(answer: HttpResponse) -> Iterator[str]:
    """Everywhere that an answer may take somebody."""
    yield from (
        answer.headers[name] for name in ("Location", "HX-Redirect", "HX-Location", "Refresh") if name in answer
    )
    if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html"):
        return
    for element in Page(answer).all():
        yield from _links(element)


def _links(element: Element) -> Iterator[str]:
    for name in ("href", "action", "formaction", "src", "hx-get", "hx-post"):
        if name in element.attributes and element.attributes[name] != "https://portal.kentik.com":
            yield element.attributes[name]


def leading_away(browser: Client, place: str, answer: HttpResponse) -> list[str]:
    assert "evil" not in str(answer.cookies)
    assert answer.headers.get("Set-Cookie") is None
    return [where for where in leads_to(answer) if "evil" in where or "alert(1)" in where if not is_ours(place, where)]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_address_leads_where_a_parameter_or_the_page_before_says(method: str, cast: Cast) -> None:
    for number, route in enumerate(ROUTES):
        place, browser = address(route), browser_of(getattr(cast, who_may(method, route)))
        where = ELSEWHERE[number % len(ELSEWHERE)]
        named = dict.fromkeys(NAMES, where)
        safe = re.sub(r"[\r\n]", "", where)
        headers = {"Referer": f"http://testserver{safe}", "HX-Current-URL": safe, "X-Forwarded-Host": "evil.example"}
        more = ({"HX-Request": "true"}, {"Referer": safe})[number % 2]
        send = browser.get if method == "GET" else browser.post
        answer = send(place, named, headers={**headers, **more})
        assert leading_away(browser, place, answer) == [], f"{method} {place} with {where!r}"


@pytest.mark.parametrize("where", ELSEWHERE)
def test_signing_in_and_out_leads_nowhere_else(where: str, cast: Cast, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a quick one
    cast.dana.set_password("harbour-tide-1")
    cast.dana.save()
    who = {"username": "dana", "login": "dana", "password": "harbour-tide-1"}
    for browser in (Client(), browser_of(cast.dana)):
        for place in ("/account/login/", "/account/logout/"):
            named = dict.fromkeys(NAMES, where)
            for answer in (browser.get(place, named), browser.post(place, {**who, **named})):
                assert leading_away(browser, place, answer) == []


@pytest.mark.parametrize("where", ELSEWHERE)
def test_an_error_and_what_was_kept_lead_back_to_no_other_site(where: str, cast: Cast) -> None:
    """They name the page before; a session that has ended keeps what was typed with the page that it was typed on."""
    safe = re.sub(r"[\r\n]", "", where)
    for before in (safe, f"http://testserver{safe}", f"http://testserver{safe}/mitigations/new/"):
        browser = browser_of(cast.eve)
        assert leading_away(browser, "/", browser.get("/", headers={"Referer": before})) == []
        dana = browser_of(cast.dana)
        (mark, *_) = Page(dana.get("/mitigations/new/")).all("input", name="typed_by")
        stranger = Client()
        typed = {"reason": "x", "typed_by": mark.attributes["value"]}
        kept = stranger.post("/mitigations/new/", typed, headers={"Referer": before})
        assert leading_away(stranger, "/mitigations/new/", kept) == []
