from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connections
from django.db.utils import load_backend
from django.http import HttpResponse
from django.test import Client, RequestFactory

from mitigations.models import Mitigation
from portal.errors import in_words
from tests.making import make_mitigation
from tests.views.pages import Page


@pytest.fixture
def dana(signed_in) -> Client:
    client = signed_in("dana")
    client.raise_request_exception = False
    return client


@pytest.fixture
def broken(dana: Client, monkeypatch: pytest.MonkeyPatch) -> HttpResponse:
    def overview(**_: Any) -> Any:
        raise RuntimeError("canary-of-a-breakdown")

    monkeypatch.setattr("mitigations.selectors.mitigations.overview", overview)
    return dana.get("/")


class TestABreakdown:
    def test_is_a_page_with_the_request_id(self, broken: HttpResponse) -> None:
        page = Page(broken)
        assert (page.status, page.heading) == (500, "Something broke on our side")
        assert broken.headers["X-Request-ID"] in page.main.text

    def test_shows_nothing_of_the_inside(self, broken: HttpResponse) -> None:
        text = broken.content.decode()
        assert "canary-of-a-breakdown" not in text
        assert "Traceback" not in text

    def test_says_what_to_do_next(self, broken: HttpResponse) -> None:
        assert "Look at the list before you try again" in Page(broken).main.text

    def test_is_logged_with_its_cause(self, broken: HttpResponse, caplog: pytest.LogCaptureFixture) -> None:
        (record,) = [record for record in caplog.get_records("setup") if record.levelno == logging.ERROR]
        assert record.exc_info is not None
        assert "canary-of-a-breakdown" in str(record.exc_info[1])


class TestNotFound:
    @pytest.mark.parametrize("path", ["/nowhere/", "/mitigations/MIT-99/", "/mitigations/new/?again=MIT-99"])
    def test_is_a_page_with_the_request_id(self, path: str, dana: Client) -> None:
        answer = dana.get(path)
        page = Page(answer)
        assert (page.status, page.heading) == (404, "Nothing is here")
        assert answer.headers["X-Request-ID"] in page.main.text

    def test_keeps_the_menu(self, dana: Client) -> None:
        assert [link.text for link in Page(dana.get("/nowhere/")).all("nav")[0].all("a")] == [
            "Overview",
            "Mitigations",
            "Catalogue",
            "Presets",
            "Sources",
            "Policy",
            "Reports",
        ]


class TestForbidden:
    def test_is_a_page_that_says_who_may(self, dana: Client) -> None:
        answer = dana.get("/approvals/")
        page = Page(answer)
        assert (page.status, page.heading) == (403, "You may not do this")
        assert "Only approvers may approve." in page.main.text
        assert answer.headers["X-Request-ID"] in page.main.text

    def test_tells_somebody_without_a_role_how_to_get_one(self, signed_in) -> None:
        page = Page(signed_in("eve").get("/"))
        assert "Your account has no role yet. An administrator can give you one." in page.main.text

    def test_shows_somebody_without_a_role_no_menu_but_the_way_out(self, signed_in) -> None:
        page = Page(signed_in("eve").get("/"))
        assert page.all("nav")[0].all("a") == []
        assert [button.text for button in page.all("button")] == ["Menu", "Sign out"]


class TestAPageTooOld:
    def test_is_told_and_nothing_is_done(self, cast) -> None:
        mitigation = make_mitigation()
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast.lee)
        answer = client.post(f"/mitigations/{mitigation.reference}/approve/")
        page = Page(answer)
        assert (page.status, page.heading) == (403, "This page was too old")
        assert "Nothing was done." in page.main.text
        assert answer.headers["X-Request-ID"] in page.main.text
        assert not mitigation.decisions.exists()

    def test_is_told_at_the_door_too(self, db: None) -> None:
        answer = Client(enforce_csrf_checks=True).post("/account/login/", {"username": "dana", "password": "x"})
        assert (answer.status_code, Page(answer).heading) == (403, "This page was too old")


class TestAHostThatIsNotOurs:
    @pytest.fixture
    def answer(self, db: None) -> HttpResponse:
        return Client(raise_request_exception=False).get("/account/login/", headers={"host": "evil.example.org"})

    def test_gets_a_page_that_says_what_to_open_instead(self, answer: HttpResponse) -> None:
        page = Page(answer)
        assert (page.status, page.heading) == (400, "The portal has another name")
        assert answer.headers["X-Request-ID"] in page.main.text

    def test_is_not_repeated_to_whoever_came_by_it(self, answer: HttpResponse) -> None:
        assert "evil.example.org" not in answer.content.decode()


class TestTooMuchAtOnce:
    def test_of_fields_is_told(self, dana: Client) -> None:
        answer = dana.post("/mitigations/new/", {f"field-{number}": "x" for number in range(1200)})
        assert (answer.status_code, Page(answer).heading) == (413, "That was too much at once")

    def test_in_one_body_is_told_with_nothing_done(self, dana: Client) -> None:
        body = urlencode({"reason": "x" * 3_000_000})
        answer = dana.post("/mitigations/new/", body, content_type="application/x-www-form-urlencoded")
        assert (answer.status_code, Page(answer).heading) == (413, "That was too much at once")
        assert not Mitigation.objects.exists()


class TestAWayThatIsNone:
    def test_is_told_and_says_which_ways_there_are(self, dana: Client) -> None:
        answer = dana.post("/reports/")
        assert (answer.status_code, Page(answer).heading) == (405, "This is no way to use this page")
        assert answer.headers["Allow"] == "GET, HEAD"

    def test_says_nothing_of_itself_to_a_head(self, dana: Client) -> None:
        assert (answer := dana.head("/account/logout/")).status_code == 405
        assert answer.content == b""


def test_a_limit_in_front_of_a_view_gets_words_and_a_time_to_wait(dana: Client, rf: RequestFactory) -> None:
    answer = in_words(rf.get("/"), HttpResponse(status=429))
    assert (Page(answer).heading, answer.headers["Retry-After"]) == ("That was too often", "60")


def test_a_limit_that_says_itself_how_long_to_wait_is_believed(rf: RequestFactory) -> None:
    answer = in_words(rf.get("/"), HttpResponse(status=429, headers={"Retry-After": "7"}))
    assert answer.headers["Retry-After"] == "7"


class TestADatabaseThatIsAway:
    """Not pretended: the file of the database is a folder, so that nothing can be opened."""

    @pytest.fixture(params=["/", "/mitigations/", "/account/login/?next=/"])
    def answer(self, request: Any, dana: Client, tmp_path: Path) -> Iterator[HttpResponse]:
        real = connections["default"]
        settings = {**real.settings_dict, "NAME": str(tmp_path), "OPTIONS": {}}
        connections["default"] = load_backend("django.db.backends.sqlite3").DatabaseWrapper(settings, "default")
        try:
            yield dana.get(request.param)
        finally:
            connections["default"] = real

    def test_is_told_with_a_time_to_wait(self, answer: HttpResponse) -> None:
        page = Page(answer)
        assert (page.status, page.heading) == (503, "The portal cannot reach its data")
        assert answer.headers["Retry-After"] == "60"
        assert answer.headers["X-Request-ID"] in page.main.text

    def test_shows_nothing_of_the_inside(self, answer: HttpResponse) -> None:
        text = answer.content.decode()
        assert "unable to open" not in text
        assert "sqlite" not in text.lower()


class TestWhatAnErrorLeadsTo:
    def test_is_the_page_before(self, dana: Client) -> None:
        headers = {"host": "testserver", "referer": "http://testserver/mitigations/?status=active"}
        assert Page(dana.get("/nowhere/", headers=headers)).links["Back"] == "/mitigations/?status=active"

    @pytest.mark.parametrize(
        "referer",
        ["http://evil.example.org/", "http://testserver//evil.example.org/", "javascript:alert(1)", "http://["],
    )
    def test_is_never_another_site(self, referer: str, dana: Client) -> None:
        page = Page(dana.get("/nowhere/", headers={"host": "testserver", "referer": referer}))
        assert (page.status, "Back" in page.links) == (404, False)

    def test_is_the_list_for_whoever_may_see_it(self, dana: Client, signed_in) -> None:
        assert Page(dana.get("/nowhere/")).links["Mitigations"] == "/mitigations/"
        assert "Mitigations" not in Page(signed_in("eve").get("/nowhere/")).links

    def test_is_the_way_in_for_a_stranger(self, db: None) -> None:
        page = Page(Client().get("/nowhere/"))
        assert page.links["Sign in"] == "/account/login/"


class TestOtherReaders:
    def test_by_htmx_get_no_page_within_a_page(self, dana: Client) -> None:
        text = dana.get("/nowhere/", headers={"HX-Request": "true"}).content.decode()
        assert "Nothing is here" in text
        assert "<nav" not in text
        assert "<html" not in text

    def test_that_want_json_get_it(self, dana: Client) -> None:
        answer = dana.get("/approvals/", headers={"accept": "application/json"})
        assert (answer.status_code, answer.json()) == (
            403,
            {
                "status": 403,
                "title": "You may not do this",
                "sentences": ["Only approvers may approve."],
                "advice": "Nothing was done. Somebody with the right can do it.",
                "request_id": answer.headers["X-Request-ID"],
            },
        )

    def test_that_want_json_get_it_of_a_breakdown_too(self, dana: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("mitigations.selectors.mitigations.overview", _break)
        answer = dana.get("/", headers={"accept": "application/json"})
        assert (answer.status_code, answer.json()["title"]) == (500, "Something broke on our side")
        assert "canary" not in answer.content.decode()


def test_a_breakdown_of_the_page_for_breakdowns_is_words_all_the_same(
    dana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mitigations.selectors.mitigations.overview", _break)
    monkeypatch.setattr("portal.errors.render_to_string", _break)
    answer = dana.get("/")
    assert (answer.status_code, Page(answer).heading) == (500, "Something broke on our side")
    assert "canary" not in answer.content.decode()


def _break(*_: Any, **__: Any) -> Any:
    raise RuntimeError("canary-of-a-breakdown")
