"""What waits for lee: in which order, with which facts, and what the page says of what has happened since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from mitigations.models import Decision, Mitigation
from mitigations.policies.lifecycle import Status
from mitigations.selectors.mitigations import awaiting
from tests.making import NOW, make_mitigation, make_pairing, make_protected
from tests.people import Cast, acting
from tests.views.many import ask_many
from tests.views.pages import Element, Page
from tests.views.test_deciding import look, press

HTMX = {"HX-Request": "true"}


@pytest.fixture
def lee(signed_in) -> Client:
    return signed_in("lee")


@pytest.fixture
def kim(signed_in) -> Client:
    return signed_in("kim")


@pytest.fixture
def dana(signed_in) -> Client:
    return signed_in("dana")


def cards(client: Client) -> list[Element]:
    return Page(client.get("/approvals/")).main.all("article")


def card(client: Client) -> Element:
    (found,) = cards(client)
    return found


class TestTheOrder:
    def test_is_what_expires_first_first_as_on_the_overview_and_in_the_api(self, lee: Client, cast: Cast) -> None:
        late, soon, next_ = (make_mitigation(waits_until=NOW + timedelta(hours=hours)) for hours in (23, 1, 2))
        make_protected(late.target, owner=cast.max, severity="review")
        order = [each.reference for each in (soon, next_, late)]

        assert [each.attributes["id"] for each in cards(lee)] == order
        waiting = Page(lee.get("/")).main.all("ul", class_="piled")[0].all("li")
        assert [reference for each in waiting for reference in order if reference in each.text] == order
        assert [each.reference for each in awaiting(acting(cast.lee))] == order

    def test_of_what_was_asked_for_at_once_is_that_of_the_first_to_expire(self, lee: Client, cast: Cast) -> None:
        alone, lead = (make_mitigation(waits_until=NOW + timedelta(hours=hours)) for hours in (2, 3))
        make_mitigation(asked_with=lead, waits_until=NOW + timedelta(hours=1))
        assert [alone.reference in each.text for each in cards(lee)] == [False, True]


class TestACard:
    def test_says_what_it_does_for_how_long_to_how_many_why_and_for_whom(self, lee: Client, cast: Cast) -> None:
        make_mitigation(target="203.0.113.0/28")
        text = card(lee).text
        for words in (
            "203.0.113.0/28",
            "Drops all traffic to the target, for 1 h",
            "16 addresses",
            "UDP flood since 02:50",
            "dana asked just now",
            "Expires in 1 d",
        ):
            assert words in text

    def test_without_auto_stop_says_that_it_runs_until_stopped(self, lee: Client, cast: Cast) -> None:
        make_mitigation(minutes=0)
        assert "Drops all traffic to the target, until stopped by hand" in card(lee).text

    def test_says_that_the_last_approval_sends_it(self, lee: Client, kim: Client, cast: Cast) -> None:
        pending = make_mitigation(approvals_needed=2)
        assert "After yours, 1 more approval of 2 is missing." in card(lee).text
        press(kim, pending, "approve")
        assert "Yours is the last: it goes out at once." in card(lee).text

    def test_does_not_count_an_approval_that_no_longer_counts(self, lee: Client, kim: Client, cast: Cast) -> None:
        press(kim, make_mitigation(approvals_needed=2), "approve")
        cast.kim.groups.clear()
        assert "After yours, 1 more approval of 2 is missing." in card(lee).text

    def test_of_what_is_blocked_offers_no_approval(self, lee: Client, cast: Cast) -> None:
        pending = make_mitigation(target="198.51.100.1/32")
        make_protected(pending.target, owner=cast.max)
        assert [link.text for link in card(lee).all("a", class_="button")] == ["Reject …"]

    def test_of_many_judges_all_of_them(self, lee: Client, dana: Client, cast: Cast) -> None:
        ask_many(dana, make_pairing(), *(f"203.0.113.{last}" for last in range(40)))
        make_protected("203.0.113.39/32", owner=cast.max)
        found = card(lee)
        assert [each.text for each in found.all("p", class_="finding")] == ["1 blocked by now.", "39 clear"]
        assert found.all("li")[0].text == "203.0.113.39/32 blocked"
        assert "Your approval is the last for 39" in found.text


class TestLookalikes:
    def test_are_told_on_the_card_and_on_the_page_of_each_deed(self, lee: Client, cast: Cast) -> None:
        mine = make_mitigation(target="203.0.113.40/32")
        make_mitigation(target="203.0.113.140/32")
        told = [look(lee, mine, deed).main.text for deed in ("approve", "reject")]
        for text in (*told, cards(lee)[0].text):
            assert "Look twice 203.0.113. 1 40/32 waits too. This one is 203.0.113.40/32 ." in text

    def test_are_none_where_nothing_is_like_it(self, lee: Client, cast: Cast) -> None:
        mine = make_mitigation(target="203.0.113.40/32")
        make_mitigation(target="198.51.100.7/32")
        assert "Look twice" not in look(lee, mine, "approve").main.text + cards(lee)[0].text

    def test_that_cannot_be_approved_by_mistake_are_not_told(self, lee: Client, cast: Cast) -> None:
        mine = make_mitigation(target="203.0.113.40/32")
        make_mitigation(target="203.0.113.140/32", requested_by=cast.lee)
        make_mitigation(Status.ACTIVE, target="203.0.113.41/32")
        assert "Look twice" not in look(lee, mine, "approve").main.text

    def test_are_three_at_most(self, lee: Client, cast: Cast) -> None:
        mine = make_mitigation(target="203.0.113.40/32")
        for last in range(41, 47):
            make_mitigation(target=f"203.0.113.{last}/32")
        assert "and 3 more like it wait too." in look(lee, mine, "approve").main.text


class TestWhatHappenedMeanwhile:
    @pytest.fixture
    def shown(self, lee: Client, cast: Cast) -> Mitigation:
        return make_mitigation(target="203.0.113.7/32")

    @pytest.fixture
    def question(self, lee: Client, shown: Mitigation) -> str:
        """What the open page asks."""
        return _question(Page(lee.get("/approvals/")))

    def test_is_nothing_at_first(self, lee: Client, question: str) -> None:
        answer = lee.get(question, headers=HTMX)
        assert (answer.status_code, answer.content) == (204, b"")

    def test_is_told_without_loading_the_page_anew(self, lee: Client, question: str) -> None:
        for number in (1, 2):
            make_mitigation(target=f"198.51.100.{number}/32")
        answer = lee.get(question, headers=HTMX)
        assert "2 new requests" in Page(answer).text
        assert "HX-Refresh" not in answer.headers
        assert Page(answer).all("article") == []

    def test_is_told_once(self, lee: Client, question: str) -> None:
        make_mitigation(target="198.51.100.1/32")
        again = _question(Page(lee.get(question, headers=HTMX)))
        assert lee.get(again, headers=HTMX).status_code == 204

    def test_is_taken_back_when_it_is_over(self, lee: Client, question: str) -> None:
        came = make_mitigation(target="198.51.100.1/32")
        again = _question(Page(lee.get(question, headers=HTMX)))
        Mitigation.objects.filter(pk=came.pk).update(status=Status.WITHDRAWN, closed_at=came.requested_at)
        answer = lee.get(again, headers=HTMX)
        assert (answer.status_code, Page(answer).text) == (200, "")

    def test_is_that_somebody_else_decided(self, lee: Client, kim: Client, question: str, shown: Mitigation) -> None:
        press(kim, shown, "reject", note="Wrong host.")
        text = Page(lee.get(question, headers=HTMX)).text
        assert f"{shown.reference} 203.0.113.7/32 waits for you no more: rejected" in text

    def test_is_that_fewer_of_a_group_wait(self, lee: Client, dana: Client, cast: Cast) -> None:
        made = ask_many(dana, make_pairing(), "203.0.113.1", "203.0.113.2")
        question = _question(Page(lee.get("/approvals/")))
        dana.post(f"/mitigations/{made[1].reference}/withdraw/")
        assert made[0].reference in Page(lee.get(question, headers=HTMX)).text

    @pytest.mark.parametrize("seen", ["", "fish", "1.2.3,4", "-1.1", "²." + "9" * 400, "%00.1"])
    def test_is_all_that_waits_for_a_page_that_makes_no_sense(self, seen: str, lee: Client, shown: Mitigation) -> None:
        assert "1 new request" in Page(lee.get(f"/approvals/?seen={seen}", headers=HTMX)).text


def _question(page: Page) -> str:
    (asks,) = [each for each in page.all("div") if "hx-get" in each.attributes]
    return asks.attributes["hx-get"]


class TestARequestThatChangedWhileSomebodyLooked:
    @pytest.fixture
    def pending(self, cast: Cast) -> Mitigation:
        return make_mitigation(target="203.0.113.7/32", approvals_needed=2)

    def shown(self, client: Client, pending: Mitigation) -> str:
        (field,) = look(client, pending, "approve").main.all("input", name="shown")
        return field.attributes["value"]

    def test_is_approved_as_long_as_it_did_not(self, lee: Client, pending: Mitigation) -> None:
        press(lee, pending, "approve", shown=self.shown(lee, pending))
        assert Decision.objects.count() == 1

    def test_is_shown_as_it_is_now_and_not_approved(self, lee: Client, pending: Mitigation, cast: Cast) -> None:
        shown = self.shown(lee, pending)
        make_protected("203.0.113.0/24", owner=cast.max, severity="review")
        answer = press(lee, pending, "approve", shown=shown, note="Yes.")
        assert (answer.status_code, Decision.objects.count()) == (409, 0)
        page = Page(answer)
        assert "Something about it changed while you were looking." in page.alarms[0]
        assert "touches 203.0.113.0/24, which is protected" in page.main.text
        assert page.typed["note"] == "Yes."

    def test_can_be_approved_by_pressing_once_more(self, lee: Client, pending: Mitigation, cast: Cast) -> None:
        shown = self.shown(lee, pending)
        make_protected("203.0.113.0/24", owner=cast.max, severity="review")
        page = Page(press(lee, pending, "approve", shown=shown))
        assert "disabled" not in page.main.all("button")[0].attributes
        press(lee, pending, "approve", shown=page.main.all("input", name="shown")[0].attributes["value"])
        assert Decision.objects.count() == 1

    def test_is_not_sent_by_an_approval_that_was_to_be_the_first_of_two(
        self, lee: Client, kim: Client, pending: Mitigation
    ) -> None:
        shown = self.shown(lee, pending)
        press(kim, pending, "approve")
        assert press(lee, pending, "approve", shown=shown).status_code == 409
        pending.refresh_from_db()
        assert pending.status == Status.PENDING


class TestWhatHappenedHereBefore:
    @pytest.fixture(autouse=True)
    def _before(self, cast: Cast) -> None:
        make_mitigation(Status.ENDED, target="203.0.113.7/32", started_at=None)
        make_mitigation(Status.ENDED, target="203.0.113.7/32", started_at="2026-11-01T00:00Z")

    @pytest.mark.parametrize(("who", "deed"), [("lee", "approve"), ("lee", "reject"), ("dana", "break-glass")])
    def test_stands_where_somebody_decides(self, who: str, deed: str, signed_in) -> None:
        mitigation = make_mitigation(target="203.0.113.7/32")
        assert "Mitigated once before" in look(signed_in(who), mitigation, deed).main.text

    @pytest.mark.parametrize("page", ["", "decide/"])
    def test_stands_on_the_pages_of_many(self, page: str, lee: Client, dana: Client) -> None:
        made = ask_many(dana, make_pairing(), "203.0.113.7", "203.0.113.8")
        text = Page(lee.get(f"/mitigations/{made[0].reference}/together/{page}")).main.text
        assert "1 of these was mitigated before: 203.0.113.7/32" in text


class TestThePageOfAGroup:
    @pytest.fixture
    def made(self, dana: Client, cast: Cast) -> list[Mitigation]:
        return ask_many(dana, make_pairing(), "203.0.113.1", "203.0.113.2")

    def question(self, client: Client, made: list[Mitigation]) -> Any:
        page = Page(client.get(f"/mitigations/{made[0].reference}/together/"))
        return _question(page)

    def test_stays_while_nothing_becomes_of_them(self, lee: Client, made: list[Mitigation]) -> None:
        question = self.question(lee, made)
        make_mitigation(Status.ACTIVE)
        assert lee.get(question, headers=HTMX).status_code == 204

    def test_is_loaded_anew_when_one_is_decided(self, lee: Client, made: list[Mitigation]) -> None:
        question = self.question(lee, made)
        press(lee, made[1], "reject", note="No.")
        assert lee.get(question, headers=HTMX).headers["HX-Refresh"] == "true"
        assert parse_qs(urlsplit(self.question(lee, made)).query)["seen"] == ["pending1.rejected1"]
