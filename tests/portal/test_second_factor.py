"""Second factors over HTTP: setting one up, signing in with it, losing it. Codes come from the secret, as an app makes
them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.sessions.models import Session
from django.test import Client

from accounts import factors, sessions
from accounts.models import OpenSession, User
from accounts.secrets import new_key
from audit import selectors
from audit.models import Event, Item
from audit.refusal import Conflict, Forbidden
from tests.making import NOW
from tests.people import Cast, acting, browser_of
from tests.views.facts import deeds
from tests.views.pages import Page

DOOR, STEP = "/account/login/", "/account/login/second-step/"
PASSWORD = "harbour-tide-1234"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


@pytest.fixture
def lee(cast: Cast, settings) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cast.lee.set_password(PASSWORD)
    cast.lee.save()
    return cast.lee


@pytest.fixture
def app(lee: User) -> User:
    """lee has an authenticator app."""
    factors.add_app(secret=SECRET, by=acting(lee), at=NOW)
    return lee


def code(secret: str = SECRET, *, ahead: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(NOW.timestamp()) // 30 + ahead))


def sign_in(client: Client, **typed: str) -> Any:
    return client.post(DOOR, {"username": "lee", "password": PASSWORD, **typed})


class TestSettingUpAnApp:
    def set_up(self, client: Client, typed: str | None = None) -> Page:
        page = Page(client.get("/account/second-factor/app/"))
        secret = page.all("p", class_="mono")[0].text.replace(" ", "")
        return Page(client.post("/account/second-factor/app/", {"code": typed or code(secret)}))

    def test_shows_a_key_and_takes_its_code(self, lee: User) -> None:
        page = self.set_up(browser_of(lee))
        assert page.status == 200
        assert Authenticator.objects.filter(user=lee, type="totp").count() == 1
        assert deeds() == [("lee", "account.factor-added", "done"), ("lee", "account.codes-made", "done")]

    def test_shows_ten_recovery_codes_this_once(self, lee: User) -> None:
        client = browser_of(lee)
        codes = [each.text for each in self.set_up(client).all("ul", class_="mono")[0].all("li")]
        assert (len(codes), len(set(codes)), {len(each) for each in codes}) == (10, 10, {8})
        assert codes[0] not in client.get("/account/second-factor/").content.decode()

    def test_takes_no_wrong_code(self, lee: User) -> None:
        page = self.set_up(browser_of(lee), "000000")
        assert (page.status, Authenticator.objects.exists()) == (422, False)

    def test_keeps_the_same_key_after_a_wrong_code(self, lee: User) -> None:
        client = browser_of(lee)
        first = Page(client.get("/account/second-factor/app/")).all("p", class_="mono")[0].text
        again = Page(client.post("/account/second-factor/app/", {"code": "000000"})).all("p", class_="mono")[0].text
        assert again == first

    def test_is_not_offered_without_a_key_to_encrypt_it_by(self, lee: User, settings) -> None:
        settings.FACTOR_KEYS = []
        client = browser_of(lee)
        assert client.get("/account/second-factor/app/").status_code == 404
        assert "Second factors are off" in Page(client.get("/account/second-factor/")).main.text

    def test_needs_a_fresh_proof(self, lee: User) -> None:
        client = Client()
        client.force_login(lee)
        answer = client.get("/account/second-factor/app/")
        assert answer.headers["Location"] == "/account/proof/?next=%2Faccount%2Fsecond-factor%2Fapp%2F"


class TestSigningInWithAnApp:
    def test_takes_the_password_and_then_the_code(self, app: User) -> None:
        client = Client()
        assert sign_in(client, next="/approvals/").headers["Location"] == STEP
        assert client.get("/").status_code == 302, "the password alone is not enough"
        assert client.post(STEP, {"code": code()}).headers["Location"] == "/approvals/"
        assert client.get("/approvals/").status_code == 200

    def test_says_how_in_the_event(self, app: User) -> None:
        client = Client()
        sign_in(client)
        client.post(STEP, {"code": code()})
        body = json.loads(Event.objects.get(deed="account.signed-in").body)
        assert body["facts"] == {"how": "password and authenticator app"}

    @pytest.mark.parametrize("wrong", ["000000", "", "abcdef", "1" * 20])
    def test_takes_no_wrong_code(self, app: User, wrong: str) -> None:
        client = Client()
        sign_in(client)
        assert client.post(STEP, {"code": wrong}).status_code == 422
        assert client.get("/").status_code == 302

    def test_takes_a_code_once(self, app: User) -> None:
        first, second = Client(), Client()
        for client in (first, second):
            sign_in(client)
        assert first.post(STEP, {"code": code()}).status_code == 302
        assert second.post(STEP, {"code": code()}).status_code == 422

    def test_takes_the_code_of_half_a_minute_ago_and_none_older(self, app: User) -> None:
        client = Client()
        sign_in(client)
        assert client.post(STEP, {"code": code(ahead=-2)}).status_code == 422
        assert client.post(STEP, {"code": code(ahead=-1)}).status_code == 302

    def test_takes_a_recovery_code_once(self, app: User) -> None:
        [first, *_] = factors.make_codes(by=acting(app), at=NOW)
        clients = Client(), Client()
        for client in clients:
            sign_in(client)
        assert [client.post(STEP, {"code": first}).status_code for client in clients] == [302, 422]

    def test_counts_codes_that_are_wrong(self, app: User, settings) -> None:
        settings.TRIES_PER_ACCOUNT = 3
        client = Client()
        sign_in(client)
        for _ in range(3):
            client.post(STEP, {"code": "000000"})
        page = Page(client.post(STEP, {"code": code()}))
        assert "Too many codes were wrong" in page.alarms[0]

    def test_tells_the_log_that_a_code_was_wrong(self, app: User) -> None:
        client = Client()
        sign_in(client)
        client.post(STEP, {"code": "000000"})
        assert selectors.story("lee")[-1].sentence == "lee could not sign in: The second factor was wrong."

    def test_without_a_password_before_it_is_nothing(self, app: User) -> None:
        assert Client().post(STEP, {"code": code()}).headers["Location"] == DOOR

    def test_of_somebody_who_has_left_meanwhile_is_refused(self, app: User) -> None:
        client = Client()
        sign_in(client)
        User.objects.filter(pk=app.pk).update(is_active=False)
        client.post(STEP, {"code": code()})
        assert client.get("/").status_code == 302

    def test_opens_an_account_that_strangers_have_locked(self, app: User, settings) -> None:
        settings.TRIES_PER_ACCOUNT = 3
        for number in range(4):
            sign_in(Client(REMOTE_ADDR=f"198.51.100.{number}"), password="guess")
        client = Client(REMOTE_ADDR="203.0.113.5")
        door = Page(sign_in(client))
        assert (door.status, "code" in door.typed) == (429, True)
        assert sign_in(client, code=code()).headers["Location"] == "/"
        assert client.get("/").status_code == 200

    def test_does_not_tell_a_stranger_whether_password_or_code_was_wrong(self, app: User, settings) -> None:
        settings.TRIES_PER_ACCOUNT = 1
        for number in range(2):
            sign_in(Client(REMOTE_ADDR=f"198.51.100.{number}"), password="guess")

        def answer(number: int, **typed: str) -> tuple[int, list[str]]:
            page = Page(sign_in(Client(REMOTE_ADDR=f"203.0.113.{number}"), **typed))
            return page.status, page.alarms

        assert answer(1, code="000000") == answer(2, password="guess", code="000000") == answer(3)
        assert answer(4, password="guess", code=code())[0] == 429


class TestLosingIt:
    def test_an_administrator_takes_it_away_and_ends_the_sessions(self, app: User, cast: Cast) -> None:
        client = Client()
        sign_in(client)
        client.post(STEP, {"code": code()})
        factors.reset_factors(username=app.username, note="Lost a phone.", by=acting(cast.max), at=NOW)
        assert client.get("/").headers["Location"].startswith(DOOR)
        assert not Authenticator.objects.exists()
        assert sign_in(Client()).headers["Location"] == "/", "the password alone is enough again"

    def test_is_an_event_that_wants_a_look(self, app: User, cast: Cast) -> None:
        factors.reset_factors(username=app.username, note="Lost a phone.", by=acting(cast.max), at=NOW)
        sentence = "max took away the second factors of lee (authenticator app), and ended their sessions"
        assert selectors.story("lee")[-1].sentence == sentence
        assert Item.objects.get().kind == "people"

    @pytest.mark.parametrize("who", ["dana", "lee", "ana", "eve"])
    def test_nobody_else_does(self, who: str, app: User, cast: Cast) -> None:
        with pytest.raises(Forbidden):
            factors.reset_factors(username=app.username, note="Lost a phone.", by=acting(getattr(cast, who)), at=NOW)
        assert Authenticator.objects.exists()

    def test_of_somebody_who_has_none_is_told(self, lee: User, cast: Cast) -> None:
        with pytest.raises(Conflict, match="has no second factor"):
            factors.reset_factors(username=lee.username, note="Lost a phone.", by=acting(cast.max), at=NOW)


class TestARoleThatDemandsOne:
    @pytest.fixture(autouse=True)
    def _demanded(self, settings) -> None:
        settings.SECOND_FACTOR_ROLES = ["approver"]

    @pytest.mark.parametrize("path", ["/", "/mitigations/", "/approvals/", "/account/preferences/", "/account/"])
    def test_leads_to_setting_it_up_from_everywhere(self, path: str, lee: User) -> None:
        assert browser_of(lee).get(path).headers["Location"] == "/account/second-factor/"

    @pytest.mark.parametrize("path", ["/account/second-factor/", "/account/second-factor/app/", "/account/proof/"])
    def test_lets_somebody_set_it_up(self, path: str, lee: User) -> None:
        assert browser_of(lee).get(path).status_code == 200

    def test_lets_nobody_act_before(self, lee: User) -> None:
        answer = browser_of(lee).post("/mitigations/MIT-1/approve/", {"note": "x"})
        assert answer.headers["Location"] == "/account/second-factor/"

    def test_lets_them_go_on_once_they_have_it(self, app: User) -> None:
        assert browser_of(app).get("/approvals/").status_code == 200

    def test_asks_nothing_of_others(self, lee: User, cast: Cast) -> None:
        assert browser_of(cast.dana).get("/").status_code == 200

    def test_keeps_them_from_removing_the_last(self, app: User) -> None:
        pk = Authenticator.objects.get().pk
        client = browser_of(app)
        page = Page(client.post(f"/account/second-factor/{pk}/remove/", follow=True))
        assert "Your role demands a second factor" in page.notices[0]
        assert Authenticator.objects.exists()


class TestRemoving:
    def test_takes_the_recovery_codes_with_the_last(self, app: User) -> None:
        factors.make_codes(by=acting(app), at=NOW)
        pk = Authenticator.objects.get(type="totp").pk
        browser_of(app).post(f"/account/second-factor/{pk}/remove/")
        assert not Authenticator.objects.exists()

    def test_reaches_nobody_else_s(self, app: User, cast: Cast) -> None:
        pk = Authenticator.objects.get().pk
        assert browser_of(cast.kim).post(f"/account/second-factor/{pk}/remove/").status_code == 404
        assert Authenticator.objects.exists()


class TestSecrets:
    def test_stand_nowhere_in_clear(self, app: User) -> None:
        """Neither the key of the app, nor a recovery code, in any row or event."""
        codes = factors.make_codes(by=acting(app), at=NOW)
        rows = "".join(str(row.data) for row in Authenticator.objects.all())
        rows += "".join(f"{event.body}{event.detail}" for event in Event.objects.all())
        assert not [secret for secret in (SECRET, *codes) if secret in rows]

    def test_stand_in_no_session_in_clear(self, lee: User) -> None:
        client = browser_of(lee)
        shown = Page(client.get("/account/second-factor/app/")).all("p", class_="mono")[0].text.replace(" ", "")
        assert shown not in json.dumps(dict(client.session))

    def test_that_cannot_be_read_let_nobody_in_and_break_nothing(self, app: User, settings) -> None:
        client = Client()
        sign_in(client)
        for keys in ([new_key()], []):
            settings.FACTOR_KEYS = keys
            assert client.post(STEP, {"code": code()}).status_code == 422

    def test_are_read_by_a_former_key_until_they_are_encrypted_anew(self, app: User, settings) -> None:
        [old] = settings.FACTOR_KEYS
        settings.FACTOR_KEYS = [new_key(), old]
        assert factors.matching(app, code()) is not None
        assert factors.rotate_keys() == 1
        settings.FACTOR_KEYS = settings.FACTOR_KEYS[:1]
        assert factors.matching(app, code(ahead=1)) is not None


class TestSessions:
    def test_begin_with_a_row_that_their_owner_sees(self, lee: User) -> None:
        client = Client(REMOTE_ADDR="203.0.113.5", headers={"user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
        sign_in(client)
        row = Page(client.get("/account/")).all("tbody")[0].all("tr")[0].text
        assert ("Firefox on Linux" in row, "203.0.113.5" in row, "this one" in row) == (True, True, True)

    def test_are_dead_at_once_when_their_owner_ends_them(self, lee: User) -> None:
        here, there = Client(), Client()
        for client in (here, there):
            sign_in(client)
        here.post("/account/sessions/end/", {"session": "others"})
        assert (here.get("/").status_code, there.get("/").status_code) == (200, 302)
        assert selectors.story("lee")[-1].sentence == "lee ended 1 of the sessions of lee"

    def test_are_ended_one_by_one(self, lee: User) -> None:
        clients = [Client() for _ in range(3)]
        for client in clients:
            sign_in(client)
        one = OpenSession.objects.get(key=clients[1].session.session_key)
        clients[0].post("/account/sessions/end/", {"session": one.pk})
        assert [client.get("/").status_code for client in clients] == [200, 302, 200]

    def test_of_somebody_else_cannot_be_ended(self, lee: User, cast: Cast) -> None:
        client = Client()
        sign_in(client)
        browser_of(cast.kim).post("/account/sessions/end/", {"session": OpenSession.objects.get().pk})
        assert client.get("/").status_code == 200

    def test_end_when_nobody_has_done_anything_for_long(self, lee: User, clock) -> None:
        client = Client()
        sign_in(client)
        clock.shift(timedelta(hours=3, minutes=59))
        assert client.get("/").status_code == 200
        clock.shift(timedelta(hours=4, minutes=1))
        assert client.get("/").headers["Location"].startswith(DOOR)
        assert not OpenSession.objects.exists()

    def test_end_after_a_working_day_whatever_is_done(self, lee: User, clock) -> None:
        client = Client()
        sign_in(client)
        for _ in range(4):
            clock.shift(timedelta(hours=3))
            client.get("/")
        clock.shift(timedelta(seconds=1))
        assert client.get("/").status_code == 302

    @pytest.mark.parametrize(
        "headers",
        [{"HX-Request": "true"}, {"Sec-Fetch-Mode": "navigate"}, {"Sec-Fetch-Mode": "cors"}],
        ids=["asks", "reloads", "fetches"],
    )
    def test_are_not_kept_open_by_a_page_that_looks_by_itself(self, headers: dict[str, str], lee: User, clock) -> None:
        client = Client()
        sign_in(client)
        for _ in range(3):
            clock.shift(timedelta(hours=1, minutes=30))
            client.get("/", headers=headers)
        assert client.get("/").status_code == 302

    def test_are_kept_open_by_a_person(self, lee: User, clock) -> None:
        client = Client()
        sign_in(client)
        for _ in range(3):
            clock.shift(timedelta(hours=1, minutes=30))
            client.get("/", headers={"Sec-Fetch-Mode": "navigate", "Sec-Fetch-User": "?1"})
        assert client.get("/").status_code == 200

    def test_are_forgotten_once_they_are_over(self, lee: User, clock) -> None:
        sign_in(Client())
        sessions.clear(at=NOW + timedelta(hours=12))
        assert OpenSession.objects.exists()
        sessions.clear(at=NOW + timedelta(hours=12, seconds=1))
        assert not OpenSession.objects.exists()

    def test_end_with_signing_out(self, lee: User) -> None:
        client = Client()
        sign_in(client)
        client.post("/account/logout/")
        assert (OpenSession.objects.count(), Session.objects.count()) == (0, 0)


class TestChangingThePassword:
    NEW = "lantern granite beacon"

    def change(self, client: Client, **typed: str) -> Page:
        fields = {"old_password": PASSWORD, "new_password": self.NEW, "new_password_again": self.NEW, **typed}
        return Page(client.post("/account/password/", fields, follow=True))

    def test_sets_it_and_ends_every_other_session(self, lee: User) -> None:
        here, there = Client(), Client()
        for client in (here, there):
            sign_in(client)
        assert self.change(here).status == 200
        lee.refresh_from_db()
        assert lee.check_password(self.NEW)
        assert (here.get("/").status_code, there.get("/").status_code) == (200, 302)
        assert deeds()[-1] == ("lee", "account.password-set", "done")

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("old_password", {"old_password": "guess"}),
            ("new_password", {"new_password": "short", "new_password_again": "short"}),
            ("new_password", {"new_password": "password1234", "new_password_again": "password1234"}),
            ("new_password_again", {"new_password_again": "something else"}),
        ],
    )
    def test_tells_what_is_wrong(self, field: str, typed: dict[str, str], lee: User) -> None:
        client = Client()
        sign_in(client)
        page = self.change(client, **typed)
        assert (page.status, bool(page.all(id=f"id_{field}_error"))) == (422, True)
        lee.refresh_from_db()
        assert lee.check_password(PASSWORD)

    def test_is_no_way_to_guess_the_old_one(self, lee: User, settings) -> None:
        settings.TRIES_PER_ACCOUNT = 3
        client = Client()
        sign_in(client)
        for _ in range(3):
            self.change(client, old_password="guess")
        assert self.change(client).status == 422
