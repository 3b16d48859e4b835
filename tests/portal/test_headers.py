"""What every page is sent with, and what no page holds."""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.test import Client

from mitigations.policies.lifecycle import Status
from tests.making import make_mitigation, make_pairing
from tests.people import Cast
from tests.portal.processes import python, setting
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
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.parametrize(("who", "path"), PATHS, ids=[f"{who} {path}" for who, path in PATHS])
def test_every_answer_is_sent_with_what_protects_it_and_holds_nothing_that_the_policy_forbids(
    who: str, path: str, signed_in
) -> None:
    answer = ask(path, Client() if who == "anybody" else signed_in(who))

    assert answer.status_code < 500
    assert what_is_missing(answer) == []
    assert forbidden(Page(answer)) == []


def what_is_missing(answer: HttpResponse) -> list[str]:
    """The headers that an answer lacks, or has with another value."""
    policy = set(answer.headers.get("Content-Security-Policy", "").split("; "))
    lines = {"Permissions-Policy": "camera=()", "X-Request-ID": "", "Cache-Control": ""}
    return [
        *(name for name, value in HEADERS.items() if answer.headers.get(name) != value),
        *(name for name, part in lines.items() if part not in answer.headers.get(name, "-")),
        *(["Content-Security-Policy"] if policy != CSP else []),
    ]


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
        leads = {name: value for name, value in attributes.items() if name not in {"value", "title", "content"}}
        found += [f"{element.tag} {name}" for name, value in leads.items() if value.startswith("javascript:")]
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
    assert what_is_missing(answer) == []
    assert forbidden(Page(answer)) == []


def _break() -> Any:
    raise RuntimeError("canary-of-a-breakdown")


# Who sends what, and the status of what comes back.
KINDS: dict[str, tuple[str, Callable[[Client], HttpResponse], int]] = {
    "a redirect to sign in": ("anybody", lambda browser: browser.get("/"), 302),
    "a redirect to the whole address": ("anybody", lambda browser: browser.get("/account/login"), 301),
    "a host that is not ours": ("anybody", lambda browser: browser.get("/", headers={"host": "evil.example"}), 400),
    "too much": ("dana", lambda browser: browser.post("/mitigations/new/", {"reason": "x" * 5_000_001}), 413),
    "too many fields": (
        "dana",
        lambda browser: browser.post("/mitigations/new/", dict.fromkeys(range(1001), "x")),
        413,
    ),
    "a form that is not right": ("dana", lambda browser: browser.post("/mitigations/new/", {"ask": "1"}), 422),
    "another way": ("dana", lambda browser: browser.delete("/catalogue/"), 405),
    "options": ("dana", lambda browser: browser.options("/catalogue/"), 405),
    "an error for a program": ("eve", lambda browser: browser.get("/", headers={"accept": "application/json"}), 403),
    "a part of a page": ("eve", lambda browser: browser.get("/", headers={"hx-request": "true"}), 403),
    "a file to keep": ("dana", lambda browser: browser.get("/mitigations/csv/"), 200),
    "a file of the site": ("anybody", lambda browser: browser.get("/static/breakwater.css"), 200),
    "no file of the site": ("anybody", lambda browser: browser.get("/static/nothing.css"), 404),
    "something for a machine": ("anybody", lambda browser: browser.get("/readyz"), 200),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_is_sent_with_what_protects_it(kind: str, signed_in, settings) -> None:
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    who, send, status = KINDS[kind]
    browser = Client() if who == "anybody" else signed_in(who)

    answer = send(browser)
    answer.close()

    assert (answer.status_code, what_is_missing(answer)) == (status, [])


@pytest.mark.parametrize("host", ["testserver", "evil.example"])
def test_on_the_way_to_https_as_well(host: str, settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get("/", headers={"host": host})
    assert (answer.status_code, what_is_missing(answer)) == (301 if host == "testserver" else 400, [])


def test_a_form_of_another_site_gets_them_as_well(cast: Cast) -> None:
    answer = Client(enforce_csrf_checks=True).post("/account/login/", {"username": "dana"})
    assert (answer.status_code, what_is_missing(answer)) == (403, [])


def test_files_of_the_site_may_be_kept(settings, db: None) -> None:
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    answer = Client().get("/static/breakwater.css")
    answer.close()
    assert "no-store" not in answer.headers["Cache-Control"]


class TestCookies:
    def cookies_of(self, browser: Client) -> SimpleCookie:
        browser.get("/account/login/")
        return browser.cookies

    def test_are_sent_over_https_to_this_host_alone_and_never_shown_to_a_script(self) -> None:
        names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")
        assert [setting(name) for name in names] == ["'__Host-sessionid'", "'__Host-csrftoken'"]
        for name in ("SESSION_COOKIE", "CSRF_COOKIE"):
            flags = [setting(f"{name}_{flag}") for flag in ("SECURE", "HTTPONLY", "SAMESITE")]
            assert flags == ["True", "True", "'Lax'"]

    def test_named_so_have_what_browsers_ask_of_that_name(self, signed_in, settings) -> None:
        settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE = "__Host-csrftoken", True
        cookie = self.cookies_of(Client())["__Host-csrftoken"]
        assert (cookie["path"], cookie["domain"], cookie["secure"]) == ("/", "", True)

    def test_on_a_plain_network_have_no_name_that_browsers_would_refuse(self) -> None:
        assert setting("SESSION_COOKIE_NAME", HTTPS_ONLY="False") == "'sessionid'"

    def test_are_two_and_no_more(self, signed_in) -> None:
        """What was done is told from the session, not from a cookie of its own."""
        browser = signed_in("dana")
        browser.get("/mitigations/new/")
        browser.post("/account/messages/", {"email": "", "kinds": []})
        assert set(browser.cookies) == {"sessionid", "csrftoken"}
        assert {str(cookie["samesite"]) for cookie in browser.cookies.values()} <= {"Lax", ""}


class TestTheHost:
    @pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "a b", ""])
    def test_that_is_not_ours_is_refused_before_anything_is_made_of_it(self, host: str, db: None) -> None:
        answer = Client().get("/account/login/", headers={"host": host})
        assert answer.status_code == 400
        assert "evil" not in answer.content.decode()

    @pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "X-Original-URL", "Forwarded"])
    def test_is_believed_of_no_other_header(self, header: str, db: None) -> None:
        answer = Client().get("/account/login", headers={header: "evil.example"})
        assert "evil" not in str(answer.headers) + answer.content.decode()

    def test_is_never_any(self) -> None:
        ended = python("import portal.settings", ALLOWED_HOSTS="breakwater.example.net,*")
        assert ended.returncode != 0
        assert "ALLOWED_HOSTS must name the hosts" in ended.stderr


class TestWhatIsSentIn:
    def test_is_refused_before_it_is_read_when_it_is_too_large(self, cast: Cast) -> None:
        """A stranger's too: nobody is asked who they are first."""

        class Unread:
            def read(self, *args: int) -> bytes:
                raise AssertionError("it was read")

            readline = read

        made = {"CONTENT_LENGTH": "5000001", "wsgi.input": Unread(), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
        assert Client().post("/account/login/", **made).status_code == 413

    @pytest.mark.parametrize("length", ["", "x", "-1", "1e9"])
    def test_of_a_length_that_is_none_breaks_nothing(self, length: str, db: None) -> None:
        assert Client().get("/account/login/", CONTENT_LENGTH=length).status_code == 200

    def test_is_one_file_at_most(self, signed_in) -> None:
        files = {"file": ContentFile(b"203.0.113.7", "a.txt"), "other": ContentFile(b"x", "b.txt")}
        assert signed_in("dana").post("/mitigations/new/many/", files).status_code == 413

    def test_touches_no_disk(self) -> None:
        """The containers' are read-only, and what was uploaded is nobody's to find."""
        assert setting("FILE_UPLOAD_HANDLERS") == "['django.core.files.uploadhandler.MemoryFileUploadHandler']"
        assert setting("FILE_UPLOAD_MAX_MEMORY_SIZE") == setting("LARGEST_REQUEST")


class TestByHttpsOnly:
    """What the portal does unless it is told that it stands on a plain network."""

    @pytest.mark.parametrize("name", ["SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"])
    def test_is_how_it_starts(self, name: str) -> None:
        assert setting(name) == "True"

    def test_browsers_remember_it_for_a_year(self) -> None:
        assert setting("SECURE_HSTS_SECONDS") == str(365 * 24 * 60 * 60)

    @pytest.mark.parametrize("address", ["/", "/account/login/", "/nowhere/", "/livez", "/static/breakwater.css"])
    def test_every_kind_of_answer_says_so(self, address: str, settings, db: None) -> None:
        settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
        settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 365 * 24 * 60 * 60, True
        answer = Client().get(address, secure=True)
        answer.close()
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"

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
