"""What alerts lead to, and what they never do."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.models import User
from audit.models import Event, Item
from mitigations.models import KentikView, Mitigation, Notice, Proposal
from mitigations.policies.alerts import LONGEST_KEY, Kind, Places, Proof
from mitigations.policies.lifecycle import Status
from mitigations.selectors.kentik import is_look_due
from mitigations.services import approvals, notices, proposing, sources
from tests.alerting import ALARM, MITIGATION, UUID, Detector, ban, shown_by
from tests.api.calling import Caller
from tests.making import NOW, make_mitigation, make_protected, make_rule, make_rulebook, make_source, make_token
from tests.people import Cast, acting, make_cast
from tests.views.facts import deeds, everything_but_the_log

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def fnm(cast: Cast) -> Detector:
    return Detector(make_source())


@pytest.fixture
def kentik(cast: Cast) -> Detector:
    return Detector(make_source("kentik", kind=Kind.KENTIK, proof=Proof.SECRET))


class TestTheStartOfAnAttack:
    def test_asks_in_the_owner_s_name_and_waits_for_people(self, fnm: Detector, cast: Cast) -> None:
        answer = fnm.send(ban())
        made = Mitigation.objects.get()

        assert (answer.status, answer.body["mitigation"], answer.body["outcome"]) == (201, made.reference, "proposed")
        assert answer.headers["Location"] == f"/api/v1/mitigations/{made.reference}"
        assert (made.status, made.target, made.minutes) == (Status.PENDING, "203.0.113.7/32", 60)
        assert (made.requested_by, made.approvals_needed) == (cast.dana, 1)
        assert made.reason == (
            "The source “edge-fnm” (FastNetMon) reports an attack. In its words: “type: udp_flood, protocol: udp, "
            f"severity: middle, packets/s in: 282472”. It calls it {UUID}."
        )

    def test_is_told_in_the_log_by_whom_and_through_what(self, fnm: Detector) -> None:
        fnm.send(ban())
        event = Event.objects.latest("number")
        facts = json.loads(event.body)

        assert (facts["actor_name"], facts["through"], facts["deed"]) == (
            "dana",
            "the source “edge-fnm”",
            "mitigation.asked",
        )
        assert facts["facts"]["preset"] == "Shop host under UDP flood"

    def test_is_kept_as_a_notice(self, fnm: Detector) -> None:
        fnm.send(ban())
        notice = Notice.objects.get()

        assert (notice.outcome, notice.key, notice.mitigation) == ("proposed", UUID, Mitigation.objects.get())
        assert json.loads(notice.body) == ban()

    def test_needs_an_approval_where_a_rule_asks_people_for_none(self, fnm: Detector) -> None:
        make_rulebook(make_rule("the NOC answers for it", when=(), approvals=0))
        fnm.send(ban())

        made = Mitigation.objects.get()
        assert (made.status, made.approvals_needed) == (Status.PENDING, 1)
        assert made.rule == "Needs 1 approval, because no machine sends by itself (rule 1)."

    def test_needs_as_many_as_its_rule_says(self, fnm: Detector) -> None:
        make_rulebook(make_rule(when=(), approvals=2))
        fnm.send(ban())

        assert Mitigation.objects.get().approvals_needed == 2

    def test_is_never_approved_by_the_owner(self, fnm: Detector, cast: Cast) -> None:
        reference = fnm.send(ban()).body["mitigation"]
        cast.dana.groups.set(cast.lee.groups.all())
        with pytest.raises(Exception, match="Nobody may approve their own request"):
            approvals.approve(reference=reference, by=acting(cast.dana), note="", shown="", at=NOW)

        assert Mitigation.objects.get().status == Status.PENDING

    def test_is_told_of_each_mitigation_by_the_api(self, fnm: Detector, cast: Cast) -> None:
        reference, by_hand = fnm.send(ban()).body["mitigation"], make_mitigation(target="192.0.2.9/32").reference
        lee = Caller(make_token(cast.lee).text)
        told = {each["reference"]: each["source"] for each in lee.get("/mitigations").body["items"]}

        assert told == {reference: "edge-fnm", by_hand: None}
        assert lee.get(f"/mitigations/{reference}").body["source"] == "edge-fnm"


class TestOneAlert:
    def test_asks_once_however_often_it_is_sent(self, fnm: Detector, clock: time_machine.Traveller) -> None:
        first = fnm.send(ban())
        clock.shift(MINUTE)
        again = fnm.send(ban(), at=NOW + MINUTE)

        assert (first.status, again.status) == (201, 200)
        assert (again.body["outcome"], again.body["mitigation"]) == ("repeated", first.body["mitigation"])
        assert Mitigation.objects.count() == 1
        assert [each.outcome for each in Notice.objects.all()] == ["repeated", "proposed"]

    def test_asks_once_when_another_delivery_is_quicker_than_its_judgement(
        self, fnm: Detector, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = proposing._refusal

        def held_up(*said: Any) -> Any:
            monkeypatch.setattr(proposing, "_refusal", real)
            assert fnm.send({**ban(), "try": 1}).status == 201
            return real(*said)

        monkeypatch.setattr(proposing, "_refusal", held_up)
        answer = fnm.send({**ban(), "try": 2})

        assert (answer.status, answer.body["outcome"]) == (200, "repeated")
        assert answer.body["mitigation"] == Mitigation.objects.get().reference
        assert not Event.objects.filter(outcome="refused").exists()

    def test_asks_once_even_when_it_was_rejected(self, fnm: Detector, cast: Cast) -> None:
        reference = fnm.send(ban()).body["mitigation"]
        approvals.reject(reference=reference, by=acting(cast.lee), note="Not this one.", at=NOW)
        again = fnm.send({**ban(), "more": 1})

        assert (again.status, Mitigation.objects.count()) == (200, 1)
        assert "rejected" in again.body["sentence"]

    def test_of_two_sources_is_two_and_the_second_is_blocked(self, fnm: Detector) -> None:
        other = Detector(make_source("other"))
        reference = fnm.send(ban()).body["mitigation"]
        answer = other.send(ban())

        assert (answer.status, answer.codes) == (422, ["duplicate"])
        assert answer.body["findings"][0]["collides"] == reference


class TestASignedDelivery:
    def test_sent_twice_is_answered_the_same_and_does_nothing(self, fnm: Detector) -> None:
        first = fnm.send(ban())
        before = everything_but_the_log(), Event.objects.count()
        again = fnm.send(ban())

        assert (again.status, again.raw.content) == (201, first.raw.content)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert (everything_but_the_log(), Event.objects.count()) == before

    def test_that_was_refused_is_refused_the_same(self, fnm: Detector) -> None:
        first, again = fnm.send(ban("10.0.0.1")), fnm.send(ban("10.0.0.1"))

        assert (first.status, again.status) == (422, 422)
        assert first.body["findings"] == again.body["findings"]
        assert Notice.objects.count() == 1

    def test_that_was_cut_off_is_not_done_again_by_itself(self, fnm: Detector) -> None:
        fnm.send(ban())
        Notice.objects.update(outcome="")

        assert fnm.send(ban()).codes == ["call-under-way"]

    @pytest.mark.parametrize("minutes", [-6, 6])
    def test_of_another_time_is_refused(self, fnm: Detector, minutes: int) -> None:
        answer = fnm.send(ban(), at=NOW + minutes * MINUTE)

        assert (answer.status, answer.codes) == (401, ["signature-too-old"])
        assert not Notice.objects.exists()

    @pytest.mark.parametrize("change", ["body", "timestamp", "signature", "secret", "version"])
    def test_of_which_anything_was_changed_is_refused(self, fnm: Detector, change: str) -> None:
        body = json.dumps(ban()).encode()
        shown = shown_by(fnm.source, "bwh_x" if change == "secret" else fnm.secret, body, at=NOW)
        timestamp, signature = shown.values()
        if change == "timestamp":
            timestamp = str(int(timestamp) + 1)
        if change == "signature":
            signature = f"{signature[:-1]}{'0' if signature[-1] != '0' else '1'}"
        if change == "version":
            signature = signature.removeprefix("v1=")
        sent = body + b" " if change == "body" else body
        answer = fnm.send_body(sent, X_Breakwater_Timestamp=timestamp, X_Breakwater_Signature=signature)

        assert (answer.status, answer.codes) == (401, ["unknown-source"])
        assert not Notice.objects.exists()

    def test_is_not_replaced_by_sending_the_secret_along(self, fnm: Detector) -> None:
        assert fnm.send(ban(), Authorization=f"Bearer {fnm.secret}").status == 401


class TestAnIdempotencyKey:
    """As at any other POST, though an alert needs none."""

    def test_is_answered_the_same_when_it_is_signed_anew(self, fnm: Detector) -> None:
        first = fnm.send(ban(), idempotency_key="one")
        again = fnm.send(ban(), idempotency_key="one", at=NOW + MINUTE)

        assert (first.status, again.status) == (201, 201)
        assert again.raw.content == first.raw.content
        assert again.headers["Idempotency-Replayed"] == "true"
        assert (Mitigation.objects.count(), Notice.objects.count()) == (1, 1)

    def test_of_another_alert_is_refused_and_nothing_is_asked_for(self, fnm: Detector) -> None:
        fnm.send(ban(), idempotency_key="one")
        answer = fnm.send(ban("203.0.113.9", uuid="another"), idempotency_key="one")

        assert (answer.status, answer.codes) == (422, ["key-of-another-call"])
        assert [each.target for each in Mitigation.objects.all()] == ["203.0.113.7/32"]

    def test_is_each_source_s_own(self, fnm: Detector, kentik: Detector) -> None:
        fnm.send(ban(), idempotency_key="one")
        answer = kentik.send(ALARM, idempotency_key="one")

        assert answer.codes != ["key-of-another-call"]
        assert "Idempotency-Replayed" not in answer.headers


class TestTheDoor:
    def test_tells_a_wrong_secret_and_an_unknown_source_alike_and_keeps_no_row(self, kentik: Detector) -> None:
        wrong = Detector(kentik.source, "bwh_" + "x" * 43)
        before = everything_but_the_log(), Event.objects.count()
        answers = [wrong.send(ALARM)]
        sources.Source.objects.update(name="renamed")
        answers.append(wrong.send(ALARM))

        assert [each.status for each in answers] == [401, 401]
        assert {(*each.codes, each.body["detail"]) for each in answers} == {
            ("unknown-source", "There is no such source, or this is not its secret or its signature.")
        }
        assert (everything_but_the_log(), Event.objects.count()) == before

    def test_notes_on_the_source_that_somebody_came_with_a_wrong_secret(self, kentik: Detector) -> None:
        Detector(kentik.source, "bwh_" + "x" * 43).send(ALARM)
        kentik.source.refresh_from_db()

        assert (kentik.source.refused_at, kentik.source.refused_from) == (NOW, "127.0.0.1")

    def test_lets_nobody_in_before_the_secret_is_taken(self, cast: Cast) -> None:
        source = make_source("new", proof=Proof.SECRET)

        assert Detector(source, "bwh_" + "x" * 43).send(ban()).status == 401
        assert Detector(make_source("signs"), "x").send(ban()).status == 401

    def test_opens_to_a_source_alone(self, fnm: Detector, kentik: Detector) -> None:
        assert Detector(fnm.source, kentik.secret).send(ban()).status == 401

    def test_refuses_the_old_secret_once_another_was_taken(self, kentik: Detector) -> None:
        new = Detector(kentik.source)

        assert (kentik.send(ALARM).status, new.send(ALARM).status) == (401, 201)

    @pytest.mark.parametrize("query", ["?secret={}", "?{}"])
    def test_takes_no_secret_in_the_address(self, kentik: Detector, query: str) -> None:
        path = f"/api/v1/alerts/kentik{query.format(kentik.secret)}"
        answer = kentik.client.post(
            path, ALARM, "application/json", headers={"Authorization": f"Bearer {kentik.secret}"}
        )

        assert (answer.status_code, kentik.secret in answer.content.decode()) == (400, False)

    def test_is_shut_to_other_networks_which_is_one_event(self, cast: Cast) -> None:
        outside = Detector(make_source(networks=("192.0.2.0/24",)))
        answers = [outside.send(ban()), outside.send(ban(uuid="other"))]

        assert [(each.status, each.codes) for each in answers] == [(403, ["network"])] * 2
        assert deeds("the source “edge-fnm”")[-1] == ("dana", "source.used", "refused")
        assert [each[1] for each in deeds()].count("source.used") == 1
        assert not Notice.objects.exists()

    def test_turns_away_a_flood(self, fnm: Detector, settings: Any) -> None:
        settings.API_CALLS_PER_MINUTE = 2
        answers = [fnm.send(ban(uuid=str(number))).status for number in range(4)]

        assert answers == [201, 422, 429, 429]
        assert Notice.objects.count() == 2

    def test_turns_away_what_is_too_large_unread(self, fnm: Detector) -> None:
        answer = fnm.send_body(b" " * 70_000)

        assert (answer.status, answer.body["type"]) == (413, "urn:breakwater:problem:too-large")


class TestWhatMayNotBe:
    def test_is_refused_with_its_findings_and_recorded(self, fnm: Detector, cast: Cast) -> None:
        make_protected("203.0.113.7/32", owner=cast.max)
        answer = fnm.send(ban())
        notice = Notice.objects.get()

        assert (answer.status, answer.codes) == (422, ["protected"])
        assert (notice.outcome, notice.findings[0]["code"]) == ("blocked", "protected")
        assert deeds("203.0.113.7/32") == [("dana", "mitigation.asked", "refused")]
        assert not Mitigation.objects.exists()

    def test_is_recorded_once_an_hour_however_often_it_is_asked_for(
        self, fnm: Detector, clock: time_machine.Traveller
    ) -> None:
        for minutes in range(3):
            fnm.send(ban("10.0.0.1"), at=NOW + minutes * MINUTE)
            clock.shift(MINUTE)

        assert Notice.objects.filter(outcome="blocked").count() == 3
        assert len(deeds("10.0.0.1/32")) == 1

    def test_is_asked_for_when_it_may_be(self, fnm: Detector, cast: Cast) -> None:
        protected = make_protected("203.0.113.7/32", owner=cast.max)
        refused = fnm.send(ban())
        protected.delete()
        answer = fnm.send({**ban(), "again": True})

        assert (refused.status, answer.status) == (422, 201)

    def test_is_what_the_preset_is_not_made_for(self, fnm: Detector) -> None:
        answer = fnm.send(ban("198.51.100.9"))

        assert (answer.status, answer.codes) == (422, ["preset"])
        assert "is for targets inside 203.0.113.0/24" in answer.body["detail"]

    @pytest.mark.parametrize("lost", ["role", "account"])
    def test_is_whatever_an_owner_asks_who_may_not_any_more(self, fnm: Detector, cast: Cast, lost: str) -> None:
        cast.dana.groups.clear() if lost == "role" else User.objects.filter(pk=cast.dana.pk).update(is_active=False)
        answer = fnm.send(ban())

        assert (answer.status, answer.codes) == (403, ["owner"])
        assert deeds("203.0.113.7/32") == [("dana", "mitigation.asked", "refused")]
        assert Item.objects.filter(number=Event.objects.latest("number").number).exists()
        assert Notice.objects.get().outcome == "forbidden"

    def test_is_anything_by_a_source_that_is_off(self, fnm: Detector, cast: Cast) -> None:
        sources.switch_off(name="edge-fnm", by=acting(cast.max), at=NOW)
        answer = fnm.send(ban())

        assert (answer.status, answer.codes) == (403, ["switched-off"])
        assert not Mitigation.objects.exists()
        assert Notice.objects.get().outcome == "forbidden"

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"a": NaN}', b"[" * 60_000, b'{"action": "ban"}'])
    def test_is_what_cannot_be_read(self, fnm: Detector, body: bytes) -> None:
        answer = fnm.send_body(body)

        assert answer.status in {200, 422}
        assert Notice.objects.get().outcome in {"unreadable", "ignored"}
        assert not Mitigation.objects.exists()


class TestTheEnd:
    def test_stops_nothing(self, fnm: Detector) -> None:
        reference = fnm.send(ban()).body["mitigation"]
        before = Mitigation.objects.values().get()
        answer = fnm.send(ban(action="unban"))

        assert (answer.status, answer.body["outcome"], answer.body["mitigation"]) == (200, "ended", reference)
        assert Mitigation.objects.values().get() == before
        assert [each.outcome for each in Notice.objects.all()] == ["ended", "proposed"]

    def test_of_what_was_never_told_is_noted(self, kentik: Detector) -> None:
        answer = kentik.send({**ALARM, "IsActive": False, "CurrentState": "clear"})

        assert (answer.status, answer.body["mitigation"]) == (200, None)


class TestWhatKentikTellsOfAMitigation:
    def test_has_the_worker_look_and_changes_nothing_itself(self, kentik: Detector, settings: Any) -> None:
        settings.KENTIK_V6 = True
        mitigation = make_mitigation(Status.ACTIVE, target="203.0.113.7/32", at=NOW - 60 * MINUTE, minutes=240)
        KentikView.objects.create(tried_at=NOW - 11 * timedelta(seconds=1), listed_at=NOW)
        assert not is_look_due(at=NOW)
        answer = kentik.send(MITIGATION)

        assert (answer.status, answer.body["outcome"]) == (202, "stirred")
        assert is_look_due(at=NOW)
        mitigation.refresh_from_db()
        assert mitigation.status == Status.ACTIVE

    def test_is_noted_however_long_its_number_is(self, kentik: Detector) -> None:
        answer = kentik.send({**MITIGATION, "MitigationID": "x" * 300})

        assert (answer.status, answer.body["outcome"]) == (202, "stirred")
        assert len(Notice.objects.get().key) == LONGEST_KEY

    def test_however_often_it_comes_is_one_look_in_ten_seconds(self, kentik: Detector, settings: Any) -> None:
        settings.KENTIK_V6 = True
        KentikView.objects.create(tried_at=NOW - timedelta(seconds=5), listed_at=NOW)
        for number in range(20):
            kentik.send({**MITIGATION, "MitigationID": number})

        assert not is_look_due(at=NOW + timedelta(seconds=4))
        assert is_look_due(at=NOW + timedelta(seconds=5))
        KentikView.objects.update(tried_at=NOW + timedelta(seconds=5))
        assert not is_look_due(at=NOW + timedelta(seconds=16))

    def test_wakes_nobody_while_kentik_refuses_its_v6(self, kentik: Detector, settings: Any) -> None:
        settings.KENTIK_V6 = True
        KentikView.objects.create(tried_at=NOW - MINUTE, refused_at=NOW - MINUTE, refusal="No.")
        kentik.send(MITIGATION)

        assert not is_look_due(at=NOW)

    def test_is_noted_alone_without_v6(self, kentik: Detector) -> None:
        answer = kentik.send(MITIGATION)

        assert (answer.status, "Without Kentik's mitigation API (V6)" in answer.body["sentence"]) == (202, True)
        assert not KentikView.objects.exists()


def test_any_json_is_read_by_pointers(cast: Cast) -> None:
    places = Places(target="/host/addr~1ess", key="/id", words="/what", when="/state", holds="firing")
    detector = Detector(make_source("grafana", kind=Kind.JSON, places=places))
    said = {"id": 4711, "host": {"addr/ess": "203.0.113.9"}, "what": "Too much\nUDP", "state": "firing"}
    over = detector.send({**said, "state": "resolved"})
    made = detector.send(said)

    assert (over.status, over.body["sentence"]) == (200, "Its /state is “resolved”, not “firing”.")
    assert made.status == 201
    assert "In its words: “Too much UDP”. It calls it 4711." in Mitigation.objects.get().reason


class TestNotices:
    def test_hold_no_secret_and_no_more_than_fits(self, kentik: Detector) -> None:
        kentik.send({**ALARM, "note": kentik.secret, "zeroes": "0" * 20_000})
        notice = Notice.objects.get()

        assert kentik.secret not in notice.body
        assert (notice.is_cut, len(notice.body) <= notices.LARGEST) == (True, True)

    def test_go_after_a_month_and_beyond_a_thousand(
        self, fnm: Detector, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(notices, "MOST", 3)
        for number in range(5):
            fnm.send(ban(uuid=str(number)), at=NOW + number * 4 * MINUTE)
            clock.shift(4 * MINUTE)
        # The one of 8 minutes before the last could still come again.
        assert list(Notice.objects.values_list("key", flat=True)) == ["4", "3", "2"]
        clock.shift(notices.KEPT_FOR)
        fnm.send(ban(), at=timezone.now())

        assert Notice.objects.count() == 1
        assert Proposal.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_deliveries_of_one_alert_at_the_same_moment_make_one_request(transactional_db: None) -> None:
    make_cast()
    source = make_source()
    secret, start, answers = Detector(source).secret, threading.Barrier(4), []

    def deliver(number: int) -> None:
        try:
            start.wait(20)
            answers.append(Detector(source, secret).send({**ban(), "try": number}))
        finally:
            connection.close()

    threads = [threading.Thread(target=deliver, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(each.status for each in answers) == [200, 200, 200, 201]
    assert len({each.body["mitigation"] for each in answers}) == 1
    assert (Mitigation.objects.count(), Proposal.objects.count()) == (1, 1)
