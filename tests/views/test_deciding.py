from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from audit.models import Event
from mitigations.models import Decision, Mitigation, Team
from mitigations.policies.lifecycle import Status
from tests.making import NOW, make_mitigation, make_pairing
from tests.people import Cast, browser_of, make_person
from tests.views.facts import deeds, mitigation_rows
from tests.views.pages import Page


def press(client: Client, mitigation: Mitigation, deed: str, **typed: str) -> Any:
    return client.post(f"/mitigations/{mitigation.reference}/{deed}/", typed)


def look(client: Client, mitigation: Mitigation, deed: str = "") -> Page:
    return Page(client.get(f"/mitigations/{mitigation.reference}/{deed}{'/' if deed else ''}"))


@pytest.fixture
def dana(signed_in) -> Client:
    return signed_in("dana")


@pytest.fixture
def lee(signed_in) -> Client:
    return signed_in("lee")


@pytest.fixture
def kim(signed_in) -> Client:
    return signed_in("kim")


@pytest.fixture
def pending(cast: Cast) -> Mitigation:
    return make_mitigation(target="203.0.113.7/32")


@pytest.fixture
def active(cast: Cast) -> Mitigation:
    return make_mitigation(Status.ACTIVE, target="203.0.113.7/32")


@pytest.fixture
def unknown(cast: Cast) -> Mitigation:
    return make_mitigation(Status.UNKNOWN, target="203.0.113.7/32")


class TestApproving:
    def test_hands_it_to_the_worker(self, lee: Client, pending: Mitigation) -> None:
        press(lee, pending, "approve", note="Seen it too.")
        pending.refresh_from_db()
        assert (pending.status, pending.approved_at) == (Status.APPROVED, NOW)

    def test_keeps_who_decided_and_their_note(self, lee: Client, pending: Mitigation) -> None:
        press(lee, pending, "approve", note="Seen it too.")
        decision = pending.decisions.get()
        assert (decision.decided_by.username, decision.verdict, decision.note) == ("lee", "approve", "Seen it too.")

    def test_leaves_one_event_of_this_very_request(self, lee: Client, pending: Mitigation) -> None:
        answer = press(lee, pending, "approve")
        assert deeds() == [("lee", "mitigation.approved", "done")]
        assert Event.objects.get().request_id == answer.headers["X-Request-ID"]

    def test_leads_to_what_waits_next_and_says_what_was_done(self, lee: Client, pending: Mitigation) -> None:
        other = make_mitigation(target="198.51.100.9/32")
        page = Page(lee.get(press(lee, pending, "approve").headers["Location"]))
        said = f"You approved {pending.target}, {pending.reference} . The worker sends it next. 1 more waits for you."
        assert page.notices == [said]
        assert [card.attributes["id"] for card in page.main.all("article")] == [other.reference]

    def test_says_that_nothing_else_waits(self, lee: Client, pending: Mitigation) -> None:
        page = Page(lee.get(press(lee, pending, "approve").headers["Location"]))
        assert page.notices[0].endswith("The worker sends it next. Nothing else waits for you.")

    def test_says_how_many_are_sent_before_it(self, lee: Client, pending: Mitigation) -> None:
        for _ in range(2):
            make_mitigation(Status.APPROVED, at=NOW - timedelta(minutes=1))
        page = Page(lee.get(press(lee, pending, "approve").headers["Location"]))
        assert "2 are sent before it, as soon as Kentik’s budget allows." in page.notices[0]

    def test_says_that_another_must_agree_too(self, lee: Client, cast: Cast) -> None:
        page = Page(lee.get(press(lee, make_mitigation(approvals_needed=2), "approve").headers["Location"]))
        assert "Somebody else must approve it too." in page.notices[0]

    def test_waits_for_the_second_where_two_are_needed(self, lee: Client, cast: Cast) -> None:
        pending = make_mitigation(approvals_needed=2)
        press(lee, pending, "approve")
        pending.refresh_from_db()
        assert (pending.status, pending.approved_at) == (Status.PENDING, None)

    def test_is_agreed_by_the_second_where_two_are_needed(self, lee: Client, kim: Client, cast: Cast) -> None:
        pending = make_mitigation(approvals_needed=2)
        press(lee, pending, "approve")
        press(kim, pending, "approve")
        pending.refresh_from_db()
        assert pending.status == Status.APPROVED

    def test_says_first_what_will_happen_to_what_for_how_long(self, lee: Client, pending: Mitigation) -> None:
        (lead,) = look(lee, pending, "approve").said("p", class_="lead")
        assert lead == (
            "The worker will tell Kentik at once to act on 203.0.113.7/32 for 1 h on Edge RTBH · Drop everything, "
            "which drops all traffic to the target."
        )

    def test_says_first_that_it_does_not_go_out_yet(self, lee: Client, cast: Cast) -> None:
        (lead,) = look(lee, make_mitigation(approvals_needed=3), "approve").said("p", class_="lead")
        assert lead.startswith(
            "After yours, 2 more approvals of 3 are missing; then the worker will tell Kentik to act"
        )

    def test_is_refused_to_whoever_asked(self, cast: Cast) -> None:
        both = make_person("both", ["requester", "approver"])
        own = make_mitigation(requested_by=both)
        client = browser_of(both)
        answer = press(client, own, "approve")
        assert (answer.status_code, Decision.objects.count()) == (403, 0)
        assert "Nobody may approve their own request." in Page(answer).alarms[0]

    def test_is_not_offered_to_whoever_asked(self, cast: Cast) -> None:
        both = make_person("both", ["requester", "approver"])
        client = browser_of(both)
        page = look(client, make_mitigation(requested_by=both), "approve")
        assert "disabled" in page.main.all("button")[0].attributes

    def test_is_blocked_by_what_changed_since_the_request(self, lee: Client, pending: Mitigation) -> None:
        make_pairing(offered=False)
        answer = press(lee, pending, "approve", note="Yes.")
        assert (answer.status_code, Decision.objects.count()) == (409, 0)
        assert "is not offered here" in Page(answer).alarms[0]

    def test_shows_a_block_before_the_button_is_pressed(self, lee: Client, pending: Mitigation) -> None:
        make_pairing(offered=False)
        page = look(lee, pending, "approve")
        assert "Blocked" in page.main.all("li", class_="finding-block")[0].text
        assert "disabled" in page.main.all("button")[0].attributes

    def test_is_too_late_after_the_deadline(self, signed_in, pending: Mitigation, clock) -> None:
        clock.move_to(NOW + timedelta(hours=24))
        answer = press(signed_in("lee"), pending, "approve")
        assert (answer.status_code, Decision.objects.count()) == (409, 0)
        assert "this request has expired" in Page(answer).alarms[0]

    def test_needs_the_csrf_token(self, cast: Cast, pending: Mitigation) -> None:
        client = browser_of(cast.lee, enforce_csrf_checks=True)
        assert press(client, pending, "approve").status_code == 403
        assert not Decision.objects.exists()


class TestADoubleClick:
    def test_on_approve_gives_one_decision(self, lee: Client, pending: Mitigation) -> None:
        press(lee, pending, "approve")
        press(lee, pending, "approve")
        assert Decision.objects.count() == 1

    def test_on_approve_gets_a_friendly_answer(self, lee: Client, pending: Mitigation) -> None:
        press(lee, pending, "approve")
        answer = press(lee, pending, "approve")
        page = Page(lee.get(answer.headers["Location"]))
        assert page.notices[-1] == "You have decided on this request already."
        assert page.alarms == []

    def test_on_reject_gives_one_decision(self, lee: Client, pending: Mitigation) -> None:
        press(lee, pending, "reject", note="No.")
        assert press(lee, pending, "reject", note="No.").status_code == 302
        assert Decision.objects.count() == 1

    def test_on_withdraw_gets_an_answer_that_says_what_it_is_now(self, dana: Client, pending: Mitigation) -> None:
        press(dana, pending, "withdraw")
        again = press(dana, pending, "withdraw")
        assert "It was withdrawn already." in Page(dana.get(again.headers["Location"])).notices


class TestASecondApprover:
    def test_after_the_last_needed_is_told_who_was_first(self, lee: Client, kim: Client, pending: Mitigation) -> None:
        press(lee, pending, "approve")
        answer = press(kim, pending, "approve")
        assert answer.status_code == 409
        assert "already approved by lee" in Page(answer).alarms[0]

    def test_after_the_last_needed_decides_nothing(self, lee: Client, kim: Client, pending: Mitigation) -> None:
        press(lee, pending, "approve")
        press(kim, pending, "approve", note="Me too.")
        assert [decision.decided_by.username for decision in pending.decisions.all()] == ["lee"]

    def test_keeps_the_note_that_they_typed(self, lee: Client, kim: Client, pending: Mitigation) -> None:
        press(lee, pending, "approve")
        assert Page(press(kim, pending, "approve", note="Me too.")).typed == {"note": "Me too."}

    def test_who_opens_the_page_too_late_sees_it_before_pressing(
        self, lee: Client, kim: Client, pending: Mitigation
    ) -> None:
        press(lee, pending, "approve")
        page = look(kim, pending, "approve")
        assert "This cannot be done now" in page.alarms[0]
        assert "is approved and waits to be sent" in page.alarms[0]
        assert page.said("p", class_="lead") == []
        assert "disabled" in page.main.all("button")[0].attributes

    def test_may_still_reject_what_has_not_left(self, lee: Client, kim: Client, pending: Mitigation) -> None:
        press(lee, pending, "approve")
        press(kim, pending, "reject", note="Wrong host.")
        pending.refresh_from_db()
        assert pending.status == Status.REJECTED


class TestRejecting:
    def test_ends_it_with_the_reason(self, lee: Client, pending: Mitigation) -> None:
        press(lee, pending, "reject", note="Wrong host.")
        pending.refresh_from_db()
        assert (pending.status, pending.status_note, pending.closed_at) == (Status.REJECTED, "Wrong host.", NOW)

    def test_keeps_the_decision_and_one_event(self, lee: Client, pending: Mitigation) -> None:
        press(lee, pending, "reject", note="Wrong host.")
        assert pending.decisions.get().note == "Wrong host."
        assert deeds() == [("lee", "mitigation.rejected", "done")]

    def test_tells_dana_why(self, lee: Client, dana: Client, pending: Mitigation) -> None:
        press(lee, pending, "reject", note="Wrong host.")
        assert "Wrong host." in look(dana, pending).main.all("blockquote")[0].text

    @pytest.mark.parametrize("note", ["", "   ", "\r\n"])
    def test_without_a_note_says_why_not(self, note: str, lee: Client, pending: Mitigation) -> None:
        answer = press(lee, pending, "reject", note=note)
        assert (answer.status_code, Decision.objects.count()) == (422, 0)
        assert "This field is required." in Page(answer).alarms[0]


class TestWithdrawing:
    @pytest.mark.parametrize("status", [Status.PENDING, Status.APPROVED])
    def test_ends_it_before_anything_is_sent(self, status: Status, dana: Client, cast: Cast) -> None:
        mitigation = make_mitigation(status)
        press(dana, mitigation, "withdraw", note="It stopped by itself.")
        mitigation.refresh_from_db()
        assert (mitigation.status, mitigation.status_note) == (Status.WITHDRAWN, "It stopped by itself.")

    def test_leaves_one_event(self, dana: Client, pending: Mitigation) -> None:
        press(dana, pending, "withdraw")
        assert deeds() == [("dana", "mitigation.withdrawn", "done")]

    @pytest.mark.parametrize("status", [Status.SENDING, Status.ACTIVE, Status.UNKNOWN, Status.ENDED])
    def test_is_too_late_once_it_may_have_left(self, status: Status, dana: Client, cast: Cast) -> None:
        mitigation = make_mitigation(status)
        assert press(dana, mitigation, "withdraw").status_code == 409
        mitigation.refresh_from_db()
        assert mitigation.status == status

    def test_is_for_whoever_asked_only(self, pending: Mitigation) -> None:
        client = browser_of(make_person("rob", ["requester"]))
        answer = press(client, pending, "withdraw", note="Not mine.")
        assert answer.status_code == 403
        assert "Only whoever asked may withdraw this." in Page(answer).alarms[0]
        assert Page(answer).typed == {"note": "Not mine."}


class TestSettling:
    @pytest.mark.parametrize("outcome", [Status.ACTIVE, Status.REFUSED, Status.STOPPED])
    def test_says_what_became_of_it(self, outcome: Status, lee: Client, unknown: Mitigation) -> None:
        press(lee, unknown, "settle", outcome=outcome, note="Seen in the list.")
        unknown.refresh_from_db()
        assert (unknown.status, unknown.status_note) == (outcome, "Seen in the list.")

    def test_as_active_counts_from_the_call(self, lee: Client, unknown: Mitigation, clock) -> None:
        clock.move_to(NOW + timedelta(minutes=10))
        press(lee, unknown, "settle", outcome="active", note="It is there.")
        unknown.refresh_from_db()
        assert (unknown.started_at, unknown.ends_at) == (NOW, NOW + timedelta(minutes=60))

    def test_leaves_one_event_with_the_outcome(self, lee: Client, unknown: Mitigation) -> None:
        press(lee, unknown, "settle", outcome="refused", note="Not there.")
        assert deeds() == [("lee", "mitigation.settled", "done")]
        assert Event.objects.get().facts["status"] == "refused"

    @pytest.mark.parametrize("typed", [{"note": "Seen."}, {"outcome": "active"}, {"outcome": "ended", "note": "x"}])
    def test_needs_an_outcome_and_a_reason(self, typed: dict[str, str], lee: Client, unknown: Mitigation) -> None:
        assert press(lee, unknown, "settle", **typed).status_code == 422
        unknown.refresh_from_db()
        assert unknown.status == Status.UNKNOWN

    def test_keeps_what_was_typed_when_the_outcome_is_missing(self, lee: Client, unknown: Mitigation) -> None:
        assert Page(press(lee, unknown, "settle", note="Seen.")).typed == {"outcome": "", "note": "Seen."}

    def test_keeps_what_was_chosen_when_the_reason_is_missing(self, lee: Client, unknown: Mitigation) -> None:
        assert Page(press(lee, unknown, "settle", outcome="stopped")).typed == {"outcome": "stopped", "note": ""}

    def test_is_refused_to_whoever_asked(self, cast: Cast) -> None:
        both = make_person("both", ["requester", "approver"])
        own = make_mitigation(Status.UNKNOWN, requested_by=both)
        client = browser_of(both)
        assert press(client, own, "settle", outcome="active", note="Mine.").status_code == 403
        own.refresh_from_db()
        assert own.status == Status.UNKNOWN

    def test_is_done_once(self, lee: Client, kim: Client, unknown: Mitigation) -> None:
        press(lee, unknown, "settle", outcome="refused", note="Not there.")
        assert press(kim, unknown, "settle", outcome="active", note="There.").status_code == 409
        unknown.refresh_from_db()
        assert unknown.status == Status.REFUSED


def record(client: Client, mitigation: Mitigation, **typed: str) -> Any:
    return client.post(f"/mitigations/{mitigation.reference}/stop/?record=1", typed)


class TestRecordingAStop:
    @pytest.mark.parametrize("who", ["dana", "lee"])
    def test_keeps_who_saw_it(self, who: str, signed_in, active: Mitigation) -> None:
        record(signed_in(who), active, note="Stopped it in Kentik.")
        active.refresh_from_db()
        assert (active.status, active.closed_at) == (Status.STOPPED, NOW)
        assert deeds() == [(who, "mitigation.stopped", "done")]

    def test_needs_a_note(self, lee: Client, active: Mitigation) -> None:
        assert record(lee, active).status_code == 422
        active.refresh_from_db()
        assert active.status == Status.ACTIVE

    def test_says_that_the_portal_sends_nothing(self, lee: Client, active: Mitigation) -> None:
        assert "The portal sends nothing" in look(lee, active, "stop").main.text

    def test_is_not_possible_before_it_runs(self, lee: Client, pending: Mitigation) -> None:
        answer = record(lee, pending, note="Stopped.")
        assert answer.status_code == 409
        assert Page(answer).typed == {"note": "Stopped."}


DEEDS = {
    "approve": Status.PENDING,
    "reject": Status.PENDING,
    "withdraw": Status.PENDING,
    "settle": Status.UNKNOWN,
    "stop": Status.ACTIVE,
}
MAY = {"approve": {"lee", "kim"}, "reject": {"lee", "kim"}, "settle": {"lee", "kim"}, "withdraw": {"dana"}}
MAY_NOT = [
    (who, deed)
    for deed in DEEDS
    for who in ("dana", "lee", "ana", "max", "eve")
    if who not in MAY.get(deed, {"dana", "lee", "kim"})
]


@pytest.mark.parametrize(("who", "deed"), MAY_NOT)
class TestWhoeverMayNot:
    def test_changes_nothing_by_trying(self, who: str, deed: str, signed_in) -> None:
        mitigation = make_mitigation(DEEDS[deed])
        before, decisions = mitigation_rows(), Decision.objects.count()
        answer = press(signed_in(who), mitigation, deed, note="Please.", outcome="active")
        assert answer.status_code == 403
        assert (mitigation_rows(), Decision.objects.count()) == (before, decisions)


@pytest.mark.parametrize("who", ["dana", "eve"])
def test_whoever_tries_to_approve_without_the_right_is_remembered(who: str, signed_in, pending: Mitigation) -> None:
    press(signed_in(who), pending, "approve")
    assert deeds(pending.reference) == [(who, "mitigation.approved", "refused")]


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("reference", ["MIT-99999", "MIT-0", "MIT-", "mit-1x", "MIT-" + "9" * 19])
def test_a_reference_that_names_nothing_is_not_found(reference: str, deed: str, signed_in) -> None:
    who = signed_in("dana" if deed == "withdraw" else "lee")
    assert who.get(f"/mitigations/{reference}/{deed}/").status_code == 404


class TestWhereATeamMustApprove:
    @pytest.fixture
    def security(self, cast: Cast) -> Team:
        """lee is in it, and kim is not."""
        team = Team.objects.create(name="Security")
        team.members.set([cast.lee])
        return team

    @pytest.fixture
    def theirs(self, security: Team) -> Mitigation:
        return make_mitigation(target="203.0.113.7/32", approving_team=security)

    def test_a_member_approves(self, lee: Client, theirs: Mitigation) -> None:
        press(lee, theirs, "approve")
        theirs.refresh_from_db()
        assert theirs.status == Status.APPROVED

    def test_nobody_else_does(self, kim: Client, theirs: Mitigation) -> None:
        answer = press(kim, theirs, "approve", note="Me.")
        assert (answer.status_code, Decision.objects.count()) == (403, 0)
        assert "Only approvals by Security count for this request." in Page(answer).alarms[0]
        assert Page(answer).typed == {"note": "Me."}

    def test_others_see_so_before_pressing(self, kim: Client, theirs: Mitigation) -> None:
        page = look(kim, theirs, "approve")
        assert "Only approvals by Security count" in page.alarms[0]
        assert "disabled" in page.main.all("button")[0].attributes

    def test_others_are_offered_to_reject_only(self, kim: Client, theirs: Mitigation) -> None:
        assert look(kim, theirs).buttons == ["Reject …"]
        press(kim, theirs, "reject", note="No.")
        theirs.refresh_from_db()
        assert theirs.status == Status.REJECTED

    def test_it_waits_for_members_only(self, lee: Client, kim: Client, theirs: Mitigation) -> None:
        waits = [theirs.target in Page(client.get("/approvals/")).main.text for client in (lee, kim)]
        assert waits == [True, False]

    def test_the_page_says_whose_approval_is_missing(self, signed_in, theirs: Mitigation) -> None:
        now = look(signed_in("ana"), theirs).all(class_="now")[0].text
        assert "Waits for 1 more approval of 1 by Security." in now


def test_a_request_that_nobody_had_to_agree_to_says_so(signed_in, cast: Cast) -> None:
    mitigation = make_mitigation(approvals_needed=0)
    Mitigation.objects.filter(pk=mitigation.pk).update(status=Status.APPROVED, approved_at=NOW)
    page = look(signed_in("ana"), mitigation)
    assert "Nobody had to agree; the worker sends it next." in page.main.text


class TestTheQueue:
    def targets(self, client: Client) -> list[str]:
        return [card.all("span", class_="mono")[0].text for card in Page(client.get("/approvals/")).all("article")]

    def test_shows_the_oldest_first(self, lee: Client, cast: Cast) -> None:
        made = [make_mitigation(target=f"203.0.113.{last}/32") for last in (9, 4, 7)]
        assert self.targets(lee) == [mitigation.target for mitigation in made]

    def test_shows_only_what_is_pending(self, lee: Client, cast: Cast) -> None:
        make_mitigation(target="203.0.113.1/32")
        for number, status in enumerate(set(Status) - {Status.PENDING}, start=2):
            make_mitigation(status, target=f"203.0.113.{number}/32")
        assert self.targets(lee) == ["203.0.113.1/32"]

    def test_leaves_out_what_this_person_asked_for(self, cast: Cast) -> None:
        both = make_person("both", ["requester", "approver"])
        make_mitigation(requested_by=both)
        client = browser_of(both)
        assert self.targets(client) == []

    def test_leaves_out_what_this_person_has_decided(self, lee: Client, kim: Client, cast: Cast) -> None:
        pending = make_mitigation(approvals_needed=2)
        press(lee, pending, "approve")
        assert (self.targets(lee), self.targets(kim)) == ([], [pending.target])

    def test_shows_reason_findings_and_rule(self, lee: Client, cast: Cast) -> None:
        make_mitigation(pairing=make_pairing(widens_to_24=True), reason="The shop is down.")
        text = Page(lee.get("/approvals/")).all("article")[0].text
        assert "The shop is down." in text
        assert "Look closely" in text
        assert "Needs 1 approval by somebody else." in text

    def test_says_so_when_nothing_waits(self, lee: Client) -> None:
        assert "Nothing waits for you." in Page(lee.get("/approvals/")).main.text

    def test_is_counted_beside_its_name_in_the_menu(self, lee: Client, cast: Cast) -> None:
        for _ in range(3):
            make_mitigation()
        page = Page(lee.get("/"))
        assert [badge.text for badge in page.all("nav")[0].all(class_="badge")] == ["3 waiting"]
        assert page.all(class_="awaiting")[0].text == "3 waiting for you"
