from __future__ import annotations

import logging
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

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


def test_a_host_that_is_not_ours_gets_a_page_of_ours(db: None) -> None:
    answer = Client(raise_request_exception=False).get("/account/login/", headers={"host": "evil.example.org"})
    assert answer.status_code == 400
    assert answer.headers["X-Request-ID"] in answer.content.decode()


def test_a_form_with_too_many_fields_gets_a_page_of_ours(dana: Client) -> None:
    answer = dana.post("/mitigations/new/", {f"field-{number}": "x" for number in range(1200)})
    assert (answer.status_code, Page(answer).heading) == (400, "This request makes no sense")
