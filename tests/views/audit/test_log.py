from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from accounts.signing_in import record_sign_in
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


def refuse(user: User) -> None:
    """A sign-in that wants a look."""
    deed = recorded("account.signed-in", subject=user.username, by=acting(user).author, at=NOW)
    with suppress(Forbidden), deed as record:
        record.review = True
        raise Forbidden([Objection(code="credentials", sentence="The password was wrong.")])


class TestTheLog:
    def test_tells_every_deed_as_a_sentence(self, signed_in, ana: Client) -> None:
        ask(signed_in("dana"), make_pairing(), reason="Down.")
        text = Page(ana.get(LOG)).all("tbody")[0].text
        assert "dana asked for MIT-" in text
        assert "Down." in text

    def test_leads_to_the_event_to_who_did_it_and_to_every_mitigation(self, signed_in, ana: Client) -> None:
        ask(signed_in("dana"), make_pairing(), reason="Again, as in MIT-7.")
        number, person, mitigation, noted = Page(ana.get(LOG)).all("tbody")[0].all("a")
        assert number.attributes["href"] == f"/audit/{number.text}/"
        assert (person.text, person.attributes["href"]) == ("dana", "/audit/?person=dana")
        assert mitigation.attributes["href"] == f"/mitigations/{mitigation.text}/"
        assert noted.attributes["href"] == "/mitigations/MIT-7/"

    def test_marks_what_was_refused_and_says_why(self, ana: Client, cast: Cast) -> None:
        refuse(cast.dana)
        row = Page(ana.get(LOG)).all("tr", class_="refused")[0]
        assert "dana could not sign in: The password was wrong." in row.text

    def test_shows_exact_times(self, ana: Client, cast: Cast) -> None:
        signings_in(cast, 1)
        assert Page(ana.get(LOG)).all("time")[0].text == "2026-11-23 03:00:00 UTC"

    def test_is_read_without_leaving_a_trace(self, ana: Client, cast: Cast) -> None:
        signings_in(cast, 3)
        before = everything()
        ana.get(LOG)
        ana.get(f"{LOG}?words=signed&person=dana")
        assert everything() == before

    @pytest.mark.parametrize("text", ["\x00", "\ud800", "<script>"])
    def test_shows_any_note(self, text: str, ana: Client, cast: Cast) -> None:
        with recorded("account.signed-in", subject="dana", by=acting(cast.dana).author, at=NOW) as record:
            record.detail = {"note": f"[{text}]"}
        assert "[" in Page(ana.get(LOG)).all("span", class_="text")[0].text


class TestFiltering:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("person=dana", [2, 1]),
            ("person=lee", [3]),
            ("person=nobody", []),
            ("deed=account.signed-out", []),
            ("subject=dana", [2, 1]),
            ("since=2026-11-23+03:00:01", [3, 2]),
            ("until=2026-11-23+03:00:00", [1]),
            ("ip=192.0.2.99", [3, 2, 1]),
            ("ip=192.0.2.98", []),
            ("request=test", [3, 2, 1]),
            ("outcome=refused", [3]),
            ("outcome=done&person=dana", [2, 1]),
            ("review=on", [3]),
            ("words=sign+in", [3]),
            ("words=wrong&outcome=refused", [3]),
            ("words=signed&outcome=refused", []),
        ],
    )
    def test_shows_what_is_like_that(self, query: str, expected: list[int], ana: Client, cast: Cast) -> None:
        signings_in(cast, 2)
        refuse(cast.lee)
        assert numbers(ana, f"{LOG}?{query}") == expected

    def test_keeps_what_was_typed_in_its_fields_and_takes_each_away_again(self, ana: Client, cast: Cast) -> None:
        signings_in(cast, 1)
        page = Page(ana.get(f"{LOG}?words=signed&person=dana&before=9"))
        assert (page.typed["words"], page.typed["person"]) == ("signed", "dana")
        assert {chip.text: chip.attributes["href"] for chip in page.all("a", class_="chip")} == {
            "Remove Words: signed ×": "?person=dana",
            "Remove By whom: dana ×": "?words=signed",
        }

    def test_keeps_the_filter_from_page_to_page(self, ana: Client, cast: Cast) -> None:
        signings_in(cast, 51)
        (older,) = Page(ana.get(f"{LOG}?words=signed&person=dana")).all("a", rel="next")
        assert numbers(ana, LOG + older.attributes["href"]) == [1]

    def test_tells_what_to_do_when_nothing_is_like_that(self, ana: Client, cast: Cast) -> None:
        signings_in(cast, 1)
        (empty,) = Page(ana.get(f"{LOG}?words=zebra")).all("p", class_="empty")
        assert "Take a filter away, or use fewer words" in empty.text

    def test_says_what_is_wrong_and_keeps_what_was_typed(self, ana: Client, cast: Cast) -> None:
        signings_in(cast, 1)
        page = Page(ana.get(f"{LOG}?ip=fish&person=dana&since=soon"))
        assert page.status == 422
        assert "“fish” is no IP address." in page.alarms[0]
        assert (page.typed["ip"], page.typed["person"], page.typed["since"]) == ("fish", "dana", "soon")


class TestPaging:
    def test_covers_every_event_once_and_comes_back(self, ana: Client, cast: Cast) -> None:
        signings_in(cast, 125)
        seen, address = numbers(ana), LOG
        while older := Page(ana.get(address)).all("a", rel="next"):
            address = LOG + older[0].attributes["href"]
            seen += numbers(ana, address)
        assert seen == list(range(125, 0, -1))
        (newer,) = Page(ana.get(address)).all("a", rel="prev")
        assert numbers(ana, LOG + newer.attributes["href"]) == list(range(75, 25, -1))

    def test_shows_the_newest_fifty_first(self, ana: Client, cast: Cast) -> None:
        signings_in(cast, 50)
        assert numbers(ana) == list(range(50, 0, -1))
        assert Page(ana.get(LOG)).all("a", rel="next") == []

    @pytest.mark.parametrize("query", ["before=fish", "before=-1", "before=" + "9" * 40, "before=%00"])
    def test_from_a_place_that_makes_no_sense_is_refused(self, query: str, ana: Client) -> None:
        assert Page(ana.get(f"{LOG}?{query}")).status == 422

    def test_beyond_the_end_shows_nothing_and_leads_back(self, ana: Client, cast: Cast) -> None:
        signings_in(cast, 3)
        assert numbers(ana, f"{LOG}?before=1") == []
        assert Page(ana.get(f"{LOG}?before=1")).links["Show the newest"] == LOG
