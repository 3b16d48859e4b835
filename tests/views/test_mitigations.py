from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mitigations.models import Mitigation, Team
from mitigations.policies.lifecycle import Status
from mitigations.services.worker import build
from sandbox.server import Sandbox
from tests.making import NOW, make_exchange, make_mitigation, make_pairing
from tests.people import Cast, make_person
from tests.views.asking import ask
from tests.views.pages import Page

LIST = "/mitigations/"


@pytest.fixture
def ana(signed_in) -> Client:
    """Sees everything and decides nothing."""
    return signed_in("ana")


def shown(answer: Any) -> list[str]:
    return [row.all("a")[0].text for body in Page(answer).all("tbody") for row in body.all("tr")]


class TestTheList:
    def test_shows_the_newest_first(self, ana: Client) -> None:
        made = [make_mitigation().reference for _ in range(3)]
        assert shown(ana.get(LIST)) == made[::-1]

    def test_tells_target_pairing_status_and_who_asked(self, ana: Client) -> None:
        make_mitigation(Status.ACTIVE, target="203.0.113.7/32")
        row = Page(ana.get(LIST)).all("tbody")[0].text
        assert all(
            words in row for words in ("203.0.113.7/32", "Edge RTBH", "Drop everything", "active", "dana", "left")
        )

    def test_says_so_when_nobody_has_asked_yet(self, ana: Client) -> None:
        assert "Nobody has asked for a mitigation yet." in Page(ana.get(LIST)).main.text

    def test_offers_asking_to_those_who_may(self, signed_in) -> None:
        offers = {
            who: "New mitigation" in Page(signed_in(who).get(LIST)).links for who in ("dana", "lee", "ana", "max")
        }
        assert offers == {"dana": True, "lee": False, "ana": False, "max": False}


class TestAnActiveOne:
    @pytest.mark.parametrize(
        ("error", "words"), [("", "Kentik accepted it"), ("No answer came.", "Kentik’s answer never came")]
    )
    def test_says_by_whose_word_it_is_in_force(self, error: str, words: str, ana: Client) -> None:
        mitigation = make_mitigation(Status.ACTIVE)
        make_exchange(mitigation, error=error)
        assert words in Page(ana.get(f"{LIST}{mitigation.reference}/")).main.text


class TestFilters:
    def test_by_status_show_those_only(self, ana: Client) -> None:
        wanted = [make_mitigation(status) for status in (Status.ACTIVE, Status.ENDED)]
        make_mitigation(Status.PENDING)
        answer = ana.get(LIST, {"status": ["active", "ended"]})
        assert shown(answer) == [mitigation.reference for mitigation in reversed(wanted)]

    def test_by_platform_show_its_own_only(self, ana: Client) -> None:
        make_mitigation()
        other = make_mitigation(pairing=make_pairing(platform_id="258", method_id="780"))
        assert shown(ana.get(LIST, {"platform": other.pairing.platform_id})) == [other.reference]

    def test_by_person_show_theirs_only(self, ana: Client) -> None:
        make_mitigation()
        robs = make_mitigation(requested_by=make_person("rob", ["requester"]))
        assert shown(ana.get(LIST, {"by": " rob "})) == [robs.reference]

    def test_by_person_show_nothing_of_a_stranger(self, ana: Client) -> None:
        make_mitigation()
        assert "Nothing matches." in Page(ana.get(LIST, {"by": "nobody"})).main.text

    @pytest.mark.parametrize(
        "prefix", ["203.0.113.4/30", "203.0.113.0/24", "203.0.0.0/8", "203.0.113.7", "203.0.113.6/31"]
    )
    def test_by_prefix_show_what_lies_inside_or_around(self, prefix: str, ana: Client) -> None:
        wide = make_mitigation(Status.ENDED, target="203.0.113.0/25")
        host = make_mitigation(target="203.0.113.7/32")
        make_mitigation(target="198.51.100.7/32")
        make_mitigation(target="2001:db8::7/128")
        assert shown(ana.get(LIST, {"target": prefix})) == [host.reference, wide.reference]

    def test_by_prefix_know_both_families(self, ana: Client) -> None:
        make_mitigation(target="203.0.113.7/32")
        six = make_mitigation(target="2001:db8::7/128")
        assert shown(ana.get(LIST, {"target": "::/0"})) == [six.reference]

    def test_together_show_what_fits_all(self, ana: Client) -> None:
        make_mitigation(Status.ENDED, target="203.0.113.7/32")
        fits = make_mitigation(Status.ACTIVE, target="203.0.113.7/32")
        make_mitigation(Status.ACTIVE, target="203.0.113.8/32")
        answer = ana.get(LIST, {"status": "active", "target": "203.0.113.7", "by": "dana"})
        assert shown(answer) == [fits.reference]

    def test_stand_in_the_form_as_they_were_chosen(self, ana: Client) -> None:
        chosen = {"status": "active", "target": "203.0.113.7", "by": "dana", "since": "2026-11-01T00:00", "glass": "on"}
        typed = Page(ana.get(LIST, chosen)).typed
        said = {name: value for name, value in typed.items() if value and name not in {"column", "sort"}}
        assert said == {**chosen, "how": "overlapping"}

    def test_by_method_show_its_own_only(self, ana: Client) -> None:
        make_mitigation()
        other = make_mitigation(pairing=make_pairing(method_id="780"))
        assert shown(ana.get(LIST, {"method": other.pairing.method_id})) == [other.reference]
        assert shown(ana.get(LIST, {"method": other.pairing.method_id, "platform": other.pairing.platform_id})) != []

    def test_by_team_show_what_its_members_asked_for(self, ana: Client, cast: Cast) -> None:
        danas, robs = make_mitigation(), make_mitigation(requested_by=make_person("rob", ["requester"]))
        team = Team.objects.create(name="Hosting")
        team.members.set([cast.dana])
        assert shown(ana.get(LIST, {"team": team.pk})) == [danas.reference]
        assert shown(ana.get(LIST, {"team": 0})) == [robs.reference]

    def test_by_decision_show_what_this_person_decided_so(self, ana: Client, cast: Cast) -> None:
        approved, rejected = make_mitigation(Status.ENDED), make_mitigation(Status.REJECTED)
        rejected.decisions.create(verdict="reject", note="No.", decided_by=cast.lee, decided_at=NOW)
        assert shown(ana.get(LIST, {"approved_by": "lee"})) == [approved.reference]
        assert shown(ana.get(LIST, {"rejected_by": "lee"})) == [rejected.reference]
        assert shown(ana.get(LIST, {"approved_by": "kim"})) == []

    def test_by_time_mean_utc_and_leave_the_end_out(self, ana: Client, settings) -> None:
        settings.TIME_ZONE = "America/New_York"
        times = [datetime(2026, 11, 23, hour, tzinfo=UTC) for hour in (2, 3, 4)]
        made = [make_mitigation(at=at).reference for at in times]
        assert shown(ana.get(LIST, {"since": "2026-11-23T03:00", "until": "2026-11-23T04:00"})) == [made[1]]
        assert shown(ana.get(LIST, {"since": "2026-11-23T03:00"})) == made[:0:-1]
        assert shown(ana.get(LIST, {"until": "2026-11-23T03:00"})) == made[:1]
        assert shown(ana.get(LIST, {"since": "2027-01-01"})) == []

    def test_by_time_do_not_lean_on_the_order_of_the_numbers(self, ana: Client) -> None:
        """Two processes may write in another order than their clocks say."""
        late, early = make_mitigation(at=NOW), make_mitigation(at=NOW - timedelta(days=1))
        assert shown(ana.get(LIST, {"since": "2026-11-23T00:00"})) == [late.reference]
        assert shown(ana.get(LIST, {"until": "2026-11-23T00:00"})) == [early.reference]

    def test_by_a_step_show_what_took_so_long(self, ana: Client) -> None:
        slow = make_mitigation(Status.ENDED, approved_at=NOW + timedelta(minutes=7))
        make_mitigation(Status.ENDED, approved_at=NOW + timedelta(minutes=2))
        november = {"since": "2026-11-01T00:00", "until": "2026-12-01T00:00"}
        assert shown(ana.get(LIST, {**november, "took": "agreed-15min"})) == [slow.reference]

    def test_by_what_was_in_force_show_that_alone(self, ana: Client) -> None:
        live = make_mitigation(Status.ACTIVE)
        make_mitigation(Status.ENDED, started_at=NOW, closed_at=NOW + timedelta(minutes=5))
        make_mitigation(Status.ACTIVE, at=NOW + timedelta(hours=2))
        assert shown(ana.get(LIST, {"live_at": "2026-11-23T04:00"})) == [live.reference]


class TestGarbageInTheAddress:
    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ("target=fish", "“fish” is not an IP address or prefix."),
            ("target=203.0.113.7/24", "has bits set outside its /24"),
            ("target=100%25", "“100%” is not an IP address or prefix."),
            ("status=sunk", "Select a valid choice. sunk is not one of the available choices."),
            ("platform=999999", "Select a valid choice."),
            ("platform=fish", "Select a valid choice."),
            ("by=a%00b", "Null characters are not allowed."),
            ("since=yesterday", "Enter a valid date/time."),
            ("since=2026-11-02&until=2026-11-01", "It must lie after the beginning."),
            ("took=agreed-1h", "Say since when and before when as well, 31 days at most."),
            ("took=agreed-1h&since=2026-01-01&until=2026-03-01", "31 days at most."),
            ("took=agreed-2h", "Select a valid choice."),
            ("team=999999", "Select a valid choice."),
        ],
    )
    def test_is_told_beside_its_field(self, query: str, sentence: str, ana: Client) -> None:
        make_mitigation()
        answer = ana.get(f"{LIST}?{query}")
        assert answer.status_code == 422
        assert sentence in Page(answer).main.text

    @pytest.mark.parametrize("query", ["below=fish", "above=-1", "below=" + "9" * 30, "above=%00", "above=1~1"])
    def test_in_the_place_to_go_on_from_is_told(self, query: str, ana: Client) -> None:
        """These fields are hidden, so the sentence has to stand somewhere else."""
        make_mitigation()
        page = Page(ana.get(f"{LIST}?{query}"))
        assert page.status == 422
        assert page.alarms + page.said("p", class_="error") != []

    def test_shows_no_rows(self, ana: Client) -> None:
        make_mitigation()
        assert shown(ana.get(f"{LIST}?target=fish")) == []

    @pytest.mark.parametrize("query", ["unheard=of", "target=&by=&platform=", "%00=%00", "&&&="])
    def test_that_means_nothing_is_passed_over(self, query: str, ana: Client) -> None:
        mitigation = make_mitigation()
        answer = ana.get(f"{LIST}?{query}")
        assert (answer.status_code, shown(answer)) == (200, [mitigation.reference])


def follow(client: Client, rel: str, address: str) -> list[list[str]]:
    """The rows of each page from here on, by the page's own links."""
    pages = []
    while True:
        answer = client.get(address)
        pages.append(shown(answer))
        links = Page(answer).all("a", rel=rel)
        if not links:
            return pages
        address = LIST + links[0].attributes["href"]


class TestPaging:
    @pytest.fixture
    def references(self, cast: Cast) -> list[str]:
        """Two and a half pages, newest first."""
        return [make_mitigation(Status.ENDED).reference for _ in range(126)][::-1]

    def test_forwards_covers_every_row_once(self, ana: Client, references: list[str]) -> None:
        pages = follow(ana, "next", LIST)
        assert [len(page) for page in pages] == [50, 50, 26]
        assert [*chain.from_iterable(pages)] == references

    def test_back_covers_every_row_once(self, ana: Client, references: list[str]) -> None:
        last = f"{LIST}?below={references[99].removeprefix('MIT-')}"
        assert [*chain.from_iterable(reversed(follow(ana, "prev", last)))] == references

    def test_keeps_the_filters(self, ana: Client, references: list[str]) -> None:
        make_mitigation(Status.ACTIVE)
        pages = follow(ana, "next", f"{LIST}?status=ended&by=dana&target=203.0.113.0/24")
        assert [*chain.from_iterable(pages)] == references

    def test_is_not_moved_by_new_ones(self, ana: Client, references: list[str]) -> None:
        onward = Page(ana.get(LIST)).all("a", rel="next")[0].attributes["href"]
        make_mitigation(Status.ENDED)
        assert shown(ana.get(LIST + onward)) == references[50:100]

    def test_of_one_full_page_offers_no_other(self, ana: Client, cast: Cast) -> None:
        for _ in range(50):
            make_mitigation(Status.ENDED)
        assert Page(ana.get(LIST)).all("nav", class_="pager")[0].text == ""

    def test_beyond_the_end_does_not_say_that_nobody_ever_asked(self, ana: Client, references: list[str]) -> None:
        assert "Nobody has asked" not in Page(ana.get(f"{LIST}?below=1")).main.text


def buttons(client: Client, mitigation: Mitigation) -> list[str]:
    return Page(client.get(f"{LIST}{mitigation.reference}/")).buttons


BUTTONS = {
    # status: (dana, who asked; lee, who approved it where it was approved)
    Status.PENDING: (["Withdraw …", "Break the glass …"], ["Approve …", "Reject …"]),
    Status.APPROVED: (["Withdraw …"], []),
    Status.SENDING: ([], []),
    Status.ACTIVE: (["Record a stop …"], ["Record a stop …"]),
    Status.UNKNOWN: ([], ["Settle …"]),
    Status.REFUSED: (["Ask again"], []),
    Status.REJECTED: (["Ask again"], []),
    Status.WITHDRAWN: (["Ask again"], []),
    Status.EXPIRED: (["Ask again"], []),
    Status.STOPPED: (["Ask again"], []),
    Status.ENDED: (["Ask again"], []),
}


class TestButtons:
    @pytest.mark.parametrize("status", Status)
    def test_are_only_those_that_this_person_may_press(self, status: Status, signed_in) -> None:
        mitigation = make_mitigation(status)
        assert (buttons(signed_in("dana"), mitigation), buttons(signed_in("lee"), mitigation)) == BUTTONS[status]

    @pytest.mark.parametrize("who", ["ana", "max"])
    @pytest.mark.parametrize("status", Status)
    def test_are_none_for_whoever_only_looks(self, status: Status, who: str, signed_in) -> None:
        assert buttons(signed_in(who), make_mitigation(status)) == []

    def test_let_a_second_approver_reject_what_has_not_left(self, signed_in) -> None:
        assert buttons(signed_in("kim"), make_mitigation(Status.APPROVED)) == ["Reject …"]

    def test_let_another_requester_ask_again_but_not_withdraw(self, cast: Cast) -> None:
        client = Client()
        client.force_login(make_person("rob", ["requester"]))
        assert buttons(client, make_mitigation()) == []
        assert buttons(client, make_mitigation(Status.ENDED)) == ["Ask again"]

    def test_offer_nobody_to_decide_on_their_own(self, cast: Cast) -> None:
        both = make_person("both", ["requester", "approver"])
        client = Client()
        client.force_login(both)
        assert buttons(client, make_mitigation(requested_by=both)) == ["Withdraw …"]


class TestOneMitigation:
    def page(self, client: Client, mitigation: Mitigation) -> Page:
        return Page(client.get(f"{LIST}{mitigation.reference}/"))

    def test_says_what_was_asked_for(self, ana: Client) -> None:
        mitigation = make_mitigation(comment="flood", reason="Down.", ticket="INC-7", minutes=90)
        text = self.page(ana, mitigation).all("dl")[0].text
        assert all(words in text for words in (mitigation.target, "flood", "Down.", "INC-7", "1 h 30 min"))

    def test_counts_down_to_the_auto_stop(self, ana: Client) -> None:
        page = self.page(ana, make_mitigation(Status.ACTIVE, minutes=90))
        countdown = page.all("time", class_="countdown")[0]
        assert countdown.text == "1 h 30 min left"
        assert countdown.attributes["datetime"] == "2026-11-23T04:30:00+00:00"

    def test_says_when_it_has_no_auto_stop(self, ana: Client) -> None:
        assert "no auto-stop" in self.page(ana, make_mitigation(Status.ACTIVE, minutes=0)).main.text

    def test_shows_decisions_with_their_notes(self, ana: Client) -> None:
        mitigation = make_mitigation(Status.ACTIVE)
        assert "lee approved" in self.page(ana, mitigation).all("blockquote")[0].text

    def test_tells_its_story_in_sentences(self, signed_in) -> None:
        ask(signed_in("dana"), make_pairing())
        mitigation = Mitigation.objects.get()
        trail = self.page(signed_in("ana"), mitigation).all("ol", class_="trail")[0].text
        assert f"dana asked for {mitigation.reference}: 203.0.113.7/32 on Edge RTBH · Drop everything, 90 min" in trail

    def test_that_does_not_exist_is_not_found(self, ana: Client) -> None:
        assert ana.get(f"{LIST}MIT-9/").status_code == 404

    @pytest.mark.parametrize("runbook", ["https://wiki.example.net/rtbh"])
    def test_leads_to_the_runbook_without_telling_it_from_where(self, runbook: str, ana: Client) -> None:
        page = self.page(ana, make_mitigation(pairing=make_pairing(runbook_url=runbook)))
        assert page.all("a", href=runbook)[0].attributes["rel"] == "noreferrer"


class TestTheExchange:
    @pytest.fixture
    def page(self, signed_in, sandbox: Sandbox, settings) -> Page:
        """Of one that the worker has sent to the sandbox."""
        settings.KENTIK_BASE_URL = sandbox.url
        mitigation = make_mitigation(Status.APPROVED, target="203.0.113.7/32", comment="flood", at=timezone.now())
        build(lease=timedelta(seconds=90), now=timezone.now).turn()
        self.reference = mitigation.reference
        return Page(signed_in("ana").get(f"{LIST}{mitigation.reference}/"))

    def test_is_shown_as_sent(self, page: Page) -> None:
        head, _, body = page.all("pre")[0].exact_text.partition("\n\n")
        assert head.splitlines()[0].startswith("POST http://127.0.0.1:")
        assert json.loads(body) == {
            "ipCidr": "203.0.113.7/32",
            "Comment": f"[{self.reference}] flood",
            "platformID": "257",
            "methodId": "775",
            "minutesBeforeAutoStop": "60",
        }

    def test_is_shown_as_received(self, page: Page) -> None:
        head, _, body = page.all("pre")[1].exact_text.partition("\n\n")
        assert head.splitlines()[0] == "200"
        assert json.loads(body) == {"response": {"result": "OK"}}

    def test_names_the_credential_headers_without_their_values(self, page: Page) -> None:
        sent = page.all("pre")[0].exact_text
        assert "X-CH-Auth-API-Token: " in sent
        assert "canary-7f3a9c51" not in page.text
        assert "robot@example.net" not in page.text

    def test_says_how_it_ended(self, page: Page) -> None:
        assert page.all("summary")[0].text.startswith("POST 200 accepted")
