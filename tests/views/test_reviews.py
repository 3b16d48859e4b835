"""The inbox, one item with its whole story, and questions to people: through real addresses, by click."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.authority import COMMAND_LINE
from accounts.services import set_password
from accounts.signing_in import record_sign_in
from audit.models import Item, State
from mitigations.models import Mitigation
from mitigations.policies.lifecycle import Status
from mitigations.selectors import reviews
from mitigations.services import events
from mitigations.services.auditing import reviewing
from tests.making import NOW, make_event, make_exchange, make_mitigation
from tests.people import Cast, acting
from tests.reviewing import REASON, again, make_asked, make_item, make_taken
from tests.showing import make_alarm
from tests.views.pages import Page

INBOX, QUESTIONS = "/audit/reviews/", "/account/questions/"


@pytest.fixture
def ana(signed_in) -> Client:
    return signed_in("ana")


def numbers(client: Client, address: str = INBOX) -> list[int]:
    return [int(row.all("td")[0].text) for row in Page(client.get(address)).all("tr") if row.all("td")]


def refused(mitigation: Mitigation | None = None) -> int:
    """An item that is not grave."""
    about = mitigation or make_mitigation(Status.REFUSED)
    make_event(events.BLOCKED, about, sentence="It touches 192.0.2.0/24.")
    return Item.objects.latest("number").number


def press(client: Client, number: int, step: str, **typed: Any) -> Page:
    return Page(client.post(f"{INBOX}{number}/{step}/", typed, follow=True))


class TestTheInbox:
    def test_shows_the_gravest_first_and_of_those_the_oldest(self, ana: Client, cast: Cast) -> None:
        mild, grave, graver = refused(), make_item(cast).number, make_item(cast).number
        assert numbers(ana) == [grave, graver, mild]

    def test_covers_every_item_once_page_by_page(self, ana: Client, cast: Cast, monkeypatch) -> None:
        found = [make_item(cast).number for _ in range(4)] + [refused() for _ in range(3)]
        monkeypatch.setattr(reviews.inbox, "__kwdefaults__", {**reviews.inbox.__kwdefaults__, "size": 2})
        seen, address = [], INBOX
        while True:
            seen += numbers(ana, address)
            more = Page(ana.get(address)).all("a", rel="next")
            if not more:
                break
            address = INBOX + more[0].attributes["href"]
        assert seen == found

    def test_keeps_its_filter_in_the_address(self, ana: Client, cast: Cast) -> None:
        glass, mild = make_item(cast).number, refused()
        assert numbers(ana, f"{INBOX}?kind=refused") == [mild]
        assert numbers(ana, f"{INBOX}?kind=glass") == [glass]

    def test_shows_what_is_mine_asked_closed_and_to_be_followed_up(self, ana: Client, cast: Cast) -> None:
        mine, asked = make_taken(cast, acting(cast.ana)).number, make_asked(cast, acting(cast.ana)).number
        make_item(cast)
        closed = make_taken(cast, acting(cast.ana)).number
        day = NOW.date() + timedelta(days=7)
        reviewing.close(number=closed, concern=True, note="No.", follow_up_on=day, by=acting(cast.ana), at=NOW)

        assert numbers(ana, f"{INBOX}?show=mine") == [mine, asked]
        assert numbers(ana, f"{INBOX}?show=asked") == [asked]
        assert numbers(ana, f"{INBOX}?show=closed") == [closed]
        assert numbers(ana, f"{INBOX}?show=follow-up") == [closed]

    def test_says_so_when_nothing_wants_a_look(self, ana: Client) -> None:
        assert "Nothing wants a look." in Page(ana.get(INBOX)).main.text

    @pytest.mark.parametrize("query", ["show=fish", "kind=fish", "after=x", "after=-1"])
    def test_says_what_is_wrong_with_a_filter_that_makes_no_sense(self, query: str, ana: Client) -> None:
        page = Page(ana.get(f"{INBOX}?{query}"))
        assert (page.status, len(page.alarms)) == (422, 1)

    def test_counts_in_the_menu_what_is_to_be_reviewed(self, ana: Client, cast: Cast) -> None:
        make_item(cast)
        refused()
        assert [badge.text for badge in Page(ana.get("/")).all(class_="badge")] == ["2 to review"]


class TestOneItem:
    def test_tells_the_whole_story_of_its_mitigation(self, ana: Client, cast: Cast) -> None:
        mitigation = make_mitigation(Status.ACTIVE, requested_by=cast.dana)
        make_exchange(mitigation)
        make_alarm("still-live", mitigation, sentence="Kentik shows it still.")
        make_event(events.ALARM_RAISED, mitigation, sentence="Kentik shows it still.")
        number = Item.objects.get().number

        text = Page(ana.get(f"{INBOX}{number}/")).main.text

        for part in (
            f"raised an alarm about {mitigation.reference}: Kentik shows it still.",
            "UDP flood since 02:50, the shop is down.",
            "lee approved",
            "Is still live after its end",
            "Starting it",
            mitigation.target,
        ):
            assert part in text

    def test_shows_the_events_about_what_is_no_mitigation(self, ana: Client, cast: Cast) -> None:
        set_password(username="dana", password="battery staple", by=COMMAND_LINE.author, at=NOW)
        record_sign_in(by=acting(cast.dana), at=NOW)
        text = Page(ana.get(f"{INBOX}1/")).main.text
        assert "manage.py set the password of dana" in text
        assert "dana signed in" in text

    def test_is_taken_asked_about_answered_and_closed_by_click(self, ana: Client, signed_in, cast: Cast) -> None:
        number = make_item(cast).number
        assert "It is yours now." in press(ana, number, "take", held_by="").notices
        press(ana, number, "ask", of=cast.dana.pk, note="Why did you not wait for lee?")

        dana = signed_in("dana")
        assert "1 to answer" in [badge.text for badge in Page(dana.get("/")).all(class_="badge")]
        asked = Page(dana.get(QUESTIONS))
        assert "Why did you not wait for lee?" in asked.main.text
        assert "dana broke the glass for" in asked.main.text
        thanked = Page(dana.post(f"{QUESTIONS}{number}/", {"note": "He was asleep."}, follow=True))
        assert "Thank you" in thanked.notices[0]
        assert "You answered just now : He was asleep." in thanked.main.text

        shown = Page(ana.get(f"{INBOX}{number}/")).main.text
        assert "He was asleep." in shown
        press(ana, number, "close", concern="ok", note="Explained.")
        assert (again(Item.objects.get()).state, Item.objects.get().verdict) == (State.CLOSED, "ok")

    def test_shows_what_whoever_did_it_said(self, ana: Client, cast: Cast) -> None:
        assert REASON in Page(ana.get(f"{INBOX}{make_item(cast).number}/")).main.text

    def test_offers_only_what_is_possible(self, ana: Client, cast: Cast) -> None:
        item = make_item(cast)
        assert _verbs(ana, item) == ["Take it"]
        reviewing.take(number=item.number, held_by="", by=acting(cast.ana), at=NOW)
        assert _verbs(ana, item) == ["Close it", "Ask", "Keep the note", "Give it back"]
        day = NOW.date() + timedelta(days=7)
        reviewing.close(number=item.number, concern=True, note="No.", follow_up_on=day, by=acting(cast.ana), at=NOW)
        assert _verbs(ana, item) == ["It was looked at again"]
        reviewing.follow_up(number=item.number, note="Mended.", by=acting(cast.ana), at=NOW)
        assert _verbs(ana, item) == []

    def test_leads_to_the_next_that_nobody_has(self, ana: Client, cast: Cast) -> None:
        mild, first, second = refused(), make_item(cast).number, make_item(cast).number
        seen = [Page(ana.get(f"{INBOX}{number}/")).links["Next ›"] for number in (first, second, mild)]
        assert seen == [f"{INBOX}{number}/" for number in (second, mild, first)]

    def test_keeps_what_was_typed_when_something_is_missing(self, ana: Client, cast: Cast) -> None:
        item = make_taken(cast, acting(cast.ana))
        page = press(ana, item.number, "close", note="I looked at the graphs.")
        assert page.status == 422
        assert "Say whether it is in order." in page.alarms[0]
        assert "I looked at the graphs." in [each.exact_text.strip() for each in page.main.all("textarea")]

    def test_says_that_somebody_else_was_faster(self, ana: Client, cast: Cast) -> None:
        item = make_item(cast)
        reviewing.take(number=item.number, held_by="", by=acting(cast.ana), at=NOW)
        page = press(ana, item.number, "take", held_by="")
        assert (page.status, "You have it already." in page.alarms[0]) == (409, True)

    @pytest.mark.parametrize("number", [1, 10**18])
    def test_is_not_there_for_an_event_that_wants_no_look(self, number: int, ana: Client) -> None:
        assert ana.get(f"{INBOX}{number}/").status_code == 404


class TestQuestions:
    def test_are_there_for_somebody_without_a_role(self, signed_in, cast: Cast) -> None:
        item = make_taken(cast, acting(cast.ana))
        reviewing.ask(number=item.number, of=cast.eve.pk, note="Did you see it?", by=acting(cast.ana), at=NOW)
        eve = signed_in("eve")
        page = Page(eve.get(QUESTIONS))
        assert "Did you see it?" in page.main.text
        assert [badge.text for badge in page.all(class_="badge")] == ["1 to answer"]
        assert not [address for address in page.links.values() if not address.startswith("/account/")]
        assert eve.post(f"{QUESTIONS}{item.number}/", {"note": "No."}).status_code == 302
        assert again(item).state == State.ANSWERED

    def test_of_others_are_not_shown_and_not_answered(self, signed_in, cast: Cast) -> None:
        item = make_asked(cast, acting(cast.ana), question="Only for dana.")
        lee = signed_in("lee")
        assert "Only for dana." not in Page(lee.get(QUESTIONS)).main.text
        assert lee.post(f"{QUESTIONS}{item.number}/", {"note": "I say."}).status_code == 403
        assert again(item).state == State.ASKED

    def test_want_an_answer_in_words(self, signed_in, cast: Cast) -> None:
        item = make_asked(cast, acting(cast.ana))
        page = Page(signed_in("dana").post(f"{QUESTIONS}{item.number}/", {"note": " "}))
        assert (page.status, "Write your answer." in page.alarms[0]) == (422, True)


def _verbs(client: Client, item: Item) -> list[str]:
    return [button.text for button in Page(client.get(f"{INBOX}{item.number}/")).main.all("button")]
