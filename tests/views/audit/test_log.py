from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts.services import record_sign_in
from audit.ledger import recorded
from audit.refusal import Forbidden, Objection
from tests.making import NOW, make_pairing
from tests.people import Cast, acting
from tests.views.asking import ask
from tests.views.facts import everything
from tests.views.pages import Page

LOG = "/audit/"


@pytest.fixture
def ana(signed_in) -> Client:
    return signed_in("ana")


def numbers(client: Client, address: str = LOG) -> list[int]:
    return [int(row.all("td")[0].text) for row in Page(client.get(address)).all("tr") if row.all("td")]


def signings_in(cast: Cast, count: int) -> None:
    for second in range(count):
        record_sign_in(by=acting(cast.dana), at=NOW + timedelta(seconds=second))


class TestTheLog:
    def test_tells_every_deed_as_a_sentence(self, signed_in, ana: Client) -> None:
        ask(signed_in("dana"), make_pairing(), reason="Down.")
        text = Page(ana.get(LOG)).all("tbody")[0].text
        assert "dana asked for MIT-" in text
        assert "Down." in text

    def test_leads_to_the_mitigation(self, signed_in, ana: Client) -> None:
        ask(signed_in("dana"), make_pairing())
        (link,) = Page(ana.get(LOG)).all("tbody")[0].all("a")
        assert link.attributes["href"] == f"/mitigations/{link.text}/"

    def test_marks_what_was_refused_and_says_why(self, ana: Client, cast: Cast) -> None:
        with (
            pytest.raises(Forbidden),
            recorded("account.signed-in", subject="dana", by=acting(cast.dana).author, at=NOW),
        ):
            raise Forbidden([Objection(code="credentials", sentence="The password was wrong.")])
        row = Page(ana.get(LOG)).all("tr", class_="refused")[0]
        assert "dana could not sign in: The password was wrong." in row.text

    def test_is_read_without_leaving_a_trace(self, ana: Client, cast: Cast) -> None:
        signings_in(cast, 3)
        before = everything()
        ana.get(LOG)
        assert everything() == before


class TestPaging:
    def test_covers_every_event_once(self, ana: Client, cast: Cast) -> None:
        signings_in(cast, 125)
        seen, address = [], LOG
        while True:
            seen += numbers(ana, address)
            older = Page(ana.get(address)).all("a", rel="next")
            if not older:
                break
            address = LOG + older[0].attributes["href"]
        assert seen == list(range(125, 0, -1))

    def test_shows_the_newest_fifty_first(self, ana: Client, cast: Cast) -> None:
        signings_in(cast, 60)
        assert numbers(ana) == list(range(60, 10, -1))

    def test_of_one_full_page_offers_no_other(self, ana: Client, cast: Cast) -> None:
        signings_in(cast, 50)
        assert Page(ana.get(LOG)).all("a", rel="next") == []

    @pytest.mark.parametrize("query", ["before=fish", "before=-1", "before=" + "9" * 40, "before=%00", "before="])
    def test_from_a_place_that_makes_no_sense_starts_at_the_newest(self, query: str, ana: Client, cast: Cast) -> None:
        signings_in(cast, 3)
        assert numbers(ana, f"{LOG}?{query}") == [3, 2, 1]

    def test_beyond_the_end_shows_nothing(self, ana: Client, cast: Cast) -> None:
        signings_in(cast, 3)
        assert numbers(ana, f"{LOG}?before=1") == []
