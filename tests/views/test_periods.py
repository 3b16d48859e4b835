"""Signing a month off, by click."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.authority import WORKER, Role
from accounts.signing_in import record_sign_in
from audit.models import SignOff
from mitigations.services.auditing import proving, reviewing
from tests.making import NOW
from tests.people import Cast, acting, make_person
from tests.reviewing import head_of, make_asked_for, make_item, make_taken, named
from tests.views.pages import Page

PERIODS, NOVEMBER = "/audit/periods/", "/audit/periods/2026-11/"
DECEMBER = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def ana(signed_in, clock: time_machine.Traveller) -> Client:
    """In December, after what happened in November."""
    clock.move_to(DECEMBER)
    return signed_in("ana")


def sign(client: Client, **typed: Any) -> Page:
    """After the worker has verified the log."""
    proving.check(whole=True, by=WORKER, at=DECEMBER)
    given = {"head": head_of(named("2026-11")), "statement": "I looked through all of it.", **typed}
    return Page(client.post(f"{NOVEMBER}sign/", given, follow=True))


class TestTheList:
    def test_says_which_comes_next_and_by_when(self, ana: Client) -> None:
        make_asked_for()
        page = Page(ana.get(PERIODS))
        assert page.links["November 2026"] == NOVEMBER
        assert "To be signed by Friday, 11 December" in page.main.text
        assert [page.links[words] for words in ("23 November 2026", "week 48 of 2026, 23 to 29 November")] == [
            f"{PERIODS}2026-11-23/",
            f"{PERIODS}2026-W48/",
        ]

    def test_says_which_are_late(self, signed_in, clock: time_machine.Traveller) -> None:
        make_asked_for()
        clock.move_to(DECEMBER + timedelta(days=30))
        page = Page(signed_in("ana").get(PERIODS))
        assert [each.all("h3")[0].text for each in page.all("li", class_="late")] == ["November 2026"]
        assert [each.text for each in page.all("h3")] == ["November 2026", "December 2026"]

    def test_says_what_comes_when_nothing_is_over(self, signed_in) -> None:
        ana = signed_in("ana")
        assert "Nothing has happened that is not signed off." in Page(ana.get(PERIODS)).main.text
        make_asked_for()
        assert "November 2026 comes next" in Page(ana.get(PERIODS)).main.text

    def test_shows_what_is_signed(self, ana: Client, cast: Cast) -> None:
        make_asked_for()
        sign(ana)
        row = Page(ana.get(PERIODS)).all("tbody")[0].text
        assert row.startswith("November 2026 1 to 1 ana")


class TestAPeriod:
    def test_shows_exceptions_figures_and_the_sample(self, ana: Client, cast: Cast) -> None:
        ordinary, item = make_asked_for(), make_item(cast)
        page = Page(ana.get(NOVEMBER))
        wanted, sample = page.all("tbody")
        assert wanted.all("td")[0].text == str(item.number)
        assert [link.text for link in sample.all("a")] == [ordinary.reference]
        assert "events, 1 to 2 2" in page.main.text
        assert "1 is still to be reviewed." in page.main.text

    def test_is_signed_off_by_click(self, ana: Client, cast: Cast) -> None:
        make_asked_for()
        page = sign(ana)
        assert page.notices == ["You have signed off November 2026."]
        assert "I looked through all of it." in page.main.text
        assert SignOff.objects.get().last == 1

    def test_is_not_signed_while_something_is_to_be_reviewed_unless_it_is_named(self, ana: Client, cast: Cast) -> None:
        item = make_item(cast)
        page = sign(ana)
        assert (page.status, SignOff.objects.count()) == (409, 0)
        assert "1 is still to be reviewed. Close them, or name them in the sign-off." in page.alarms[0]
        assert "I looked through all of it." in page.typed.values()

        page = sign(ana, name_open="on")
        assert SignOff.objects.get().unreviewed == [item.number]
        assert page.links[str(item.number)] == f"/audit/reviews/{item.number}/"

    def test_is_signed_when_all_is_closed(self, ana: Client, cast: Cast) -> None:
        item = make_taken(cast, acting(cast.ana), at=NOW)
        reviewing.close(number=item.number, concern=False, note="Fine.", by=acting(cast.ana), at=DECEMBER)
        assert "Everything that wanted a look was reviewed." in Page(ana.get(NOVEMBER)).main.text
        assert sign(ana).status == 200
        assert SignOff.objects.get().unreviewed == []

    def test_with_own_acts_waits_for_another_auditor(self, ana: Client, cast: Cast) -> None:
        record_sign_in(by=acting(cast.ana), at=NOW)
        assert "1 of them is your own act" in Page(ana.get(NOVEMBER)).main.text
        assert "to be countersigned" in sign(ana).main.text
        assert not Page(ana.get(NOVEMBER)).all("form", id="countersign")

        ben = Client()
        ben.force_login(make_person("ben", [Role.AUDITOR]))
        page = Page(ben.get(NOVEMBER))
        assert "What ana did in it" in page.main.text
        assert "ana signed in" in page.main.text
        page = Page(ben.post(f"{NOVEMBER}countersign/", {"note": "A sign-in."}, follow=True))
        assert page.notices == ["You have countersigned November 2026."]
        assert "1, countersigned by ben" in page.main.text

    def test_says_why_it_cannot_be_signed(self, signed_in) -> None:
        ana = signed_in("ana")
        make_asked_for()
        page = Page(ana.get(NOVEMBER))
        assert page.notices == ["It is not over yet."]
        assert not page.all("form", id="sign")

    @pytest.mark.parametrize("text", ["2026-13", "2026", "now", "2026-W54", "9999-12"])
    def test_is_not_there_by_a_name_of_none(self, text: str, ana: Client) -> None:
        assert ana.get(f"{PERIODS}{text}/").status_code == 404


class TestTheReportForTheFile:
    def test_names_who_signed_what_and_in_which_words(self, ana: Client) -> None:
        make_asked_for()
        head = head_of(named("2026-11"))
        sign(ana)
        text = Page(ana.get("/audit/report/?period=2026-11")).main.text
        for words in ("ana signed off events 1 to 1", "I looked through all of it.", head, "Countersign: not needed"):
            assert words in text

    def test_says_that_nobody_has_signed_another_month(self, ana: Client) -> None:
        make_asked_for()
        sign(ana)
        assert "Not signed off." in Page(ana.get("/audit/report/?period=2026-10")).main.text
