"""Whoever approves, stops or breaks the glass has shown lately who they are, and loses nothing when asked anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts import typed
from accounts.authority import Deed
from accounts.models import ApiToken, User
from accounts.proof import NEED_FRESH_PROOF, wants_proof
from audit.models import Event
from mitigations.models import Decision
from mitigations.policies.lifecycle import Status
from tests.making import NOW, make_mitigation, make_source
from tests.people import Cast, browser_of
from tests.views.pages import Page

PASSWORD = "harbour-tide-1234"
PROOF = "/account/proof/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


@pytest.fixture
def lee(cast: Cast, settings) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for user in (cast.lee, cast.dana):
        user.set_password(PASSWORD)
        user.save()
    return cast.lee


def signed_in(user: User) -> Client:
    client = Client()
    client.post("/account/login/", {"username": user.username, "password": PASSWORD})
    return client


def send(client: Client, path: str, who: User, **fields: str) -> Any:
    referer = {"referer": f"http://testserver{path}"}
    return client.post(path, {**fields, typed.MARK: typed.mark_of(who.pk)}, headers=referer)


class TestThePolicy:
    MAX_AGE = timedelta(minutes=15)

    @pytest.mark.parametrize("deed", list(Deed))
    def test_asks_before_what_reaches_the_network_by_one_press_or_makes_a_way_there(self, deed: Deed) -> None:
        expected = deed in {Deed.APPROVE, Deed.STOP, Deed.BREAK_GLASS, Deed.MAKE_TOKEN, Deed.TAKE_SECRET}
        assert wants_proof(deed, None, at=NOW, max_age=self.MAX_AGE) is expected

    @pytest.mark.parametrize(("age", "asks"), [(0, False), (15 * 60, False), (15 * 60 + 1, True)])
    def test_asks_when_the_last_proof_is_too_old(self, age: int, asks: bool) -> None:
        proved_at = NOW - timedelta(seconds=age)
        assert {wants_proof(deed, proved_at, at=NOW, max_age=self.MAX_AGE) for deed in NEED_FRESH_PROOF} == {asks}


def test_nobody_takes_the_secret_of_a_source_at_a_screen_that_was_left_open(lee: User, cast: Cast, clock) -> None:
    client, source = signed_in(cast.dana), make_source()
    clock.shift(timedelta(minutes=16))
    answer = client.post(f"/sources/{source.pk}/secret/")
    source.refresh_from_db()

    assert answer.headers["Location"].startswith(PROOF)
    assert source.secret_at is None


def test_nobody_makes_a_token_at_a_screen_that_was_left_open(lee: User, clock) -> None:
    client, typed_in = signed_in(lee), {"name": "soar", "purpose": "Playbooks.", "scopes": ["decide"], "days": "30"}
    clock.shift(timedelta(minutes=16))
    answer = client.post("/account/tokens/new/", typed_in)
    assert answer.headers["Location"].startswith(f"{PROOF}?next=")
    assert not ApiToken.objects.exists()


class TestApproving:
    def test_is_done_at_once_after_signing_in(self, lee: User) -> None:
        mitigation = make_mitigation()
        send(signed_in(lee), f"/mitigations/{mitigation.reference}/approve/", lee, note="")
        assert Decision.objects.count() == 1

    def test_asks_for_a_proof_later_and_does_nothing(self, lee: User, clock) -> None:
        mitigation, client = make_mitigation(), signed_in(lee)
        clock.shift(timedelta(minutes=16))
        answer = send(client, f"/mitigations/{mitigation.reference}/approve/", lee, note="Seen on edge-2.")
        assert answer.headers["Location"].startswith(
            f"{PROOF}?next=%2Fmitigations%2F{mitigation.reference}%2Fapprove%2F"
        )
        assert not Decision.objects.exists()

    def test_comes_back_to_what_was_typed(self, lee: User, clock) -> None:
        mitigation, client = make_mitigation(), signed_in(lee)
        clock.shift(timedelta(minutes=16))
        path = f"/mitigations/{mitigation.reference}/approve/"
        proof = Page(client.get(send(client, path, lee, note="Seen on edge-2.").headers["Location"]))
        there = proof.main.all("input", name="next")[0].attributes["value"]
        page = Page(client.post(PROOF, {"password": PASSWORD, "next": there}, follow=True))
        assert (page.typed, Decision.objects.exists()) == ({"note": "Seen on edge-2."}, False)
        assert page.notices[0].startswith("Thank you. Nothing was done yet.")
        send(client, path, lee, note="Seen on edge-2.")
        assert Decision.objects.get().note == "Seen on edge-2."

    def test_is_looked_at_without_a_proof(self, lee: User, clock) -> None:
        mitigation, client = make_mitigation(), signed_in(lee)
        clock.shift(timedelta(minutes=16))
        assert client.get(f"/mitigations/{mitigation.reference}/approve/").status_code == 200

    def test_without_the_right_is_refused_rather_than_asked_about(self, lee: User, cast: Cast, clock) -> None:
        mitigation, client = make_mitigation(), signed_in(cast.dana)
        clock.shift(timedelta(minutes=16))
        assert send(client, f"/mitigations/{mitigation.reference}/approve/", cast.dana, note="").status_code == 403

    def test_of_many_asks_as_well(self, lee: User, clock) -> None:
        mitigation, client = make_mitigation(), signed_in(lee)
        clock.shift(timedelta(minutes=16))
        answer = send(client, f"/mitigations/chosen/approve/?ref={mitigation.reference}", lee, do="1")
        assert answer.headers["Location"].startswith(PROOF)
        assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("deed", "status"), [("stop", Status.ACTIVE), ("break-glass", Status.PENDING)], ids=["stopping", "glass"]
)
def test_stopping_and_breaking_the_glass_ask_as_well(deed: str, status: Status, lee: User, cast: Cast, clock) -> None:
    mitigation, client = make_mitigation(status), signed_in(cast.dana)
    clock.shift(timedelta(minutes=16))
    answer = send(client, f"/mitigations/{mitigation.reference}/{deed}/", cast.dana, reason="The shop is down.")
    assert answer.headers["Location"].startswith(PROOF)


def test_rejecting_and_withdrawing_ask_nothing(lee: User, cast: Cast, clock) -> None:
    first, second = make_mitigation(), make_mitigation()
    clients = signed_in(lee), signed_in(cast.dana)
    clock.shift(timedelta(minutes=16))
    send(clients[0], f"/mitigations/{first.reference}/reject/", lee, note="No need.")
    send(clients[1], f"/mitigations/{second.reference}/withdraw/", cast.dana, note="")
    for mitigation in (first, second):
        mitigation.refresh_from_db()
    assert (first.status, second.status) == (Status.REJECTED, Status.WITHDRAWN)


class TestTheProof:
    def test_that_is_wrong_proves_nothing(self, lee: User, clock) -> None:
        client = signed_in(lee)
        clock.shift(timedelta(minutes=16))
        page = Page(client.post(PROOF, {"password": "guess", "next": "/"}))
        assert (page.status, page.alarms) == (422, ["That is not right. Please try again."])
        assert send(client, f"/mitigations/{make_mitigation().reference}/approve/", lee, note="").status_code == 302
        assert not Decision.objects.exists()

    def test_that_is_wrong_is_told_to_the_log(self, lee: User) -> None:
        signed_in(lee).post(PROOF, {"password": "guess"})
        assert Event.objects.order_by("number").last().outcome == "refused"

    def test_cannot_be_guessed_without_end(self, lee: User, settings) -> None:
        settings.TRIES_PER_ACCOUNT = 3
        client = signed_in(lee)
        for _ in range(3):
            client.post(PROOF, {"password": "guess"})
        assert "Too many tries" in Page(client.post(PROOF, {"password": PASSWORD})).alarms[0]
        assert signed_in(lee).post(PROOF, {"password": PASSWORD}).status_code == 302, "their other browser is free"

    @pytest.mark.parametrize("where", ["https://evil.example.org/", "//evil.example.org/", "/\\evil.example.org"])
    def test_leads_nowhere_else(self, where: str, lee: User) -> None:
        answer = signed_in(lee).post(PROOF, {"password": PASSWORD, "next": where})
        assert answer.headers["Location"] == "/account/"

    def test_is_the_second_factor_where_there_is_one(self, lee: User) -> None:
        from accounts import factors
        from tests.people import acting

        factors.add_app(secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", by=acting(lee), at=NOW)
        client = browser_of(lee)
        assert "code" in Page(client.get(PROOF)).typed
        assert client.post(PROOF, {"password": PASSWORD}).status_code == 422
