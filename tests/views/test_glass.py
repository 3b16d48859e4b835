"""Breaking the glass and reviewing it, through the pages; and what has changed since a request was made."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts.authority import Role
from mitigations.models import BreakGlass, Mitigation
from mitigations.policies.lifecycle import Status
from tests.making import NOW, break_glass_for, make_mitigation, make_pairing, make_protected
from tests.people import Cast, browser_of, make_person
from tests.views.asking import ask
from tests.views.facts import deeds, everything_but_the_log
from tests.views.pages import Page
from tests.views.test_deciding import look, press

WHY = "The shop is down and nobody answers the phone. 🌊"


@pytest.fixture
def dana(signed_in) -> Client:
    return signed_in("dana")


@pytest.fixture
def lee(signed_in) -> Client:
    return signed_in("lee")


@pytest.fixture
def pending(cast: Cast) -> Mitigation:
    return make_mitigation(target="203.0.113.7/32", requested_by=cast.dana, approvals_needed=2)


@pytest.fixture
def broken(cast: Cast) -> Mitigation:
    """One that runs and went out on dana's word."""
    mitigation = make_mitigation(Status.ACTIVE, target="203.0.113.9/32", requested_by=cast.dana)
    break_glass_for(mitigation)
    return mitigation


def client_of(name: str, *roles: Role) -> Client:
    return browser_of(make_person(name, roles))


class TestBreakingTheGlass:
    def test_hands_it_to_the_worker_at_once(self, dana: Client, pending: Mitigation, cast: Cast) -> None:
        press(dana, pending, "break-glass", note=WHY)
        pending.refresh_from_db()
        broken = BreakGlass.objects.get()
        assert (pending.status, pending.approved_at) == (Status.APPROVED, NOW)
        assert (broken.broken_by, broken.broken_at, broken.reason) == (cast.dana, NOW, WHY)

    def test_leaves_one_event_and_a_sentence_in_the_story(self, dana: Client, pending: Mitigation) -> None:
        press(dana, pending, "break-glass", note=WHY)
        assert deeds() == [("dana", "mitigation.glass-broken", "done")]
        trail = look(dana, pending).all("ol", class_="trail")[0].text
        assert f"dana broke the glass for {pending.reference}: it goes to Kentik without approval {WHY}" in trail

    def test_says_first_what_will_happen(self, dana: Client, pending: Mitigation) -> None:
        page = look(dana, pending, "break-glass")
        assert page.heading == f"Break the glass for {pending.target}"
        lead = page.main.all("p", class_="lead")[0].text
        assert "will tell Kentik at once, without approval , to act on 203.0.113.7/32 for 1 h" in lead
        assert "You go past that, and answer for it." in page.main.text

    def test_is_said_on_the_page_until_it_is_sent(self, dana: Client, pending: Mitigation) -> None:
        press(dana, pending, "break-glass", note=WHY)
        now = look(dana, pending).all(class_="now")[0].text
        assert "dana broke the glass; the worker sends it next." in now

    @pytest.mark.parametrize(
        ("note", "sentence"),
        [
            ("", "This field is required."),
            ("   ", "This field is required."),
            ("It is urgent.", "Say in at least 20 characters why this cannot wait"),
            ("x" * 2001, "at most 2000 characters"),
            ("a\0" + WHY, "Null characters are not allowed."),
        ],
    )
    def test_needs_a_reason_that_says_something(
        self, note: str, sentence: str, dana: Client, pending: Mitigation
    ) -> None:
        answer = press(dana, pending, "break-glass", note=note)
        assert (answer.status_code, BreakGlass.objects.exists()) == (422, False)
        assert sentence in Page(answer).alarms[0]

    def test_keeps_the_reason_that_was_too_short(self, dana: Client, pending: Mitigation) -> None:
        assert Page(press(dana, pending, "break-glass", note="It is urgent.")).typed == {"note": "It is urgent."}

    def test_does_not_pass_what_blocks(self, dana: Client, pending: Mitigation, cast: Cast) -> None:
        make_protected("203.0.113.0/28", owner=cast.max)
        assert "disabled" in look(dana, pending, "break-glass").main.all("button")[0].attributes
        answer = press(dana, pending, "break-glass", note=WHY)
        pending.refresh_from_db()
        assert (answer.status_code, pending.status) == (409, Status.PENDING)
        assert Page(answer).typed == {"note": WHY}

    def test_is_too_late_after_the_deadline(self, signed_in, pending: Mitigation, clock) -> None:
        clock.move_to(NOW + timedelta(hours=24))
        answer = press(signed_in("dana"), pending, "break-glass", note=WHY)
        assert (answer.status_code, BreakGlass.objects.exists()) == (409, False)

    def test_is_for_an_own_request_only(self, pending: Mitigation) -> None:
        rob = client_of("rob", Role.REQUESTER, Role.BREAK_GLASS)
        assert "disabled" in look(rob, pending, "break-glass").main.all("button")[0].attributes
        answer = press(rob, pending, "break-glass", note=WHY)
        assert (answer.status_code, BreakGlass.objects.exists()) == (403, False)
        assert "Only whoever asked may break the glass for this." in Page(answer).alarms[0]

    @pytest.mark.parametrize("who", ["lee", "kim", "ana", "max", "eve"])
    def test_changes_nothing_when_tried_without_the_right(self, who: str, signed_in, pending: Mitigation) -> None:
        before = everything_but_the_log()
        answer = press(signed_in(who), pending, "break-glass", note=WHY)
        assert (answer.status_code, everything_but_the_log()) == (403, before)
        assert deeds(pending.reference) == [(who, "mitigation.glass-broken", "refused")]

    def test_is_not_offered_to_a_requester_without_the_right(self, cast: Cast) -> None:
        rob = make_person("rob", [Role.REQUESTER])
        client = browser_of(rob)
        assert look(client, make_mitigation(requested_by=rob)).buttons == ["Withdraw …"]

    def test_is_offered_once(self, dana: Client, pending: Mitigation) -> None:
        assert "Break the glass …" in look(dana, pending).buttons
        break_glass_for(pending)
        assert "Break the glass …" not in look(dana, pending).buttons
        assert "The glass was broken for this one already." in look(dana, pending, "break-glass").alarms[0]

    def test_twice_breaks_it_once(self, dana: Client, pending: Mitigation) -> None:
        press(dana, pending, "break-glass", note=WHY)
        assert press(dana, pending, "break-glass", note=WHY).status_code == 409
        assert BreakGlass.objects.count() == 1


class TestReviewing:
    @pytest.mark.parametrize(
        ("chosen", "justified", "words"), [("yes", True, "justified"), ("no", False, "not justified")]
    )
    def test_keeps_the_verdict_and_why(
        self, chosen: str, justified: bool, words: str, lee: Client, broken: Mitigation, cast: Cast
    ) -> None:
        press(lee, broken, "review", justified=chosen, note="I was awake.")
        glass = BreakGlass.objects.get()
        assert (glass.reviewed_by, glass.reviewed_at, glass.justified, glass.review_note) == (
            cast.lee,
            NOW,
            justified,
            "I was awake.",
        )
        assert deeds() == [("lee", "mitigation.glass-reviewed", "done")]
        trail = look(lee, broken).all("ol", class_="trail")[0].text
        assert f"lee reviewed the broken glass of {broken.reference}: {words} I was awake." in trail

    def test_shows_first_why_the_glass_was_broken(self, lee: Client, broken: Mitigation) -> None:
        page = look(lee, broken, "review")
        assert page.main.all("blockquote")[0].text == "The shop is down now."
        assert "dana broke the glass just now , so that 203.0.113.9/32 goes out without approval" in page.main.text

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"note": "Yes."}, "Was it right to break the glass? : This field is required."),
            ({"justified": "maybe", "note": "Yes."}, "Select a valid choice."),
            ({"justified": "yes"}, "Note : This field is required."),
            ({"justified": "yes", "note": "a\0b"}, "Null characters are not allowed."),
            ({"justified": "yes", "note": "x" * 2001}, "at most 2000 characters"),
        ],
    )
    def test_tells_what_is_missing(self, typed: dict[str, str], sentence: str, lee: Client, broken: Mitigation) -> None:
        answer = press(lee, broken, "review", **typed)
        assert answer.status_code == 422
        assert sentence in Page(answer).alarms[0]
        assert BreakGlass.objects.get().reviewed_at is None

    def test_keeps_what_was_chosen_when_the_note_is_missing(self, lee: Client, broken: Mitigation) -> None:
        assert Page(press(lee, broken, "review", justified="no")).typed == {"justified": "no", "note": ""}

    def test_is_done_once_and_the_second_keeps_their_words(self, lee: Client, signed_in, broken: Mitigation) -> None:
        press(lee, broken, "review", justified="yes", note="Right so.")
        answer = press(signed_in("kim"), broken, "review", justified="no", note="I disagree.")
        assert (answer.status_code, BreakGlass.objects.get().justified) == (409, True)
        assert "It was reviewed already." in Page(answer).alarms[0]
        assert Page(answer).typed == {"justified": "no", "note": "I disagree."}

    def test_is_refused_to_whoever_broke_it(self, cast: Cast) -> None:
        both = make_person("both", [Role.REQUESTER, Role.APPROVER, Role.BREAK_GLASS])
        own = make_mitigation(Status.ACTIVE, requested_by=both)
        break_glass_for(own)
        client = browser_of(both)
        answer = press(client, own, "review", justified="yes", note="Mine.")
        assert "Nobody may review the broken glass of their own request." in Page(answer).alarms[0]
        assert answer.status_code == 403
        assert BreakGlass.objects.get().reviewed_at is None

    @pytest.mark.parametrize("who", ["dana", "ana", "max", "eve"])
    def test_changes_nothing_when_tried_by_others(self, who: str, signed_in, broken: Mitigation) -> None:
        before = everything_but_the_log()
        answer = press(signed_in(who), broken, "review", justified="yes", note="Fine.")
        assert (answer.status_code, everything_but_the_log()) == (403, before)
        assert BreakGlass.objects.get().reviewed_at is None

    def test_of_one_that_took_the_ordinary_way_is_not_possible(self, lee: Client, pending: Mitigation) -> None:
        page = look(lee, pending, "review")
        assert "No glass was broken for this one." in page.alarms[0]
        assert "203.0.113.7/32 takes the ordinary way." in page.main.text
        assert press(lee, pending, "review", justified="yes", note="Fine.").status_code == 409


class TestTheApprovalsPage:
    def cards(self, client: Client) -> list[str]:
        return [card.all("span", class_="ref")[0].text for card in Page(client.get("/approvals/")).all("article")]

    def test_shows_what_waits_before_what_is_to_be_reviewed(
        self, lee: Client, broken: Mitigation, pending: Mitigation
    ) -> None:
        assert self.cards(lee) == [pending.reference, broken.reference]
        assert Page(lee.get("/approvals/")).links["1 broken glass to review"] == "#reviews"

    def test_says_why_and_leads_to_the_review(self, lee: Client, broken: Mitigation) -> None:
        page = Page(lee.get("/approvals/"))
        assert "The shop is down now." in page.all("article")[0].text
        assert page.links["Review …"] == f"/mitigations/{broken.reference}/review/"

    def test_counts_reviews_in_the_menu(self, lee: Client, broken: Mitigation, pending: Mitigation) -> None:
        assert [badge.text for badge in Page(lee.get("/")).all("nav")[0].all(class_="badge")] == ["2 waiting"]

    def test_lets_go_of_what_was_reviewed(self, lee: Client, signed_in, broken: Mitigation) -> None:
        press(lee, broken, "review", justified="yes", note="Right so.")
        assert (self.cards(lee), self.cards(signed_in("kim"))) == ([], [])

    def test_shows_nobody_their_own(self, cast: Cast) -> None:
        both = make_person("both", [Role.REQUESTER, Role.APPROVER, Role.BREAK_GLASS])
        break_glass_for(make_mitigation(Status.ACTIVE, requested_by=both))
        client = browser_of(both)
        assert self.cards(client) == []


class TestWhatHasChangedSince:
    @pytest.fixture
    def asked(self, dana: Client, cast: Cast) -> Mitigation:
        """dana asked for a neighbour of what ran then; since, that has ended and monitoring was protected."""
        there = make_mitigation(Status.ACTIVE, target="203.0.113.0/28", requested_by=cast.dana)
        ask(dana, make_pairing())
        Mitigation.objects.filter(pk=there.pk).update(status=Status.ENDED, closed_at=NOW)
        make_protected("203.0.113.7/32", owner=cast.max, severity="review")
        return Mitigation.objects.get(target="203.0.113.7/32")

    @pytest.mark.parametrize("where", ["/mitigations/{}/approve/", "/mitigations/{}/", "/approvals/"])
    def test_is_marked_among_the_findings(self, where: str, lee: Client, asked: Mitigation) -> None:
        page = Page(lee.get(where.format(asked.reference)))
        (finding,) = page.all("li", class_="finding-review")
        assert finding.text.startswith("Look closely, new since it was asked for: 203.0.113.7/32 is protected")

    @pytest.mark.parametrize("where", ["/mitigations/{}/approve/", "/mitigations/{}/", "/approvals/"])
    def test_is_said_of_what_holds_no_more(self, where: str, lee: Client, asked: Mitigation) -> None:
        gone = Page(lee.get(where.format(asked.reference))).all(class_="changed")[0].text
        assert gone == "No longer so since it was asked for It overlaps 203.0.113.0/28, which is active."

    def test_is_nothing_where_nothing_changed(self, lee: Client, dana: Client) -> None:
        ask(dana, make_pairing(widens_to_24=True))
        page = Page(lee.get("/approvals/"))
        assert page.all(class_="changed") == []
        assert "new since" not in page.main.text
