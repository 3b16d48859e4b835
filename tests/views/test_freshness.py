from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from time_machine import travel

from audit.selectors import head, newest_of
from mitigations.models import KentikView, Lane, Mitigation
from tests.making import NOW, make_pairing
from tests.views.asking import ask
from tests.views.pages import Element, Page

HTMX = {"HX-Request": "true"}


@pytest.fixture
def ana(signed_in) -> Client:
    return signed_in("ana")


@pytest.fixture
def asked(signed_in) -> Mitigation:
    ask(signed_in("dana"), make_pairing())
    return Mitigation.objects.get()


@pytest.fixture
def address(asked: Mitigation) -> str:
    return f"/mitigations/{asked.reference}/"


class TestAPageThatAsksWhetherItIsCurrent:
    def test_is_told_that_nothing_is_new(self, ana: Client, address: str) -> None:
        answer = ana.get(address, {"seen": head()}, headers=HTMX)
        assert (answer.status_code, answer.content) == (204, b"")

    def test_is_told_to_load_anew_when_something_happened(self, ana: Client, address: str) -> None:
        answer = ana.get(address, {"seen": head() - 1}, headers=HTMX)
        assert answer.headers["HX-Refresh"] == "true"
        assert answer.content == b""

    @pytest.mark.parametrize("seen", ["", "fish", "-1", "%00", "9" * 50])
    def test_with_a_number_that_makes_no_sense_loads_anew(self, seen: str, ana: Client, address: str) -> None:
        answer = ana.get(f"{address}?seen={seen}", headers=HTMX)
        assert answer.headers["HX-Refresh"] == "true"

    def test_asks_with_the_number_that_it_shows(self, ana: Client, address: str) -> None:
        asks = Page(ana.get(address)).main.all("div", hx_swap="none")[0]
        question = asks.attributes["hx-get"]
        assert ana.get(question, headers=HTMX).status_code == 204

    def test_is_sent_to_sign_in_when_the_session_is_over(self, address: str) -> None:
        """A plain redirect would be followed by htmx and swapped into nothing: the page would stand still for ever."""
        answer = Client().get(address, {"seen": 1}, headers=HTMX)
        assert "HX-Redirect" in answer.headers or "HX-Refresh" in answer.headers


class TestAPlainVisit:
    def test_with_a_number_is_a_page(self, ana: Client, address: str) -> None:
        answer = ana.get(address, {"seen": head()})
        assert answer.status_code == 200
        assert "<h1>" in answer.content.decode()

    def test_by_htmx_without_a_number_is_a_page(self, ana: Client, address: str) -> None:
        assert "<h1>" in ana.get(address, headers=HTMX).content.decode()


class TestOneMitigationsPage:
    def test_does_not_load_anew_for_what_happens_to_another(self, signed_in, ana: Client, asked: Mitigation) -> None:
        seen = newest_of(asked.reference)
        ask(signed_in("dana"), asked.pairing, ip_cidr="203.0.113.8")
        answer = ana.get(f"/mitigations/{asked.reference}/", {"seen": seen}, headers=HTMX)
        assert answer.status_code == 204

    def test_tells_whoever_may_see_nothing_nothing(self, signed_in, asked: Mitigation) -> None:
        answer = signed_in("eve").get(f"/mitigations/{asked.reference}/", {"seen": 1}, headers=HTMX)
        assert answer.status_code == 403


class TestTheBoardOfTheOverview:
    """It is swapped where it hangs: see ADR 7."""

    def ask(self, client: Client, mark: str = "", address: str = "/") -> HttpResponse:
        return client.get(address, headers={**HTMX, "If-None-Match": mark})

    def test_comes_alone_with_the_foot_of_the_page(self, ana: Client, asked: Mitigation) -> None:
        Lane.objects.create(fence=1)
        answer = self.ask(ana)
        page = Page(answer)
        assert [each.tag for each in page.children if isinstance(each, Element)] == ["div", "footer"]
        assert page.all("footer")[0].attributes["hx-swap-oob"] == "true"
        assert asked.target in page.text

    def test_is_not_sent_again_while_there_is_nothing_new(self, ana: Client, asked: Mitigation) -> None:
        board = Page(ana.get("/")).all(id="board")[0]
        mark = json.loads(board.attributes["hx-headers"])["If-None-Match"]
        answer = self.ask(ana, mark, board.attributes["hx-get"])
        assert (answer.status_code, answer.content) == (304, b"")

    def test_is_sent_again_when_something_happened(self, ana: Client, signed_in, asked: Mitigation) -> None:
        mark = self.ask(ana)["ETag"]
        ask(signed_in("dana"), asked.pairing, ip_cidr="203.0.113.8")
        assert "203.0.113.8" in self.ask(ana, mark).content.decode()

    def test_is_sent_again_when_kentik_was_looked_at(self, ana: Client, asked: Mitigation) -> None:
        mark = self.ask(ana)["ETag"]
        KentikView.objects.update_or_create(pk=KentikView.THE_ONE, defaults={"tried_at": NOW})
        assert self.ask(ana, mark).status_code == 200

    def test_is_sent_again_after_half_a_minute_for_what_goes_wrong_by_waiting(self, ana: Client) -> None:
        mark = self.ask(ana)["ETag"]
        with travel(NOW + timedelta(seconds=31), tick=False):
            assert self.ask(ana, mark).status_code == 200

    def test_is_another_one_for_somebody_else(self, ana: Client, signed_in) -> None:
        assert self.ask(signed_in("max"), self.ask(ana)["ETag"]).status_code == 200

    def test_of_a_wall_is_another_one(self, ana: Client) -> None:
        assert self.ask(ana, self.ask(ana)["ETag"], "/?wall=1").status_code == 200

    @pytest.mark.parametrize("mark", ["fish", '"', "W/", "*x", "\x00", "9" * 500])
    def test_is_sent_to_whoever_asks_with_nonsense(self, mark: str, ana: Client) -> None:
        assert self.ask(ana, mark).status_code == 200

    def test_sends_whoever_has_no_session_to_sign_in(self) -> None:
        assert "HX-Redirect" in self.ask(Client()).headers

    def test_is_not_shown_to_whoever_may_see_nothing(self, signed_in) -> None:
        assert self.ask(signed_in("eve")).status_code == 403
