from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User
from audit.models import Event
from tests.making import NOW
from tests.people import Cast
from tests.views.facts import deeds
from tests.views.pages import Page

DOOR = "/account/login/"
PASSWORD = "harbour-tide-1234"


@pytest.fixture
def dana(cast: Cast) -> User:
    cast.dana.set_password(PASSWORD)
    cast.dana.save()
    return cast.dana


def sign_in(client: Client | None = None, **typed: str) -> Any:
    return (client or Client()).post(DOOR, {"username": "dana", "password": PASSWORD, **typed})


class TestSigningIn:
    def test_leads_to_the_overview(self, dana: User) -> None:
        client = Client()
        assert sign_in(client).headers["Location"] == "/"
        assert client.get("/").status_code == 200

    def test_leads_back_to_where_somebody_wanted_to_go(self, dana: User) -> None:
        client = Client()
        door = client.get("/mitigations/new/").headers["Location"]
        hidden = Page(client.get(door)).all("input", name="next")[0].attributes["value"]
        assert sign_in(client, next=hidden).headers["Location"] == "/mitigations/new/"

    @pytest.mark.parametrize(
        "where",
        ["https://evil.example.org/", "//evil.example.org/", "javascript:alert(1)", "/\\evil.example.org", "http:///x"],
    )
    def test_leads_nowhere_else(self, where: str, dana: User) -> None:
        assert sign_in(next=where).headers["Location"] == "/"

    @pytest.mark.parametrize("where", ["https://evil.example.org/", "//evil.example.org/"])
    def test_leads_somebody_who_is_in_already_nowhere_else(self, where: str, signed_in) -> None:
        assert signed_in("dana").get(DOOR, {"next": where}).headers["Location"] == "/"

    def test_leaves_one_event_with_the_address(self, dana: User) -> None:
        sign_in()
        assert deeds() == [("dana", "account.signed-in", "done")]
        assert Event.objects.get().details["ip"] == "127.0.0.1"

    def test_gives_a_session_of_its_own(self, dana: User) -> None:
        client = Client()
        client.cookies["sessionid"] = "chosen-by-somebody-else-0000000000"
        sign_in(client)
        assert client.cookies["sessionid"].value != "chosen-by-somebody-else-0000000000"

    def test_gives_a_cookie_that_no_script_and_no_other_site_gets(self, dana: User) -> None:
        cookie = sign_in().cookies["sessionid"]
        assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")

    def test_lasts_for_a_working_day(self, dana: User) -> None:
        assert sign_in().cookies["sessionid"]["max-age"] == 12 * 60 * 60


class TestAWrongPassword:
    def test_is_answered_with_one_sentence(self, dana: User) -> None:
        page = Page(sign_in(password="wrong"))
        assert (page.status, page.alarms) == (
            422,
            ["That name and password do not fit together. Please try again."],
        )

    def test_keeps_the_name_and_not_the_password(self, dana: User) -> None:
        assert Page(sign_in(password="wrong")).typed == {"username": "dana", "password": ""}

    def test_keeps_the_place_to_go_to(self, dana: User) -> None:
        page = Page(sign_in(password="wrong", next="/approvals/"))
        assert page.all("input", name="next")[0].attributes["value"] == "/approvals/"

    def test_reads_the_same_for_a_name_that_nobody_has(self, dana: User) -> None:
        assert Page(sign_in(username="nobody")).alarms == Page(sign_in(password="wrong")).alarms

    def test_reads_the_same_for_somebody_deactivated(self, dana: User) -> None:
        User.objects.update(is_active=False)
        assert Page(sign_in()).alarms == ["That name and password do not fit together. Please try again."]

    def test_is_remembered(self, dana: User) -> None:
        sign_in(password="wrong")
        assert deeds() == [("dana", "account.signed-in", "refused")]

    def test_of_a_stranger_leaves_no_event(self, dana: User) -> None:
        sign_in(username="nobody")
        assert deeds() == []

    def test_is_remembered_once_in_ten_minutes_however_often_and_wherever_from(self, dana: User) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            for number in range(6):
                sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), password="wrong")
            assert len(deeds()) == 1
            clock.shift(timedelta(minutes=10))
            sign_in(password="wrong")
        assert len(deeds()) == 2

    def test_stands_in_no_log(self, dana: User, caplog: pytest.LogCaptureFixture) -> None:
        sign_in(password="canary-of-a-password")
        assert "canary-of-a-password" not in caplog.text
        assert not Event.objects.filter(body__contains="canary-of-a-password").exists()

    @pytest.mark.parametrize(
        "typed", [{"username": ""}, {"password": ""}, {"username": "x" * 1000}, {"username": "a\x00b"}]
    )
    def test_or_something_that_is_none_is_told(self, typed: dict[str, str], dana: User) -> None:
        assert sign_in(**typed).status_code == 422

    def test_gives_no_session(self, dana: User) -> None:
        sign_in(password="wrong")
        assert not Session.objects.exists()


class TestSigningOut:
    def test_ends_the_session(self, signed_in) -> None:
        client = signed_in("dana")
        client.post("/account/logout/")
        assert not Session.objects.exists()
        assert client.get("/").headers["Location"].startswith(DOOR)

    def test_leaves_one_event(self, signed_in) -> None:
        signed_in("dana").post("/account/logout/")
        assert deeds() == [("dana", "account.signed-out", "done")]

    def test_leads_to_the_door(self, signed_in) -> None:
        assert signed_in("dana").post("/account/logout/").headers["Location"] == DOOR

    def test_needs_the_csrf_token(self, cast: Cast) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast.dana)
        client.post("/account/logout/")
        assert Session.objects.exists()
