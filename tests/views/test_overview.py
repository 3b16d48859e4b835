from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from audit import sinks
from audit.models import Sink
from mitigations.models import Mitigation, Team
from mitigations.policies.alarms import Code
from mitigations.policies.lifecycle import FINAL, Status
from tests.making import NOW, make_event, make_exchange, make_mitigation
from tests.people import Cast
from tests.showing import make_alarm, make_followed, make_sighting
from tests.views.pages import Page


@pytest.fixture
def ana(signed_in) -> Client:
    return signed_in("ana")


def figures(client: Client) -> dict[str, str]:
    groups = Page(client.get("/")).all("dl", class_="figures")[0].all("div")
    return {group.all("dt")[0].text: group.all("dd")[0].text for group in groups}


class TestFigures:
    def test_count_what_is_live_waiting_and_unknown(self, ana: Client) -> None:
        statuses = [Status.ACTIVE] * 3 + [Status.PENDING] * 2 + [Status.APPROVED, Status.SENDING, Status.UNKNOWN]
        for status in statuses:
            make_mitigation(status)
        assert figures(ana) == {"active": "3", "to be approved": "2", "on the way": "2", "unknown": "1"}

    def test_do_not_count_what_is_over(self, ana: Client) -> None:
        for status in FINAL:
            make_mitigation(status)
        assert set(figures(ana).values()) == {"0"}

    def test_are_all_nought_at_first(self, ana: Client) -> None:
        assert set(figures(ana).values()) == {"0"}


class TestLists:
    def sections(self, client: Client) -> dict[str, list[str]]:
        """The references under each heading."""
        sections = Page(client.get("/")).all(class_="sea")[0].all("section")
        return {section.all("h2")[0].text: re.findall(r"MIT-\d+", section.text) for section in sections}

    def test_show_first_what_ends_first(self, ana: Client) -> None:
        ending = [make_mitigation(Status.ACTIVE, minutes=minutes).reference for minutes in (60, 0, 10)]
        assert self.sections(ana)["Live"] == [ending[2], ending[0], ending[1]]

    def test_show_first_of_what_nobody_can_say_that_it_runs(self, ana: Client) -> None:
        well, dead, unknown = (make_mitigation(each) for each in (Status.ACTIVE, Status.ACTIVE, Status.UNKNOWN))
        make_sighting(dead, appearance="start-failed")
        assert self.sections(ana)["Live"] == [unknown.reference, dead.reference, well.reference]

    @pytest.mark.parametrize(
        ("shown", "words"),
        [
            ({"appearance": "start-failed"}, "failed to start"),
            ({"auto_stop_minutes": None}, "will not end"),
            ({"appearance": "clear-failed"}, "could not be removed"),
        ],
    )
    def test_count_nothing_down_that_does_not_run_or_does_not_end(
        self, ana: Client, shown: dict[str, Any], words: str
    ) -> None:
        mitigation = make_followed(**shown)
        for address in ("/", f"/mitigations/{mitigation.reference}/"):
            page = Page(ana.get(address))
            assert words in page.main.text
            assert page.all("time", class_="countdown") == []

    def test_show_what_waits_oldest_first(self, ana: Client) -> None:
        waiting = [make_mitigation(status).reference for status in (Status.PENDING, Status.APPROVED, Status.PENDING)]
        assert self.sections(ana)["Waiting"] == waiting

    def test_leave_out_what_is_over(self, ana: Client) -> None:
        make_mitigation(Status.ENDED)
        assert self.sections(ana) == {"Live": [], "Waiting": []}


class TestWhatWasAskedForAtOnce:
    @pytest.fixture
    def lead(self, cast: Cast) -> Mitigation:
        lead = make_mitigation(target="203.0.113.1/32")
        for last in (2, 3):
            make_mitigation(target=f"203.0.113.{last}/32", asked_with=lead)
        return lead

    def waiting(self, client: Client) -> list[str]:
        return [each.text for each in Page(client.get("/")).all(class_="waits")]

    def test_waits_on_one_card(self, ana: Client, lead: Mitigation) -> None:
        [card] = self.waiting(ana)
        assert card.startswith("3 targets at once 203.0.113.1/32 …")

    def test_waits_on_another_where_others_must_approve(self, ana: Client, lead: Mitigation) -> None:
        make_mitigation(target="203.0.113.4/32", asked_with=lead, approvals_needed=2)
        assert [card[:3] for card in self.waiting(ana)] == ["3 t", "203"]

    def test_is_decided_together(self, signed_in, lead: Mitigation) -> None:
        [link] = Page(signed_in("lee").get("/")).all(class_="waits")[0].all("a", class_="button")
        assert link.attributes["href"] == f"/mitigations/{lead.reference}/together/"


class TestTheWall:
    def test_has_no_deeds(self, signed_in, cast: Cast) -> None:
        make_mitigation()
        make_mitigation(Status.UNKNOWN)
        for code in Code:
            make_alarm(code)
        board = Page(signed_in("lee").get("/?wall=1")).all(id="board")[0]
        assert board.all(class_="button") == []
        assert [link.text for link in board.all("a") if "…" in link.text] == []
        assert "Waits for 1 of kim, lee" in board.text


class TestWhomItWaitsFor:
    def waiting(self, client: Client) -> str:
        return Page(client.get("/")).all(class_="waits")[0].all("p")[-1].text

    def test_is_told_by_name(self, ana: Client) -> None:
        make_mitigation()
        assert self.waiting(ana).startswith("Waits for 1 of kim, lee expires")

    def test_is_everybody_when_nobody_can_be_spared(self, ana: Client) -> None:
        make_mitigation(approvals_needed=2)
        assert self.waiting(ana).startswith("Waits for kim and lee expires")

    def test_is_no_longer_whoever_has_approved(self, ana: Client, cast: Cast) -> None:
        mitigation = make_mitigation(approvals_needed=2)
        mitigation.decisions.create(decided_by=cast.lee, verdict="approve", decided_at=NOW)
        assert self.waiting(ana).startswith("Waits for kim expires")

    def test_is_the_team_that_must_approve(self, ana: Client, cast: Cast) -> None:
        team = Team.objects.create(name="Core")
        team.members.add(cast.kim)
        make_mitigation(approving_team=team)
        assert self.waiting(ana).startswith("Waits for kim expires")

    def test_leads_whoever_it_is_to_the_decision(self, signed_in, cast: Cast) -> None:
        mitigation = make_mitigation()
        [link] = Page(signed_in("lee").get("/")).all(class_="waits")[0].all("a", class_="button")
        assert (link.text, link.attributes["href"]) == ("Decide", f"/mitigations/{mitigation.reference}/")

    def test_is_said_when_there_are_too_few(self, ana: Client) -> None:
        make_mitigation(approvals_needed=3)
        assert self.waiting(ana).startswith("Too few people may approve it.")

    def test_is_nobody_once_it_is_agreed_to(self, ana: Client) -> None:
        make_mitigation(Status.APPROVED)
        assert self.waiting(ana) == "approved and on its way"


class TestTheLastThirtyDays:
    def test_are_told_with_a_link_to_each_days_list(self, ana: Client) -> None:
        for days in (0, 0, 29, 30):
            make_mitigation(Status.ENDED, at=NOW - timedelta(days=days))
        with travel(NOW, tick=False):
            page = Page(ana.get("/"))
        chart = page.all("svg", class_="columns")[0]
        assert len(chart.all("rect", class_="bar")) == 2
        links = page.all("table", class_="numbers")[0].all("a")
        assert [link.text for link in links] == ["2", "1"]
        assert len(Page(ana.get(links[0].attributes["href"])).all("table")[0].all("tr")) == 1 + 2


class TestAlarms:
    def test_are_none_in_quiet_times(self, ana: Client) -> None:
        make_mitigation(Status.ACTIVE)
        assert Page(ana.get("/")).alarms == []

    def test_tell_loudly_of_an_unknown_outcome(self, ana: Client) -> None:
        mitigation = make_mitigation(Status.UNKNOWN)
        page = Page(ana.get("/"))
        assert "1 of unknown outcome" in page.alarms[0]
        assert page.all(class_="alarm")[0].all("a")[0].attributes["href"] == f"/mitigations/{mitigation.reference}/"

    def test_tell_once_of_one_that_is_not_to_be_found_either(self, ana: Client) -> None:
        make_alarm("not-found", make_mitigation(Status.UNKNOWN))
        assert len(Page(ana.get("/")).alarms) == 1

    def test_lead_whoever_may_settle_it_there(self, signed_in, cast: Cast) -> None:
        mitigation = make_mitigation(Status.UNKNOWN, requested_by=cast.kim)
        address = f"/mitigations/{mitigation.reference}/settle/"
        assert [
            name for name in ("lee", "kim", "dana") if address in Page(signed_in(name).get("/")).links.values()
        ] == ["lee"]

    def test_tell_of_one_that_was_approved_and_is_not_taken(self, ana: Client) -> None:
        mitigation = make_mitigation(Status.APPROVED, at=NOW - timedelta(seconds=16), status_note="Kentik is away.")
        alarm = Page(ana.get("/")).alarms[0]
        assert "Approved, but not sent" in alarm
        assert mitigation.target in alarm
        assert "Kentik is away." in alarm

    def test_tell_that_kentik_refuses_the_credentials(self, ana: Client) -> None:
        mitigation = make_mitigation(Status.REFUSED)
        error = "Kentik refused the portal's credentials or rights (401): Unauthorized"
        make_exchange(mitigation, status=401, outcome="refused", error=error, credentials_refused=True)
        assert "Unauthorized" in Page(ana.get("/")).alarms[0]

    def test_give_the_worker_fifteen_seconds(self, ana: Client) -> None:
        make_mitigation(Status.APPROVED, at=NOW - timedelta(seconds=15))
        assert Page(ana.get("/")).alarms == []

    def test_tell_of_every_stuck_one_however_many_wait_before_it(self, ana: Client) -> None:
        old = NOW - timedelta(minutes=5)
        for number in range(100):
            make_mitigation(target=f"198.51.100.{number}/32", at=old)
        make_mitigation(Status.APPROVED, at=old)
        assert "Approved, but not sent" in " ".join(Page(ana.get("/")).alarms)

    def test_count_every_unknown_one_however_many_are_live(self, ana: Client) -> None:
        for number in range(101):
            make_mitigation(Status.ACTIVE, target=f"198.51.100.{number}/32")
        make_mitigation(Status.UNKNOWN)
        assert "1 of unknown outcome" in " ".join(Page(ana.get("/")).alarms)


class TestWhoDoesNotKeepUp:
    @pytest.fixture(autouse=True)
    def _behind(self, cast: Cast) -> None:
        sinks.ensure("stream-syslog", whole=True)
        old = NOW - timedelta(minutes=6)
        Sink.objects.update(begun_at=old, last_error="It answered with HTTP 503.")
        make_event("mitigation.ended", make_mitigation(Status.ENDED), at=old)

    @pytest.mark.parametrize("name", ["ana", "max"])
    def test_is_an_alarm_for_auditors_and_administrators(self, name: str, signed_in) -> None:
        alarm = Page(signed_in(name).get("/")).alarms[0]
        assert "stream-syslog : 1 event, the oldest from 6 min ago" in alarm
        assert "It answered with HTTP 503." in alarm

    @pytest.mark.parametrize("name", ["dana", "lee"])
    def test_is_none_for_others(self, name: str, signed_in) -> None:
        assert Page(signed_in(name).get("/")).alarms == []

    def test_is_over_when_it_has_caught_up(self, ana: Client) -> None:
        Sink.objects.update(cursor=1)
        assert Page(ana.get("/")).alarms == []

    def test_takes_as_many_queries_for_many_as_for_one(self, ana: Client) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                ana.get("/")
            return len(captured)

        one = queries()
        for number in range(10):
            sinks.ensure(f"stream-{number}", whole=True)
        Sink.objects.update(begun_at=NOW - timedelta(minutes=6))
        assert queries() == one
