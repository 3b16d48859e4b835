"""Deciding, withdrawing and stopping by the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.authority import Scope
from audit.models import Event
from mitigations.models import Decision, Mitigation, StopOrder
from mitigations.policies.lifecycle import Status
from tests.api.calling import Caller, terms
from tests.making import make_mitigation, make_pairing, make_token
from tests.people import Cast
from tests.views.facts import deeds

pytestmark = pytest.mark.django_db
Calls = Callable[..., Caller]


def test_approves_what_another_asked_for_and_the_worker_sends_it(calls: Calls, cast: Cast) -> None:
    row = make_mitigation()
    answer = calls("lee").post(f"/mitigations/{row.reference}/approve", {"note": " Seen. "})

    assert (answer.status, answer.body["status"]) == (202, "approved")
    decision = Decision.objects.get()
    assert (decision.verdict, decision.note, decision.decided_by.username) == ("approve", "Seen.", "lee")
    assert Event.objects.get(subject=row.reference).sentence.startswith("lee, by the token “soar-")


def test_needs_no_body_to_say_nothing(calls: Calls, cast: Cast) -> None:
    approved, withdrawn = make_mitigation(requested_by=cast.dana), make_mitigation(requested_by=cast.dana)
    statuses = (
        calls("lee").send("POST", f"/mitigations/{approved.reference}/approve").status,
        calls("dana").send("POST", f"/mitigations/{withdrawn.reference}/withdraw").status,
        calls("ana").send("POST", "/audit/verification").status,
    )

    assert statuses == (202, 200, 202)
    assert {each.status for each in Mitigation.objects.all()} == {Status.APPROVED, Status.WITHDRAWN}


def test_says_when_more_must_agree(calls: Calls, cast: Cast) -> None:
    row = make_mitigation(approvals_needed=2)
    answer = calls("lee").post(f"/mitigations/{row.reference}/approve")

    assert (answer.status, answer.body["status"], answer.body["approvals_missing"]) == (200, "pending", 1)
    assert answer.body["may_be_approved_by"] == ["kim"]


class TestAnAutomationOfWhoeverAsked:
    """Whichever token, whichever way it was asked for: nobody's automation approves what they asked for."""

    @pytest.fixture
    def both(self, cast: Cast) -> Caller:
        """Dana has come to be an approver as well."""
        from django.contrib.auth.models import Group

        cast.dana.groups.add(Group.objects.get(name="approver"))
        return Caller(make_token(cast.dana, Scope.DECIDE, Scope.READ).text)

    @pytest.mark.parametrize("deed", ["approve", "reject"])
    def test_decides_on_nothing_that_was_asked_for_by_hand(self, both: Caller, cast: Cast, deed: str) -> None:
        row = make_mitigation(requested_by=cast.dana)
        answer = both.post(f"/mitigations/{row.reference}/{deed}", {"note": "Mine."})

        assert (answer.status, answer.codes) == (403, ["own"])
        assert not Decision.objects.exists()
        assert deeds(row.reference)[-1][2] == "refused"

    def test_decides_on_nothing_that_another_token_of_theirs_asked_for(self, both: Caller, cast: Cast) -> None:
        other = Caller(make_token(cast.dana, Scope.ASK).text)
        reference = other.post("/mitigations", terms(make_pairing())).body["reference"]

        assert both.post(f"/mitigations/{reference}/approve").codes == ["own"]
        assert both.get("/approvals").body["items"] == []

    def test_counts_once_however_many_tokens_there_are(self, calls: Calls, cast: Cast) -> None:
        row = make_mitigation(approvals_needed=2)
        first, second = calls("lee"), calls("lee")
        first.post(f"/mitigations/{row.reference}/approve")
        answer = second.post(f"/mitigations/{row.reference}/approve")

        assert (answer.status, answer.codes) == (409, ["decided-already"])
        assert Decision.objects.count() == 1


class TestTheQueue:
    def test_shows_what_waits_with_the_word_that_approving_takes(self, calls: Calls, cast: Cast) -> None:
        row, lee = make_mitigation(), calls("lee")
        [item] = lee.get("/approvals").body["items"]

        assert (item["mitigation"]["reference"], item["approvals_missing"]) == (row.reference, 1)
        answer = lee.post(f"/mitigations/{row.reference}/approve", {"shown": item["shown"]})
        assert answer.status == 202

    def test_takes_no_approval_of_what_was_not_shown(self, calls: Calls, cast: Cast) -> None:
        row, lee = make_mitigation(target="203.0.113.7/32"), calls("lee")
        [item] = lee.get("/approvals").body["items"]
        make_mitigation(Status.ACTIVE, target="203.0.113.0/28")
        answer = lee.post(f"/mitigations/{row.reference}/approve", {"shown": item["shown"]})

        assert (answer.status, answer.codes) == (409, ["changed"])
        [item] = lee.get("/approvals").body["items"]
        assert [each["code"] for each in item["appeared"]] == ["overlap"]

    def test_asks_the_database_a_constant_number_of_times(
        self, calls: Calls, cast: Cast, django_assert_num_queries: Any
    ) -> None:
        lee, counts = calls("lee"), []
        lee.get("/me")
        for start in (0, 2):
            for number in range(10 * start + 2):
                make_mitigation(target=f"203.0.113.{start * 50 + number}/32")
            with django_assert_num_queries(QUERIES_OF_THE_QUEUE):
                counts.append(len(lee.get("/approvals").body["items"]))
        assert counts == [2, 24]


QUERIES_OF_THE_QUEUE = 15


def test_rejects_with_a_reason(calls: Calls, cast: Cast) -> None:
    row, lee = make_mitigation(), calls("lee")

    assert lee.post(f"/mitigations/{row.reference}/reject", {"note": "  "}).codes == ["note-needed"]
    assert lee.post(f"/mitigations/{row.reference}/reject").codes == ["shape"]
    assert lee.post(f"/mitigations/{row.reference}/reject", {"note": "No."}).body["status"] == "rejected"


def test_withdraws_what_its_owner_asked_for(calls: Calls, cast: Cast) -> None:
    row, dana = make_mitigation(), calls("dana")

    assert dana.post(f"/mitigations/{row.reference}/withdraw").body["status"] == "withdrawn"
    again = dana.post(f"/mitigations/{row.reference}/withdraw")
    assert (again.status, again.codes) == (409, ["withdrawn-already"])


def test_says_when_the_portal_cannot_have_it_stopped(calls: Calls, cast: Cast) -> None:
    row = make_mitigation(Status.ACTIVE)
    answer = calls("dana").post(f"/mitigations/{row.reference}/stop", {"note": "Over."})

    assert (answer.status, answer.codes) == (409, ["not-here"])
    assert not StopOrder.objects.exists()


@pytest.mark.parametrize("deed", ["approve", "reject", "withdraw", "stop"])
def test_knows_no_other_reference(calls: Calls, cast: Cast, deed: str) -> None:
    name = {"withdraw": "dana", "stop": "dana"}.get(deed, "lee")

    assert calls(name).post(f"/mitigations/MIT-999999/{deed}", {"note": "x"}).status == 404


def test_leaves_the_same_rows_and_events_as_the_page(calls: Calls, signed_in: Any, cast: Cast) -> None:
    one, other = make_mitigation(), make_mitigation()
    calls("lee").post(f"/mitigations/{one.reference}/approve", {"note": "Seen."})
    signed_in("lee").post(f"/mitigations/{other.reference}/approve/", {"note": "Seen."})

    rows = Mitigation.objects.order_by("pk").values("status", "approved_at", "status_note", "closed_at")
    assert rows[0] == rows[1]
    decisions = Decision.objects.order_by("pk").values("verdict", "note", "decided_by", "decided_at")
    assert decisions[0] == decisions[1]
    by_token, by_hand = (Event.objects.get(subject=each.reference) for each in (one, other))
    assert (by_token.facts, by_token.deed, by_token.actor) == (by_hand.facts, by_hand.deed, by_hand.actor)
