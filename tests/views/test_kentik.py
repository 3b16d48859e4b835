"""What Kentik shows, on the pages: beside what is wanted, as alarms, as evidence, and what was started elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from mitigations.models import Mitigation, Platform
from mitigations.policies.alarms import Code
from mitigations.policies.lifecycle import Status
from mitigations.policies.stopping import OrderStatus
from tests.making import NOW, make_exchange, make_mitigation, make_pairing
from tests.people import Cast
from tests.showing import look, make_alarm, make_followed, make_order, make_over, make_sighting
from tests.views.facts import deeds
from tests.views.pages import Page

ELSEWHERE = "/mitigations/elsewhere/"
LINK = "https://portal.kentik.com/v4/protect/mitigations/"


@pytest.fixture(autouse=True)
def _with_v6(settings, cast: Cast) -> None:
    settings.KENTIK_V6, settings.KENTIK_BASE_URL = True, ""


@pytest.fixture
def ana(signed_in) -> Client:
    """Sees everything and decides nothing."""
    return signed_in("ana")


@pytest.fixture
def lee(signed_in) -> Client:
    return signed_in("lee")


def look_at(client: Client, mitigation: Mitigation, deed: str = "") -> Page:
    return Page(client.get(f"/mitigations/{mitigation.reference}/{deed}"))


def observed(client: Client, mitigation: Mitigation) -> str:
    cards = look_at(client, mitigation).all("section", class_="observed")
    return cards[0].text if cards else ""


class TestBesideWhatIsWanted:
    def test_stands_what_kentik_shows(self, ana: Client) -> None:
        mitigation = make_followed(kentik_id="4711", started_at=NOW - timedelta(minutes=2))
        text = observed(ana, mitigation)
        assert all(
            words in text
            for words in ("Active", "4711", "2 min ago", "after 1 h", mitigation.marked_comment, "just now")
        )

    def test_stands_the_way_into_kentik(self, ana: Client) -> None:
        page = look_at(ana, make_followed(kentik_id="4711"))
        assert page.all("a", href=f"{LINK}4711")[0].attributes["rel"] == "noreferrer"

    def test_stands_no_link_where_there_is_no_kentik(self, ana: Client, settings) -> None:
        settings.KENTIK_BASE_URL = "http://127.0.0.1:9"
        page = look_at(ana, make_followed(kentik_id="4711"))
        assert "4711" in page.main.text
        assert not [address for address in page.links.values() if "4711" in address]

    def test_stands_no_link_where_the_region_is_wrong(self, ana: Client, settings) -> None:
        settings.KENTIK_REGION = "mars"
        assert "4711" in observed(ana, make_followed(kentik_id="4711"))

    def test_stands_where_the_two_disagree(self, ana: Client) -> None:
        mitigation = make_followed(appearance="clear-failed", label="Failed to clear")
        assert "traffic is probably still affected" in observed(ana, mitigation)

    def test_stands_nothing_before_it_is_sent(self, ana: Client) -> None:
        assert observed(ana, make_mitigation(Status.APPROVED)) == ""

    def test_stands_that_it_was_not_found_yet(self, ana: Client) -> None:
        look()
        assert "It is not found there yet." in observed(ana, make_mitigation(Status.ACTIVE))

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"refused_at": NOW - timedelta(hours=1), "refusal": "Not yours."}, "since 1 h ago : Not yours."),
            ({"listed_at": NOW - timedelta(minutes=12)}, "looked at Kentik 12 min ago for the last time"),
            ({"listed_at": None}, "has not looked at Kentik yet"),
        ],
    )
    def test_stands_why_it_is_not_known(self, values: dict[str, Any], reason: str, ana: Client) -> None:
        look(**values)
        text = observed(ana, make_mitigation(Status.ACTIVE))
        assert "Kentik’s own page shows whether it is in force." in text
        assert reason in text

    def test_stands_that_the_portal_does_not_read(self, ana: Client, settings) -> None:
        settings.KENTIK_V6 = False
        text = observed(ana, make_mitigation(Status.ACTIVE))
        assert "Kentik’s own page shows whether it is in force. The portal does not read from Kentik." in text


class TestAnOpenPage:
    def address(self, client: Client, mitigation: Mitigation) -> str:
        return look_at(client, mitigation).main.all("div", hx_swap="none")[0].attributes["hx-get"]

    def test_is_left_alone_while_kentik_shows_the_same(self, ana: Client) -> None:
        address = self.address(ana, make_followed())
        assert ana.get(address, headers={"HX-Request": "true"}).status_code == 204

    def test_is_loaded_anew_when_kentik_shows_another_state(self, ana: Client) -> None:
        mitigation = make_followed()
        address = self.address(ana, mitigation)
        mitigation.sighting.state = "A NEW & UNHEARD=OF STATE"
        mitigation.sighting.save()
        assert ana.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
        assert ana.get(self.address(ana, mitigation), headers={"HX-Request": "true"}).status_code == 204


class TestOrders:
    @pytest.mark.parametrize(
        ("status", "values", "words"),
        [
            (OrderStatus.WAITING, {}, "it waits for the worker"),
            (OrderStatus.WAITING, {"attempts": 2, "note": "Away."}, "tried 2 times. Away."),
            (OrderStatus.SENDING, {"lease_until": NOW, "attempt": "0" * 32}, "at this moment"),
            (OrderStatus.DELIVERED, {"answered_at": NOW}, "that is waited for"),
            (OrderStatus.UNCLEAR, {"note": "The answer is lost."}, "The answer is lost. What Kentik shows will tell"),
            (OrderStatus.REFUSED, {"note": "Not yours."}, "Not carried out. Not yours."),
            (OrderStatus.DONE, {}, "Done: the mitigation was over"),
        ],
    )
    def test_say_what_became_of_them(
        self, status: OrderStatus, values: dict[str, Any], words: str, ana: Client
    ) -> None:
        mitigation = make_followed()
        make_order(mitigation, status, **values)
        card = look_at(ana, mitigation).all("section", class_="order")[0].text
        assert "dana ordered it just now . The attack is over." in card
        assert words in card

    def test_are_part_of_what_is_wanted_while_they_are_under_way(self, ana: Client) -> None:
        mitigation = make_followed()
        make_order(mitigation, OrderStatus.REFUSED)
        assert "Ordered to stop" not in look_at(ana, mitigation).all("section", class_="now-active")[0].text
        make_order(mitigation)
        assert "Ordered to stop by dana" in look_at(ana, mitigation).all("section", class_="now-active")[0].text

    def test_are_shown_newest_first(self, ana: Client) -> None:
        mitigation = make_followed()
        for status in (OrderStatus.REFUSED, OrderStatus.WAITING):
            make_order(mitigation, status)
        cards = look_at(ana, mitigation).all("section", class_="order")
        assert [card.classes[-1] for card in cards] == ["order-waiting", "order-refused"]


def test_exchanges_are_grouped_by_what_they_were_for(ana: Client) -> None:
    mitigation = make_followed()
    for purpose in ("stop", "start"):
        make_exchange(mitigation, purpose=purpose)
    assert look_at(ana, mitigation).said("h3")[:1] == ["Starting it"]
    assert "Stopping it" in look_at(ana, mitigation).said("h3")


class TestAlarms:
    @pytest.mark.parametrize("code", Code)
    def test_stand_on_the_overview_and_on_the_mitigation(self, code: Code, ana: Client) -> None:
        mitigation = make_alarm(code, sentence="It is so.").mitigation
        for page in (Page(ana.get("/")), look_at(ana, mitigation)):
            assert [alarm for alarm in page.alarms if "It is so." in alarm and mitigation.reference in alarm]

    def test_put_a_stop_that_was_not_delivered_before_everything(self, ana: Client) -> None:
        make_mitigation(Status.UNKNOWN)
        look(refused_at=NOW, refusal="No.")
        make_alarm("failed-to-clear")
        loudest = make_alarm("stop-undelivered", make_followed(kentik_id="4711"))
        first = Page(ana.get("/")).all(class_="alarm")[0]
        assert "alarm-loudest" in first.classes
        assert first.text.startswith(f"{loudest.mitigation.reference} 203.0.113.7/32 is ordered to stop and still runs")

    def test_of_a_stop_that_was_not_delivered_lead_to_kentik_by_hand(self, ana: Client) -> None:
        mitigation = make_alarm("stop-undelivered", make_followed(kentik_id="4711")).mitigation
        for page in (Page(ana.get("/")), look_at(ana, mitigation)):
            alarm = page.all(class_="alarm-loudest")[0]
            assert alarm.all("ol")[0].all("a")[0].attributes["href"] == f"{LINK}4711"
            assert "In the row’s action menu choose Stop ." in alarm.text

    def test_of_a_failed_clearing_warn_of_archiving(self, ana: Client) -> None:
        followed = make_followed(appearance="clear-failed", label="Failed to clear")
        alarm = look_at(ana, make_alarm("failed-to-clear", followed).mitigation).alarms[0]
        assert "choose Retry . Do not archive it" in alarm

    @pytest.mark.parametrize(("code", "offered"), [("lost-auto-stop", 2), ("failed-to-start", 1), ("other-comment", 0)])
    def test_lead_to_the_stop_where_that_mends_it(self, code: str, offered: int, signed_in) -> None:
        mitigation = make_alarm(code, make_followed()).mitigation
        alarm = Page(signed_in("lee").get("/")).all(class_="alarm")[0]
        stop = f"/mitigations/{mitigation.reference}/stop/"
        assert [each.attributes["href"] for each in alarm.all("a") if stop in each.attributes["href"]] == (
            [stop, f"{stop}?record=1"][:offered]
        )

    def test_offer_the_record_to_whoever_may_stop(self, signed_in) -> None:
        mitigation = make_alarm("stop-undelivered").mitigation
        address = f"/mitigations/{mitigation.reference}/stop/?record=1"
        found = {who: address in Page(signed_in(who).get("/")).links.values() for who in ("dana", "lee", "ana", "max")}
        assert found == {"dana": True, "lee": True, "ana": False, "max": False}

    def test_of_what_is_over_stand_without_the_steps(self, ana: Client) -> None:
        make_alarm("stop-undelivered", make_mitigation(Status.STOPPED))
        page = Page(ana.get("/"))
        assert "Meanwhile it is stopped" in page.alarms[0]
        assert page.all("ol", class_="by-hand") == []

    def test_of_what_outlives_its_end_here_keep_the_steps_and_offer_no_record(self, lee: Client) -> None:
        over = make_over(make_followed(), Status.ENDED)
        make_alarm("still-live", over)
        page = look_at(lee, over)
        assert "In the row’s action menu choose Stop" in page.alarms[0]
        assert "I have stopped it in Kentik …" not in page.links

    def test_are_gone_when_somebody_has_settled_them(self, lee: Client) -> None:
        alarm = make_alarm("ended-early", make_mitigation(Status.STOPPED))
        lee.post(f"/alarms/{alarm.pk}/", {"note": "Seen."})
        assert Page(lee.get("/")).alarms == []


class TestEvidence:
    def rows(self, page: Page) -> list[str]:
        return [row.text for row in page.all("table", class_="evidence")[0].all("tbody")[0].all("tr")]

    @pytest.mark.parametrize("code", ["several", "not-found"])
    def test_stands_beside_what_was_sent(self, code: str, ana: Client) -> None:
        look()
        mitigation = make_alarm(code, make_mitigation(Status.ACTIVE, target="203.0.113.7/32")).mitigation
        make_sighting(target=mitigation.target, kentik_id="71", comment="Mine", platform_id="999")
        sent, shown = self.rows(look_at(ana, mitigation))
        assert f"{mitigation.reference} , as sent" in sent
        assert all(words in shown for words in ("71", "Mine", "platform 999"))

    def test_says_when_there_is_none(self, ana: Client) -> None:
        look()
        mitigation = make_alarm("not-found", make_mitigation(Status.ACTIVE)).mitigation
        assert self.rows(look_at(ana, mitigation))[1] == "Kentik has shown nothing for this target."

    def test_is_not_shown_without_need(self, ana: Client) -> None:
        assert look_at(ana, make_followed()).all("table", class_="evidence") == []

    def test_and_the_exchange_stand_where_an_unknown_one_is_settled(self, lee: Client) -> None:
        look()
        mitigation = make_mitigation(Status.UNKNOWN, target="203.0.113.7/32")
        make_sighting(target=mitigation.target, kentik_id="71")
        make_exchange(mitigation, outcome="unknown", status=None)
        page = look_at(lee, mitigation, "settle/")
        assert "71" in self.rows(page)[1]
        assert "no answer unknown" in page.all("summary")[0].text


class TestSayingWhichItIs:
    @pytest.fixture
    def several(self) -> Mitigation:
        look()
        mitigation = make_mitigation(Status.ACTIVE, target="203.0.113.7/32")
        for kentik_id in ("71", "72"):
            make_sighting(target=mitigation.target, kentik_id=kentik_id, comment=mitigation.marked_comment)
        return mitigation

    def press(self, client: Client, mitigation: Mitigation, **typed: str) -> Any:
        return client.post(f"/mitigations/{mitigation.reference}/identify/", typed)

    def test_is_offered_to_approvers(self, several: Mitigation, signed_in) -> None:
        words = "Say which it is …"
        offered = {who: words in look_at(signed_in(who), several).buttons for who in ("dana", "lee", "ana", "max")}
        assert offered == {"dana": False, "lee": True, "ana": False, "max": False}

    def test_is_not_offered_where_there_is_one(self, lee: Client) -> None:
        mitigation = make_mitigation(Status.ACTIVE)
        make_sighting(target=mitigation.target, comment="")
        assert look_at(lee, mitigation).buttons == ["Record a stop …"]

    def test_ties_it_and_says_so(self, several: Mitigation, lee: Client) -> None:
        answer = self.press(lee, several, kentik_id="72", note="The newer.")
        assert Page(lee.get(answer.headers["Location"])).notices == [f"{several.reference} is Kentik’s 72."]
        assert deeds(several.reference) == [("lee", "mitigation.matched", "done")]

    @pytest.mark.parametrize("typed", [{}, {"kentik_id": "72"}, {"note": "x"}, {"kentik_id": "73", "note": "x"}])
    def test_needs_one_of_them_and_a_reason(self, typed: dict[str, str], several: Mitigation, lee: Client) -> None:
        assert self.press(lee, several, **typed).status_code == 422
        assert not hasattr(Mitigation.objects.get(pk=several.pk), "sighting")

    @pytest.mark.parametrize("who", ["dana", "ana", "max", "eve"])
    def test_is_refused_to_whoever_may_not_and_remembered(self, who: str, several: Mitigation, signed_in) -> None:
        assert self.press(signed_in(who), several, kentik_id="72", note="x").status_code == 403
        assert deeds(several.reference) == [(who, "mitigation.matched", "refused")]

    def test_has_nothing_to_press_where_nothing_fits(self, lee: Client) -> None:
        page = look_at(lee, make_mitigation(Status.ACTIVE), "identify/")
        assert "disabled" in page.main.all("button")[0].attributes


class TestStartedElsewhere:
    def rows(self, client: Client) -> list[str]:
        return [row.text for body in Page(client.get(ELSEWHERE)).all("tbody") for row in body.all("tr")]

    def test_shows_what_is_live_and_not_ours(self, ana: Client) -> None:
        make_pairing()
        make_followed()
        make_sighting(kentik_id="71", occupies=False)
        make_sighting(target="203.0.113.9/32", kentik_id="72", comment="Nightly test")
        (row,) = self.rows(ana)
        for words in (
            "203.0.113.9/32",
            "Active",
            "Edge RTBH · Drop everything",
            "in 1 h",
            "Nightly test",
            "by hand",
            "72",
        ):
            assert words in row

    def test_puts_those_by_hand_before_the_automatic(self, ana: Client) -> None:
        look()
        make_sighting(kentik_id="71")
        make_sighting(kentik_id="72", manual=False, ends_at=None, platform_id="999")
        hand, automatic = self.rows(ana)
        assert "by hand" in hand
        assert all(words in automatic for words in ("automatic", "its policy ends it", "platform 999"))

    def test_says_that_there_is_nothing(self, ana: Client) -> None:
        look()
        assert "all that is live at Kentik was started here" in Page(ana.get(ELSEWHERE)).main.text

    @pytest.mark.parametrize("values", [{"refused_at": NOW, "refusal": "No."}, {"listed_at": None}])
    def test_does_not_say_that_there_is_nothing_when_it_cannot_know(self, values: dict[str, Any], ana: Client) -> None:
        look(**values)
        assert "Nothing is known." in Page(ana.get(ELSEWHERE)).main.text

    def test_says_that_the_list_was_not_whole(self, ana: Client) -> None:
        look(trouble="The list was too long.")
        assert Page(ana.get(ELSEWHERE)).notices == ["The list was too long."]

    def test_says_how_many_are_not_shown(self, ana: Client) -> None:
        look()
        for number in range(101):
            make_sighting(target=f"198.51.100.{number}/32")
        assert "101 in all" in Page(ana.get(ELSEWHERE)).main.text


class TestTheOverview:
    def test_leads_to_what_was_started_elsewhere(self, ana: Client) -> None:
        look()
        make_sighting()
        assert Page(ana.get("/")).links["1 started elsewhere"] == ELSEWHERE

    def test_says_that_v6_is_refused_and_what_that_means(self, ana: Client) -> None:
        look(refused_at=NOW - timedelta(hours=2), refusal="Kentik refused (403): No.")
        (alarm,) = Page(ana.get("/")).alarms
        assert all(
            words in alarm
            for words in ("refuses its mitigation API (V6)", "(403): No. That is so since 2 h ago .", "cannot see")
        )

    def test_says_that_the_list_was_not_whole(self, ana: Client) -> None:
        look(trouble="The list was too long.")
        assert Page(ana.get("/")).notices == ["The list was too long."]

    def test_says_that_the_last_look_is_old(self, ana: Client) -> None:
        look(listed_at=NOW - timedelta(minutes=5))
        assert "Kentik is out of sight" in Page(ana.get("/")).alarms[0]

    def test_says_that_no_look_has_come_to_anything(self, ana: Client) -> None:
        look(listed_at=None, tried_at=NOW - timedelta(minutes=1))
        (notice,) = Page(ana.get("/")).notices
        assert "tried to read Kentik’s list 1 min ago and has not read it yet" in notice

    def test_is_quiet_before_the_first_look(self, ana: Client) -> None:
        page = Page(ana.get("/"))
        assert (page.alarms, page.notices) == ([], [])
        assert "Kentik has not been looked at yet." in page.main.text

    def test_is_quiet_when_all_is_well(self, ana: Client) -> None:
        look()
        page = Page(ana.get("/"))
        assert (page.alarms, page.notices) == ([], [])

    def test_says_in_one_line_that_v6_is_off(self, ana: Client, settings) -> None:
        settings.KENTIK_V6 = False
        look(refused_at=NOW, refusal="No.")
        make_sighting()
        page = Page(ana.get("/"))
        assert (page.alarms, page.notices) == ([], [])
        assert "The portal does not read from Kentik" in page.main.text

    def test_stands_when_a_question_was_refused(self, ana: Client) -> None:
        """Such an exchange belongs to no mitigation."""
        make_exchange(purpose="read", status=403, outcome="refused", credentials_refused=True)
        assert Page(ana.get("/")).alarms == []


def test_names_are_those_of_our_catalogue(ana: Client) -> None:
    look()
    make_pairing()
    Platform.objects.update(name="Renamed")
    make_sighting()
    assert "Renamed · Drop everything" in Page(ana.get(ELSEWHERE)).main.text
