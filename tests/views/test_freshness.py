from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from audit.selectors import head, newest_of
from mitigations.models import Mitigation
from tests.making import make_pairing
from tests.views.asking import ask
from tests.views.pages import Page

HTMX = {"HX-Request": "true"}


@pytest.fixture
def ana(signed_in) -> Client:
    return signed_in("ana")


@pytest.fixture
def asked(signed_in) -> Mitigation:
    ask(signed_in("dana"), make_pairing())
    return Mitigation.objects.get()


@pytest.fixture(params=["overview", "detail"])
def address(request: Any, asked: Mitigation) -> str:
    return "/" if request.param == "overview" else f"/mitigations/{asked.reference}/"


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
