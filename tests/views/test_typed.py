"""What somebody typed is not lost when their session has ended, and nobody else sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from accounts import typed
from accounts.models import User
from audit.models import Event
from mitigations.models import Decision, Mitigation, Pairing
from mitigations.policies.lifecycle import Status
from tests.making import NOW, make_mitigation, make_pairing
from tests.people import Cast
from tests.views.asking import NEW
from tests.views.asking import typed as request_of
from tests.views.pages import Page

DOOR, HOST = "/account/login/", "http://testserver"
PASSWORD = "harbour-tide-1234"


@pytest.fixture
def pairing(cast: Cast) -> Pairing:
    return make_pairing()


@pytest.fixture(autouse=True)
def _passwords(cast: Cast, settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for user in (cast.dana, cast.lee, cast.kim, cast.max):
        user.set_password(PASSWORD)
        user.save()


def send(client: Client, path: str, who: User, /, page: str | None = None, **fields: Any) -> Any:
    """As the browser of somebody sends a form whose page was made for `who`."""
    referer = {"referer": f"{HOST}{page or path}"}
    return client.post(path, {**fields, typed.MARK: typed.mark_of(who.pk)}, headers=referer)


def sign_in(client: Client, who: User, answer: Any) -> Page:
    """Sign in where the answer leads, and follow from there."""
    door = Page(client.get(answer.headers["Location"]))
    there = door.all("input", name="next")[0].attributes["value"]
    return Page(client.post(DOOR, {"username": who.username, "password": PASSWORD, "next": there}, follow=True))


def ask_signed_out(client: Client, who: User, pairing: Pairing, **changes: str) -> Any:
    return send(client, NEW, who, **request_of(pairing, **changes), ask="1")


class TestARequest:
    def test_asks_for_nothing_and_says_that_it_is_kept(self, cast: Cast, pairing: Pairing) -> None:
        client = Client()
        door = Page(client.get(ask_signed_out(client, cast.dana, pairing).headers["Location"]))
        assert not Mitigation.objects.exists()
        assert "Nothing was done. What you typed is kept while you sign in." in door.notices[0]

    def test_stands_in_the_form_again_with_what_will_happen(self, cast: Cast, pairing: Pairing) -> None:
        client = Client()
        page = sign_in(client, cast.dana, ask_signed_out(client, cast.dana, pairing))
        assert (page.heading, page.typed) == ("New mitigation", request_of(pairing))
        assert page.main.all("pre")
        assert "nothing was done" in page.notices[0]
        assert page.main.all(id="what") == [], "the address that was posted to leads past the notice"
        assert not Mitigation.objects.exists()

    def test_complains_of_nothing_that_was_missing(self, cast: Cast, pairing: Pairing) -> None:
        client = Client()
        page = sign_in(client, cast.dana, ask_signed_out(client, cast.dana, pairing, reason=""))
        assert (page.alarms, page.typed["ip_cidr"]) == ([], "203.0.113.7/32")

    def test_is_there_after_a_wrong_password(self, cast: Cast, pairing: Pairing) -> None:
        client = Client()
        answer = ask_signed_out(client, cast.dana, pairing)
        client.post(DOOR, {"username": "dana", "password": "wrong"})
        assert sign_in(client, cast.dana, answer).typed == request_of(pairing)

    def test_of_each_of_several_tabs_is_kept(self, cast: Cast, pairing: Pairing) -> None:
        client = Client()
        first = ask_signed_out(client, cast.dana, pairing, ip_cidr="203.0.113.1")
        second = ask_signed_out(client, cast.dana, pairing, ip_cidr="203.0.113.2")
        assert sign_in(client, cast.dana, second).typed["ip_cidr"] == "203.0.113.2"
        assert sign_in_page_of(client, first).typed["ip_cidr"] == "203.0.113.1"

    def test_is_forgotten_once_it_was_made(self, cast: Cast, pairing: Pairing) -> None:
        client = Client()
        answer = ask_signed_out(client, cast.dana, pairing)
        sign_in(client, cast.dana, answer)
        client.post(NEW, {**request_of(pairing), "ask": "1"})
        assert Mitigation.objects.count() == 1
        assert sign_in_page_of(client, answer).typed["ip_cidr"] == ""

    def test_of_many_targets_stands_in_its_form_again(self, cast: Cast, pairing: Pairing) -> None:
        client, fields = Client(), request_of(pairing)
        del fields["ip_cidr"]
        answer = send(client, f"{NEW}many/", cast.dana, **fields, targets="203.0.113.1\n203.0.113.2", ask="1")
        page = sign_in(client, cast.dana, answer)
        assert page.typed["targets"] == "203.0.113.1\n203.0.113.2"
        assert "2 targets: 2 clear" in page.main.text
        assert not Mitigation.objects.exists()


def sign_in_page_of(client: Client, answer: Any) -> Page:
    """Where an answer leads for somebody who is signed in by now."""
    return Page(client.get(answer.headers["Location"], follow=True))


class TestADecision:
    def test_is_not_made_and_its_note_stands_in_its_form_again(self, cast: Cast) -> None:
        mitigation, client = make_mitigation(), Client()
        path = f"/mitigations/{mitigation.reference}/approve/"
        page = sign_in(client, cast.lee, send(client, path, cast.lee, note="Seen on edge-2."))
        assert (page.heading, page.typed) == (f"Approve {mitigation.target}", {"note": "Seen on edge-2."})
        assert not Decision.objects.exists()

    def test_of_another_kind_of_field_is_chosen_again(self, cast: Cast) -> None:
        client, mitigation = Client(), make_mitigation(Status.UNKNOWN)
        answer = send(client, f"/mitigations/{mitigation.reference}/settle/", cast.lee, note="x", outcome="stopped")
        assert sign_in(client, cast.lee, answer).typed["outcome"] == "stopped"

    def test_on_what_another_has_decided_meanwhile_shows_all_that_was_typed(self, cast: Cast) -> None:
        client, mitigation = Client(), make_mitigation()
        answer = send(client, f"/mitigations/{mitigation.reference}/approve/", cast.lee, note="Seen on edge-2.")
        page = sign_in(client, cast.lee, answer)
        shown = Page(client.get(page.links["All that you typed"]))
        assert "Seen on edge-2." in shown.main.text


class TestSomebodyElse:
    def test_who_signs_in_sees_nothing_of_it(self, cast: Cast) -> None:
        path, client = f"/mitigations/{make_mitigation().reference}/approve/", Client()
        page = sign_in(client, cast.kim, send(client, path, cast.lee, note="Seen on edge-2."))
        assert (page.heading.startswith("Approve"), page.typed, page.notices) == (True, {"note": ""}, [])

    def test_makes_it_go(self, cast: Cast, pairing: Pairing) -> None:
        client = Client()
        answer = ask_signed_out(client, cast.dana, pairing)
        sign_in(client, cast.kim, answer)
        assert [session.get_decoded().get("typed", {}) for session in Session.objects.all()] == [{}]

    def test_cannot_read_it_by_its_address(self, cast: Cast, signed_in) -> None:
        client = Client()
        answer = send(client, "/mitigations/MIT-1/approve/", cast.lee, note="Seen.")
        key = answer.headers["Location"].rpartition("%3D")[2]
        assert signed_in("kim").get(f"/account/typed/{key}/").status_code == 404

    def test_who_is_signed_in_by_then_sees_nothing_of_it(self, cast: Cast, pairing: Pairing) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast.kim)
        answer = ask_signed_out(client, cast.dana, pairing)
        assert (answer.status_code, "typed" in client.session) == (403, False)


class TestWhatIsNotKept:
    def test_is_what_nobody_was_asked_for(self, cast: Cast, pairing: Pairing) -> None:
        client = Client()
        for mark in ("", "7", "7:x", typed.mark_of(cast.dana.pk) + "x"):
            client.post(NEW, {**request_of(pairing), typed.MARK: mark})
        assert not Session.objects.exists()

    def test_is_a_secret(self, cast: Cast) -> None:
        page, client = Page(_as(cast.max).get("/policy/channels/new/")), Client()
        hidden = {each.attributes["name"]: each.attributes["value"] for each in page.main.all("input", type="hidden")}
        client.post("/policy/channels/new/", {**hidden, "name": "NOC", "address": "slack://canary", "a_password": "b"})
        [kept] = client.session["typed"].values()
        assert kept["fields"] == {"name": ["NOC"]}

    def test_is_what_was_typed_more_than_an_hour_ago(self, cast: Cast, pairing: Pairing) -> None:
        client = Client()
        with time_machine.travel(NOW, tick=False) as clock:
            answer = ask_signed_out(client, cast.dana, pairing)
            clock.shift(timedelta(minutes=61))
            assert sign_in(client, cast.dana, answer).typed["ip_cidr"] == ""

    def test_is_more_than_there_is_room_for(self, cast: Cast, pairing: Pairing) -> None:
        client = Client()
        ask_signed_out(client, cast.dana, pairing, reason="x" * 1_600_000)
        assert not Session.objects.exists()

    def test_is_the_press_on_sign_out(self, cast: Cast) -> None:
        client = Client()
        send(client, "/account/logout/", cast.dana, page="/")
        assert not Session.objects.exists()


def _as(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


class TestAPageTooOld:
    """They have signed in anew since it was made, in another tab."""

    def test_offers_what_was_typed(self, cast: Cast, pairing: Pairing) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast.dana)
        answer = ask_signed_out(client, cast.dana, pairing)
        page = Page(answer)
        assert (page.status, page.heading) == (403, "This page was too old")
        assert Page(client.get(page.links["Go on with what you typed"])).typed == request_of(pairing)
        assert not Mitigation.objects.exists()

    def test_offers_it_after_signing_in_where_all_cookies_are_gone(self, cast: Cast, pairing: Pairing) -> None:
        client = Client(enforce_csrf_checks=True)
        page = Page(ask_signed_out(client, cast.dana, pairing))
        client.handler.enforce_csrf_checks = False
        door = client.get(page.links["Go on with what you typed"])
        assert sign_in(client, cast.dana, door).typed == request_of(pairing)

    def test_made_elsewhere_fills_nobodys_form(self, cast: Cast, pairing: Pairing) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast.dana)
        answer = client.post(NEW, {**request_of(pairing), typed.MARK: typed.mark_of(cast.eve.pk)})
        assert (set(Page(answer).links), "typed" in client.session) == ({"Overview", "Mitigations"}, False)


class TestTheLivePreview:
    @pytest.mark.parametrize("csrf", [True, False])
    def test_says_so_and_leaves_the_form_alone(self, csrf: bool, cast: Cast, pairing: Pairing) -> None:
        client = Client(enforce_csrf_checks=csrf)
        answer = client.post(NEW, request_of(pairing), headers={"HX-Request": "true"})
        assert (answer.status_code, "HX-Redirect" in answer.headers) == (200, False)
        assert "You are signed out" in answer.content.decode()

    def test_of_whether_a_page_is_current_still_leads_away(self, db: None) -> None:
        assert "HX-Redirect" in Client().get("/", headers={"HX-Request": "true"}).headers


class TestThePage:
    def test_carries_a_mark_in_each_form_that_posts(self, cast: Cast, pairing: Pairing) -> None:
        page = Page(_as(cast.dana).get(NEW))
        forms = [form for form in page.all("form") if form.attributes.get("method") == "post"]
        assert [len(form.all("input", name=typed.MARK)) for form in forms] == [1] * len(forms)

    def test_of_a_stranger_carries_none(self, db: None) -> None:
        assert Page(Client().get(DOOR)).all("input", name=typed.MARK) == []

    def test_that_does_not_say_where_its_form_stood_leads_to_what_was_typed(self, cast: Cast) -> None:
        client = Client()
        answer = client.post("/audit/reviews/1/note/", {"note": "Odd.", typed.MARK: typed.mark_of(cast.max.pk)})
        page = sign_in(client, cast.max, answer)
        assert (page.heading, "Odd." in page.main.text) == ("What you typed", True)

    @pytest.mark.parametrize(
        "referer", ["https://evil.example.org/", "http://testserver.evil.example.org/", f"{HOST}/nowhere/", "x", "//"]
    )
    def test_that_is_none_of_ours_is_not_gone_back_to(self, referer: str, cast: Cast) -> None:
        fields = {"note": "Seen.", typed.MARK: typed.mark_of(cast.lee.pk)}
        answer = Client().post("/mitigations/MIT-1/approve/", fields, headers={"referer": referer})
        assert answer.headers["Location"].startswith("/account/login/?next=/account/typed/")


def test_signing_in_leaves_no_event_of_what_was_typed(cast: Cast, pairing: Pairing) -> None:
    client = Client()
    sign_in(client, cast.dana, ask_signed_out(client, cast.dana, pairing))
    assert [event.deed for event in Event.objects.all()] == ["account.signed-in"]
