"""Signing in as people do: with a passkey that the browser holds, with an app on a phone, and at a provider."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.stack import PASSWORD, Stack, running
from tests.openid import CLIENT, SECRET, Provider, openid_provider

EVIL = "//evil.example.org/"


@pytest.fixture
def anew(browser: Browser, stack: Stack) -> Iterator[Callable[..., Page]]:
    """A page in a browser of its own. By the portal's name: there are no passkeys for a number."""
    contexts: list[BrowserContext] = []

    def anew(base_url: str = stack.url.replace("127.0.0.1", "localhost"), **options: object) -> Page:
        context = browser.new_context(base_url=base_url, reduced_motion="reduce", **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.troubles = []
        # eve has no role, so the overview is closed to her.
        page.on(
            "console",
            lambda said: page.troubles.append(said.text) if said.type == "error" and "403" not in said.text else None,
        )
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        return page

    yield anew
    for context in contexts:
        context.close()


def type_name(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_in(page: Page, name: str) -> None:
    page.goto("/account/login/")
    type_name(page, name)
    expect(page.get_by_role("button", name="Sign out")).to_be_attached()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@contextmanager
def authenticator(page: Page) -> Iterator[None]:
    """A device that keeps passkeys, and sees its person."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    seen = {"isUserVerified": True, "automaticPresenceSimulation": True}
    made = devices.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, **seen}})
    yield
    devices.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made["authenticatorId"]})
    devices.detach()


def keep_codes(page: Page) -> list[str]:
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    codes = page.locator("ul.mono li").all_inner_texts()
    page.get_by_role("link", name="I have kept them").click()
    return codes


def remove_all(page: Page) -> None:
    page.goto("/account/second-factor/")
    while page.get_by_role("button", name="Remove").count():
        page.get_by_role("button", name="Remove").first.click()
        expect(page.get_by_text("It is removed.")).to_be_visible()


class TestAPasskey:
    def test_is_set_up_and_signs_in_as_second_step_and_alone(self, anew: Callable[..., Page]) -> None:
        page = anew()
        sign_in(page, "eve")
        with authenticator(page):
            page.goto("/account/second-factor/passkey/")
            page.get_by_label("What you call it").fill("My laptop")
            page.get_by_role("button", name="Add it").click()
            keep_codes(page)
            expect(page.get_by_role("row", name="My laptop")).to_be_visible()

            sign_out(page)
            type_name(page, "eve")
            page.get_by_role("button", name="Use a passkey").click()
            expect(page.get_by_role("button", name="Sign out")).to_be_attached()

            sign_out(page)
            page.get_by_role("button", name="Sign in with a passkey").click()
            expect(page.get_by_role("button", name="Sign out")).to_be_attached()
            remove_all(page)
        assert page.troubles == []

    def test_that_is_not_there_is_told(self, anew: Callable[..., Page]) -> None:
        page = anew()
        with authenticator(page):
            page.goto("/account/login/")
            page.get_by_role("button", name="Sign in with a passkey").click()
            expect(page.get_by_text("Nothing came of it. Please try once more.")).to_be_visible()

    def test_is_not_offered_where_the_portal_is_open_by_a_number(self, anew: Callable[..., Page], stack: Stack) -> None:
        page = anew(stack.url)
        page.goto("/account/login/")
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)


class TestAnApp:
    @pytest.mark.parametrize("javascript", [True, False])
    def test_is_set_up_and_asked_for(self, javascript: bool, anew: Callable[..., Page]) -> None:
        page = anew(java_script_enabled=javascript)
        sign_in(page, "eve")
        page.goto("/account/second-factor/app/")
        expect(page.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
        secret = page.locator("p.mono").inner_text().replace(" ", "")
        page.get_by_role("textbox", name="Code").fill(_code(secret))
        page.get_by_role("button", name="Set it up").click()
        codes = keep_codes(page)

        sign_out(page)
        type_name(page, "eve")
        page.get_by_role("textbox", name="Code").fill(codes[0])
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_attached()
        remove_all(page)
        assert page.troubles == []


def _code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    lee = {"name": "Lee Adeyemi", "preferred_username": "lee.a", "groups": ["netops-lead"]}
    with openid_provider(lee=lee) as running:
        yield running


@pytest.fixture(scope="module")
def with_provider(provider: Provider) -> Iterator[Stack]:
    settings = {
        "OIDC_ISSUER": provider.issuer,
        "OIDC_CLIENT_ID": CLIENT,
        "OIDC_CLIENT_SECRET": SECRET,
        "OIDC_NAME": "Keycloak",
        "OIDC_GROUPS": "netops-lead=approver,netops=requester",
        "LOCAL_SIGN_IN": "False",
        "EMERGENCY_ACCOUNTS": "max",
    }
    with running(**settings) as stack:
        yield stack


class TestAProvider:
    def test_signs_in_and_back_to_where_somebody_wanted_to_go(
        self, anew: Callable[..., Page], with_provider: Stack
    ) -> None:
        page = anew(with_provider.url)
        page.goto("/approvals/")
        page.get_by_role("link", name="Sign in with Keycloak").click()
        expect(page.get_by_role("heading", name="Sign in to the provider")).to_be_visible()
        page.get_by_label("Who").fill("lee")
        page.get_by_role("button", name="Go on").click()
        expect(page).to_have_url(f"{with_provider.url}/approvals/")
        expect(page.get_by_role("link", name="Lee Adeyemi")).to_be_attached()
        assert page.troubles == []

    def test_leads_nowhere_else(self, anew: Callable[..., Page], with_provider: Stack) -> None:
        page = anew(with_provider.url)
        page.goto(f"/account/login/?next={EVIL}")
        page.get_by_role("link", name="Sign in with Keycloak").click()
        page.get_by_label("Who").fill("lee")
        page.get_by_role("button", name="Go on").click()
        expect(page).to_have_url(f"{with_provider.url}/")

    def test_is_not_needed_by_an_emergency_account(self, anew: Callable[..., Page], with_provider: Stack) -> None:
        page = anew(with_provider.url)
        page.goto("/account/login/")
        expect(page.get_by_label("Username")).to_have_count(0)
        page.get_by_role("link", name="Emergency accounts").click()
        type_name(page, "dana")
        expect(page.get_by_role("alert")).to_contain_text("do not fit together")
        type_name(page, "max")
        expect(page.get_by_role("button", name="Sign out")).to_be_attached()
