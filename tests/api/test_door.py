"""Who is let in, and what never gets out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts import tokens
from accounts.authority import Scope
from accounts.bearer import make
from accounts.models import ApiToken, KeptAnswer
from audit.models import Event
from mitigations.models import Exchange, Mitigation
from portal.logging import JsonFormatter, PlainFormatter
from tests.api.calling import Answer, Caller, terms
from tests.making import NOW, make_pairing, make_token
from tests.people import Cast, acting, browser_of

pytestmark = pytest.mark.django_db
Calls = Callable[..., Caller]


class TestTheHeader:
    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic {}", "{}", "Token {}"])
    def test_brings_a_token_as_bearer_and_in_no_other_way(self, cast: Cast, header: str) -> None:
        token = make_token(cast.dana).text
        answer = Caller().get("/me", Authorization=header.format(token))

        assert (answer.status, answer.codes) == (401, ["no-token"])

    @pytest.mark.parametrize("header", ["bearer {}", "BEARER {}", "Bearer  {} "])
    def test_is_read_as_http_reads_it(self, cast: Cast, header: str) -> None:
        token = make_token(cast.dana).text

        assert Caller().get("/me", Authorization=header.format(token)).status == 200

    def test_is_refused_by_name_when_it_is_no_token_of_ours(self, cast: Cast) -> None:
        answer = Caller(make()).get("/me")

        assert (answer.status, answer.codes) == (401, ["unknown-token"])
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]

    @pytest.mark.parametrize("name", ["token", "access_token", "x"])
    def test_is_the_only_place_for_it(self, cast: Cast, name: str) -> None:
        token = make_token(cast.dana).text
        for caller in (Caller(), Caller(token)):
            answer = caller.get("/mitigations", {name: token})

            assert (answer.status, answer.codes) == (400, ["token-in-address"])
            assert token not in answer.raw.content.decode()


class TestSessionsAndTokens:
    def test_a_session_does_not_open_the_api(self, cast: Cast) -> None:
        answer = Answer(browser_of(cast.dana).get("/api/v1/me"))

        assert (answer.status, answer.codes) == (401, ["no-token"])

    def test_a_session_of_another_changes_nothing_about_the_token(self, cast: Cast) -> None:
        token, browser = make_token(cast.dana).text, browser_of(cast.max)
        answer = Answer(browser.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}))

        assert answer.body["username"] == "dana"

    @pytest.mark.parametrize("page", ["/", "/mitigations/", "/account/tokens/", "/api/"])
    def test_a_token_opens_no_page(self, cast: Cast, page: str) -> None:
        token = make_token(cast.dana).text
        answer = Caller(token).client.get(page, headers={"Authorization": f"Bearer {token}"})

        assert (answer.status_code, answer.headers["Location"].startswith("/account/login/")) == (302, True)


class TestWhenItEnds:
    def test_is_at_once_when_it_is_revoked(self, cast: Cast) -> None:
        made = make_token(cast.dana)
        caller = Caller(made.text)
        assert caller.get("/me").status == 200
        tokens.revoke(id=made.token.pk, by=acting(cast.dana), at=NOW)

        assert (caller.get("/me").status, caller.get("/me").codes) == (401, ["revoked-token"])

    def test_is_at_once_with_its_owner(self, calls: Calls, cast: Cast) -> None:
        dana = calls("dana")
        cast.dana.is_active = False
        cast.dana.save()

        assert (dana.get("/me").status, dana.get("/me").codes) == (401, ["owner-gone"])

    def test_is_when_it_expires(self, cast: Cast, clock: time_machine.Traveller) -> None:
        caller = Caller(make_token(cast.dana, lasts=timedelta(days=1)).text)
        clock.shift(timedelta(days=1))

        assert caller.get("/me").codes == ["expired-token"]

    def test_outside_its_networks_it_was_never_open(self, cast: Cast) -> None:
        answer = Caller(make_token(cast.dana, networks=("192.0.2.0/24",)).text).get("/me")

        assert (answer.status, answer.codes) == (403, ["network"])


class TestErrorsBelowIt:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/nowhere", 404),
            ("GET", "/", 404),
            ("DELETE", "/mitigations", 405),
            ("PUT", "/mitigations/MIT-1", 405),
            ("HEAD", "/mitigations", 405),
            ("OPTIONS", "/mitigations", 405),
            ("GET", "/mitigations/preview", 405),
        ],
    )
    def test_have_the_one_shape(self, calls: Calls, cast: Cast, method: str, path: str, status: int) -> None:
        answer = calls("dana").send(method, path)

        assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
        if method != "HEAD":
            assert (answer.body["status"], answer.body["instance"]) == (status, f"/api/v1{path}")
            assert answer.body["request_id"] == answer.headers["X-Request-ID"]
            assert "page" not in answer.body["detail"]

    def test_say_nothing_of_what_broke(self, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*args: object, **kwargs: object) -> None:
            raise RuntimeError("a secret of ours")

        monkeypatch.setattr("mitigations.selectors.catalogue.everything", broken)
        answer = calls("dana").get("/catalogue")

        assert (answer.status, answer.body["type"]) == (500, "urn:breakwater:problem:broken")
        assert "secret" not in answer.raw.content.decode()

    def test_refuse_what_is_too_large_before_it_is_read(self, calls: Calls) -> None:
        answer = calls("dana").send("POST", "/mitigations", b" " * 300_000)

        assert (answer.status, answer.body["type"]) == (413, "urn:breakwater:problem:too-large")

    def test_refuse_what_comes_in_chunks_rather_than_take_it_for_empty(self, calls: Calls) -> None:
        answer = calls("dana").send("POST", "/mitigations", Transfer_Encoding="chunked")

        assert (answer.status, answer.body["type"]) == (411, "urn:breakwater:problem:no-length")

    def test_refuse_what_is_no_json(self, calls: Calls) -> None:
        answer = calls("dana").send(
            "POST", "/mitigations", b"target=203.0.113.7", kind="application/x-www-form-urlencoded"
        )

        assert (answer.status, answer.body["type"]) == (415, "urn:breakwater:problem:not-json")


class TestWithoutTls:
    def test_refuses_rather_than_leads_on(self, calls: Calls, settings: Any) -> None:
        settings.HTTPS_ONLY = settings.SECURE_SSL_REDIRECT = True
        answer = calls("dana").get("/me")

        assert (answer.status, answer.body["detail"]) == (
            403,
            "The API is reached by https alone. A token that was sent like this is to be revoked.",
        )


class TestASecret:
    """A token is looked for wherever something is kept or told."""

    def test_reaches_no_answer_no_log_and_no_row(
        self, cast: Cast, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        made = make_token(cast.dana)
        caller, pairing = Caller(made.text), make_pairing()
        with caplog.at_level(logging.DEBUG):
            answers = [
                caller.get("/me"),
                caller.post("/mitigations", terms(pairing), Idempotency_Key="one", User_Agent=f"curl {made.text}"),
                caller.post("/mitigations", terms(pairing, target=made.text)),
                caller.get(f"/mitigations/{made.text}"),
                caller.get("/mitigations", {made.text: "1"}),
                caller.post("/mitigations", {made.text: 1}),
                Caller(made.text[:-1]).get("/me"),
            ]
        kept = [
            *Event.objects.values_list("body", "detail"),
            *ApiToken.objects.values_list(),
            *KeptAnswer.objects.values_list(),
            *Mitigation.objects.values_list(),
            *Exchange.objects.values_list("body", "detail"),
        ]
        formatted = [form.format(record) for record in caplog.records for form in (JsonFormatter(), PlainFormatter())]
        secret = made.text[10:-1]

        assert [answer.status for answer in answers] == [200, 201, 422, 404, 400, 422, 401]
        assert secret not in "".join(answer.raw.content.decode() for answer in answers)
        assert secret not in str(kept)
        assert formatted
        assert secret not in "".join(formatted)

    def test_stands_in_no_debug_page(self, cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.DEBUG = True
        made = make_token(cast.dana)

        def broken(*args: object, **kwargs: object) -> None:
            raise RuntimeError("broken")

        monkeypatch.setattr("mitigations.selectors.catalogue.everything", broken)
        answer = Caller(made.text).get("/catalogue")

        assert answer.status == 500
        assert made.text[10:] not in answer.raw.content.decode()


class TestRights:
    def test_are_told(self, calls: Calls) -> None:
        body = calls("dana", Scope.READ, Scope.ASK, Scope.DECIDE).get("/me").body

        allowed = {each["deed"] for each in body["rights"] if each["allowed"]}
        assert (body["username"], body["roles"]) == ("dana", ["break-glass", "requester"])
        assert allowed == {"view", "ask", "withdraw"}
        assert {each["deed"]: each["why_not"] for each in body["rights"]}["approve"] == "Only approvers may approve."
        assert body["token"]["scopes"] == ["read", "ask", "decide"]
