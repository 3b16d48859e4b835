"""What every page is sent with, and what no page holds."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from mitigations.policies.lifecycle import Status
from tests.making import make_mitigation, make_pairing
from tests.portal.processes import setting
from tests.views.asking import check
from tests.views.pages import Page

CSP = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
PATHS = [
    ("anybody", "/account/login/"),
    ("anybody", "/livez"),
    ("anybody", "/"),
    ("dana", "/"),
    ("dana", "/mitigations/"),
    ("dana", "/mitigations/?target=fish"),
    ("dana", "/mitigations/new/"),
    ("dana", "/mitigations/{pending}/"),
    ("dana", "/mitigations/{active}/"),
    ("dana", "/mitigations/{pending}/withdraw/"),
    ("dana", "/nowhere/"),
    ("dana", "/audit/"),
    ("lee", "/approvals/"),
    ("lee", "/mitigations/{pending}/approve/"),
    ("lee", "/mitigations/{pending}/reject/"),
    ("lee", "/mitigations/{active}/stop/"),
    ("lee", "/mitigations/{unknown}/settle/"),
    ("ana", "/audit/"),
    ("ana", "/catalogue/"),
    ("max", "/catalogue/"),
    ("max", "/catalogue/pairing/new/"),
    ("max", "/catalogue/pairing/{pairing}/"),
    ("max", "/admin/"),
    ("max", "/admin/mitigations/mitigation/"),
    ("max", "/admin/mitigations/platform/"),
    ("max", "/admin/mitigations/mitigation/{number}/change/"),
    ("max", "/admin/nowhere/"),
    ("dana", "/policy/address-space/"),
    ("max", "/policy/protected/"),
    ("max", "/policy/protected/new/"),
    ("max", "/policy/protected/import/"),
    ("max", "/policy/teams/new/"),
    ("dana", "/account/"),
    ("dana", "/account/password/"),
    ("dana", "/account/second-factor/app/"),
    ("dana", "/account/second-factor/passkey/"),
    ("dana", "/account/proof/"),
    ("eve", "/"),
]


HEADERS = {
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.mark.parametrize(("who", "path"), PATHS, ids=[f"{who} {path}" for who, path in PATHS])
def test_every_answer_is_sent_with_what_protects_it_and_holds_nothing_that_the_policy_forbids(
    who: str, path: str, signed_in
) -> None:
    answer = ask(path, Client() if who == "anybody" else signed_in(who))

    assert answer.status_code < 500
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == CSP
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert len(answer.headers["X-Request-ID"]) == 32
    assert forbidden(Page(answer)) == []


def ask(path: str, client: Client) -> HttpResponse:
    """For a page of one of three mitigations that are there, or for another."""
    made = {status: make_mitigation(Status(status)) for status in ("pending", "active", "unknown")}
    names = {status: mitigation.reference for status, mitigation in made.items()}
    client.raise_request_exception = False
    return client.get(path.format(**names, pairing=make_pairing().pk, number=made["active"].pk))


def forbidden(page: Page) -> list[str]:
    """Inline scripts and styles, handlers in attributes, addresses that are scripts."""
    found = []
    for element in page.all():
        attributes = element.attributes
        if element.tag == "style" or (element.tag == "script" and "src" not in attributes):
            found.append(f"<{element.tag}>")
        found += [f"{element.tag} {name}" for name in attributes if name == "style" or name.startswith(("on", "hx-on"))]
        found += [f"{element.tag} {name}" for name, value in attributes.items() if value.startswith("javascript:")]
    return found


def test_the_form_with_its_answer_holds_nothing_that_the_policy_forbids(signed_in, db: None) -> None:
    dana, pairing = signed_in("dana"), make_pairing()
    for target in ("203.0.113.7", "203.0.113.7/24", "fish"):
        assert forbidden(Page(check(dana, pairing, ip_cidr=target))) == []


def test_the_page_of_a_breakdown_is_sent_with_all_of_them(signed_in, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mitigations.selectors.mitigations.overview", _break)
    client = signed_in("dana")
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == CSP
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert forbidden(Page(answer)) == []


def _break() -> Any:
    raise RuntimeError("canary-of-a-breakdown")


class TestByHttpsOnly:
    """What the portal does unless it is told that it stands on a plain network."""

    @pytest.mark.parametrize("name", ["SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"])
    def test_is_how_it_starts(self, name: str) -> None:
        assert setting(name) == "True"

    def test_browsers_remember_it_for_a_year(self) -> None:
        assert setting("SECURE_HSTS_SECONDS") == str(365 * 24 * 60 * 60)

    def test_pages_are_sent_to_https(self, settings, db: None) -> None:
        settings.SECURE_SSL_REDIRECT = True
        answer = Client().get("/account/login/")
        assert (answer.status_code, answer.headers["Location"]) == (301, "https://testserver/account/login/")


def test_no_page_is_kept_for_the_next_person_at_the_browser(signed_in) -> None:
    answer = signed_in("dana").get("/")

    assert answer.headers["Cache-Control"] == "private, no-store"


class TestCompression:
    ZIPPED = {"Accept-Encoding": "gzip"}

    def test_makes_a_page_a_fraction_as_heavy(self, signed_in) -> None:
        client = signed_in("dana")
        plain = client.get("/mitigations/new/")
        zipped = client.get("/mitigations/new/", headers=self.ZIPPED)
        assert zipped["Content-Encoding"] == "gzip"
        assert len(zipped.content) < len(plain.content) / 2
        assert "Accept-Encoding" in zipped["Vary"]

    def test_is_not_of_the_same_length_each_time(self, signed_in) -> None:
        """So that the length tells nothing of a secret beside something that was sent in: BREACH."""
        client = signed_in("dana")
        assert len({len(client.get("/catalogue/", headers=self.ZIPPED).content) for _ in range(8)}) > 1

    def test_leaves_what_is_no_page_as_it_is(self, client: Client) -> None:
        assert "Content-Encoding" not in client.get("/livez", headers=self.ZIPPED)
